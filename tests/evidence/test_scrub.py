"""Scrubbing: what deleted rows leave in the bytes of the files is gone afterwards."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, NullPool, create_engine, delete, select, text
from sqlalchemy.orm import Session

from tests.conftest import Client, Runner
from tests.evidence.left import erase_all, left_in_files
from tests.factories import Office, many_users
from webapp.db import Base
from webapp.errors import Refused
from webapp.evidence.scrub import scrub
from webapp.models import Receipt

TODAY = date(2026, 11, 25)


@pytest.fixture
def erased(web: Client, session: Session, office: Office) -> None:
    """Erase 300 deleted users of London."""
    many_users(session, office.london, 300)
    session.commit()
    erase_all(web, "user number", 300)


def test_nothing_is_left_in_the_files_once_they_are_scrubbed(
    erased: None, engine: Engine, session: Session
) -> None:
    said: list[str] = []
    assert left_in_files(engine, "user.000042") or engine.dialect.name == "sqlite"
    assert scrub(engine, TODAY, 5, said.append) == 1
    assert left_in_files(engine, *(f"user.{n:06}" for n in range(400))) == []
    assert session.scalars(select(Receipt.scrubbed_on)).all() == [TODAY]
    assert said[0].startswith("It takes up to ")


def test_a_receipt_is_marked_once(erased: None, engine: Engine, session: Session) -> None:
    scrub(engine, TODAY, 5, print)
    assert scrub(engine, date(2026, 12, 1), 5, print) == 0
    assert session.scalars(select(Receipt.scrubbed_on)).all() == [TODAY]


def test_a_reader_who_still_sees_those_erased_is_waited_for_and_then_named(
    web: Client, engine: Engine, session: Session, office: Office
) -> None:
    session.commit()
    other = create_engine(engine.url, isolation_level="SERIALIZABLE")
    with other.connect() as reader:
        reader.execute(text("SELECT count(*) FROM domain")).all()
        erase_all(web, "farah", 1)
        with pytest.raises(Refused, match=r"Somebody is reading|A transaction that began earlier"):
            scrub(engine, TODAY, 0.3, print)
        assert session.scalars(select(Receipt.scrubbed_on)).all() == [None]
    other.dispose()
    session.rollback()
    assert scrub(engine, TODAY, 5, print) == 1


def test_a_table_in_use_is_waited_for_and_then_named(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite locks the whole database")
    with engine.connect() as other:
        other.exec_driver_sql("SELECT count(*) FROM person").all()  # its lock stays, its view goes
        with pytest.raises(Refused, match="Somebody is using person"):
            scrub(engine, TODAY, 0.3, print)


def test_the_order_of_events_is_gone(erased: None, engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite keeps rows in the order of their keys anyway")
    scrub(engine, TODAY, 5, print)
    with engine.connect() as connection:
        ids = connection.exec_driver_sql("SELECT id FROM event ORDER BY ctid").scalars().all()
    assert ids == sorted(ids)


def test_each_right_that_is_missing_is_named_and_those_of_the_manual_suffice(
    erased: None, engine: Engine, session: Session
) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("whoever can write to the file owns it")
    role, database = "console_without_rights", engine.url.database
    tables = [table.name for table in Base.metadata.sorted_tables]
    steps = {
        "see who is connected": [f"GRANT pg_monitor TO {role}"],
        "do this: CLUSTER": [f'ALTER TABLE "{table}" OWNER TO {role}' for table in tables],
        "write pg_statistic anew": [f"ALTER DATABASE {database} OWNER TO {role}"],
        "do this: CHECKPOINT": [f"GRANT pg_checkpoint TO {role}"],
        r"do this: SELECT pg_switch_wal\(\)": [
            f"GRANT EXECUTE ON FUNCTION pg_switch_wal() TO {role}"
        ],
    }
    say(engine, f"CREATE ROLE {role} LOGIN", f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    other = create_engine(engine.url.set(username=role), poolclass=NullPool)
    try:
        for missing, given in steps.items():
            with pytest.raises(Refused, match=missing) as refused:
                scrub(other, TODAY, 2, print)
            assert "docs/operations.md" in refused.value.next_step
            assert session.scalars(select(Receipt.scrubbed_on)).all() == [None]
            session.rollback()
            say(engine, *given)
        assert scrub(other, TODAY, 2, print) == 1
    finally:
        session.rollback()
        say(engine, f"REASSIGN OWNED BY {role} TO postgres", f"DROP OWNED BY {role}")
        say(engine, f"DROP ROLE {role}")


def say(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_the_command_says_what_it_did(erased: None, runner: Runner) -> None:
    done = runner.invoke(args=["erasure", "scrub"])
    assert done.exit_code == 0
    assert "Scrubbed. Receipts marked: 1." in done.output


def test_a_scrub_that_was_interrupted_can_be_done_again(
    erased: None, engine: Engine, session: Session
) -> None:
    def interrupt(_said: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scrub(engine, TODAY, 5, interrupt)
    assert session.scalars(select(Receipt.scrubbed_on)).all() == [None]
    session.rollback()
    assert scrub(engine, TODAY, 5, print) == 1


def test_the_finder_sees_what_is_in_the_files(engine: Engine, session: Session) -> None:
    """Show that the tests above could fail: a row that is deleted by hand is found."""
    session.execute(delete(Receipt))
    session.add(Receipt(reference="zqxfindme", number=1))
    session.commit()
    session.execute(delete(Receipt))
    session.commit()
    if engine.dialect.name == "postgresql":
        assert left_in_files(engine, "zqxfindme") != []
    scrub(engine, TODAY, 5, print)
    assert left_in_files(engine, "zqxfindme") == []
