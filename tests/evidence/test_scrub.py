"""Scrubbing: what deleted rows leave in the bytes of the files is gone afterwards."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, create_engine, delete, select, text
from sqlalchemy.orm import Session

from tests.conftest import Client, Runner
from tests.evidence.left import erase_all, left_in_files
from tests.factories import Office, many_users
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


def test_who_does_not_own_the_tables_is_told_and_nothing_is_marked(
    erased: None, engine: Engine, session: Session
) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("whoever can write to the file owns it")
    role = "console_without_rights"
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
        connection.exec_driver_sql(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    try:
        other = create_engine(engine.url.set(username=role))
        with pytest.raises(Refused, match="does not let us see who is connected") as refused:
            scrub(other, TODAY, 1, print)
        assert "docs/operations.md" in refused.value.next_step
        with engine.begin() as connection:
            connection.exec_driver_sql(f"GRANT pg_monitor TO {role}")
        with pytest.raises(Refused, match="does not let us do this: CLUSTER"):
            scrub(other, TODAY, 1, print)
        other.dispose()
        assert session.scalars(select(Receipt.scrubbed_on)).all() == [None]
    finally:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP OWNED BY {role}")
            connection.exec_driver_sql(f"DROP ROLE {role}")


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
