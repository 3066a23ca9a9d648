"""The drill: it passes on a real database, and finds what a faulty erasure leaves behind."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.conftest import Runner
from tests.factories import Office, a_domain, a_search, a_user
from webapp.config import Limits
from webapp.db import Base
from webapp.evidence import cast as people
from webapp.evidence.receipt import NOT_CHECKED
from webapp.models import Attribute, Drill, Person, Purpose, Role
from webapp.models.personal import personal_tables

KEEP = {  # what a faulty platform would do: keep the address of whoever goes
    "sqlite": "CREATE TRIGGER keep BEFORE DELETE ON person "
    "BEGIN INSERT INTO copied VALUES (OLD.email); END",
    "postgresql": "CREATE RULE keep AS ON DELETE TO person "
    "DO ALSO INSERT INTO copied VALUES (OLD.email)",
}


def rows(session: Session) -> dict[str, list[str]]:
    """Return everything that the database holds about people, and their accounts."""
    session.rollback()
    tables = [*(model.__table__ for model in personal_tables()), Base.metadata.tables["account"]]
    return {
        table.name: sorted(str(tuple(row)) for row in session.execute(select(table)))
        for table in tables
    }


def counts(session: Session) -> list[int]:
    return [len(session.scalars(select(model.id)).all()) for model in (Attribute, Role)]


def test_the_drill_passes_and_leaves_nobody_and_nothing_of_its_own(
    runner: Runner, session: Session, engine: Engine, office: Office, tmp_path: Path
) -> None:
    """Begin after a drill that was killed half-way: those made up for it are cleared first."""
    kept = a_search(session, office.priya.account_id, Purpose.MANAGE, {"keyword": "anna"})
    found = kept.found
    session.commit()
    before, others = rows(session), counts(session)
    killed = people.make_cast(engine, Limits(100, timedelta(minutes=30)), str(tmp_path))
    people.live(killed)
    people.end(killed)
    assert rows(session) != before
    done = runner.invoke(args=["erasure", "drill"])
    assert done.exit_code == 0, done.output
    assert "Remains: 0, in " in done.output
    assert all(sentence in done.output for sentence in NOT_CHECKED)
    after = rows(session)
    assert (before.pop("selection"), after.pop("selection")) != ([], [])
    assert after == before
    assert counts(session) == others
    assert [each.remains for each in session.scalars(select(Drill))] == [0]
    session.expire_all()
    assert (kept.words, kept.found) == (None, found)  # as after every erasure


def test_the_drill_names_the_place_where_something_is_left(
    runner: Runner, session: Session, engine: Engine, office: Office
) -> None:
    session.commit()
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE copied (email TEXT)")
        connection.exec_driver_sql(KEEP[engine.dialect.name])
    done = runner.invoke(args=["erasure", "drill"])
    assert done.exit_code == 1
    assert "rows of copied.email" in done.output
    assert "The drill has not passed." in done.output
    assert session.scalars(select(Drill.remains)).one() > 0


def test_a_drill_refuses_where_somebody_else_belongs_to_its_domain(
    runner: Runner, session: Session, office: Office
) -> None:
    a_user(session, a_domain(session, people.NAME), "Ida Innocent")
    done = runner.invoke(args=["erasure", "drill"])
    assert done.exit_code == 1
    assert "Somebody else belongs to the domain" in done.output
    assert session.scalar(select(Person).filter_by(user_name="ida.innocent")) is not None
