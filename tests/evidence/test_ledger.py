"""What the ledger holds: every erasure, before it is committed, and nothing that somebody wrote."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, LargeBinary, delete, event, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.conftest import Client, Runner
from tests.evidence.conftest import Erase, freeze
from tests.factories import Office, erased
from tests.journeys.browser import Browser
from tests.together import at_once
from webapp.db import begin_writing
from webapp.errors import LedgerUnreachable
from webapp.evidence import chain
from webapp.evidence.chain import Kind, entries
from webapp.evidence.ledger import LEDGERS, Ledger, known, lost
from webapp.evidence.replay import Standing, standing
from webapp.lifecycle import operation
from webapp.models import Account, Outcome, PerformedEntry, Person, Receipt, ReceiptLine
from webapp.times import now

NOT_PERFORMED = "User operation not performed"


def kinds(ledger: Ledger) -> list[tuple[int, str, int]]:
    return [(row.about, row.kind, row.number) for row in ledger.entries()]


def test_an_erasure_is_written_with_its_keys_only_and_marked_when_it_is_done(
    session: Session, office: Office, erase: Erase, ledger: Ledger
) -> None:
    people = office.deleted(office.london) + office.deleted(office.dublin)
    ids = [person.account_id for person in people]
    keys = set(session.scalars(select(Account.key).where(Account.id.in_(ids))))
    erase()
    assert kinds(ledger) == [(0, "erasure", 7), (1, "done", 0)]
    assert set(ledger.keys(1)) == keys
    assert ledger.keys(1) == sorted(keys)
    (entry,) = session.scalars(select(PerformedEntry))
    assert (entry.position, entry.entry_hash) == (1, ledger.entries()[0].hash.hex())
    assert session.get_one(Receipt, entry.receipt_id).number == 7


def test_it_is_safe_on_the_disk_before_the_commit(
    session: Session, office: Office, erase: Erase, ledger: Ledger, engine: Engine
) -> None:
    """At the moment of the commit another connection reads it."""
    seen: list[Any] = []
    with ledger.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL

    def look(_connection: Any) -> None:
        seen.append(kinds(ledger))

    freeze(session, office.priya.account_id)
    event.listen(engine, "commit", look)
    try:
        erase()
    finally:
        event.remove(engine, "commit", look)
    assert [(0, "erasure", 7)] in seen
    assert seen[-1] == [(0, "erasure", 7)]


def test_no_column_takes_what_somebody_wrote(ledger_too: Ledger) -> None:
    ledger_too.write(Kind.ERASURE, now().date(), keys=bytes(16))
    for column in entries.c:
        words = b"Farah" if isinstance(column.type, LargeBinary) else "Farah"
        statement = text(f"UPDATE ledger_entry SET {column.name} = :words")
        with ledger_too.engine.connect() as connection, pytest.raises(DBAPIError):
            connection.execute(statement, {"words": words})


@pytest.fixture
def ledger_too(request: pytest.FixtureRequest, engine: Engine, tmp_path: Path) -> Ledger:
    """A ledger on a database of each kind: the test's own kind."""
    if engine.dialect.name == "sqlite":
        return Ledger(f"sqlite:///{tmp_path / 'other.sqlite'}", timedelta(days=1))
    return Ledger(engine.url.render_as_string(hide_password=False), timedelta(days=1))


def test_keys_go_when_the_last_backup_that_holds_them_does(ledger_too: Ledger) -> None:
    today = now().date()
    ledger_too.write(Kind.ERASURE, today - timedelta(days=3), keys=bytes(32))
    ledger_too.write(Kind.ERASURE, today - timedelta(days=1), keys=bytes(16))
    ledger_too.write(Kind.ERASURE, today, keys=bytes(16))
    assert [row.has_keys for row in ledger_too.entries()] == [False, True, True]
    assert chain.first_misfit(ledger_too.entries_with_keys()) is None


def test_what_is_said_of_an_entry_is_said_once(ledger_too: Ledger) -> None:
    ledger_too.write(Kind.ERASURE, now().date())
    for _ in range(2):
        ledger_too.write(Kind.DONE, now().date(), about=1)
    assert kinds(ledger_too) == [(0, "erasure", 0), (1, "done", 0)]


CHANGES = {
    "the number": update(entries).where(entries.c.position == 3).values(number=0, account_keys=b""),
    "a key": update(entries).where(entries.c.position == 3).values(account_keys=bytes(16)),
    "the day": update(entries).where(entries.c.position == 3).values(day=20200101),
    "the mark": update(entries).where(entries.c.position == 4).values(kind="void"),
    "one taken out": delete(entries).where(entries.c.position == 3),
}


def test_the_first_entry_that_was_tampered_with_is_named(
    runner: Runner, erase: Erase, ledger: Ledger
) -> None:
    for name in ("farah", "hana", "niamh"):
        erase(name)
    assert "holds 3 erasures, and every" in runner.invoke(args=["erasure", "verify"]).output
    assert ledger.file
    whole = ledger.file.read_bytes()
    for what, change in CHANGES.items():
        with ledger.engine.begin() as connection:
            connection.execute(change)
        done = runner.invoke(args=["erasure", "verify"])
        position = 4 if what == "the mark" else 3
        named = f"Entry {position} of the ledger does not fit" in done.output
        assert (what, done.exit_code, named) == (what, 1, True)
        ledger.file.write_bytes(whole)


def test_entries_cut_off_at_the_end_are_missed_by_the_database(
    runner: Runner, erase: Erase, ledger: Ledger
) -> None:
    erase("farah")
    erase("hana")
    with ledger.engine.begin() as connection:
        connection.execute(delete(entries).where(entries.c.position > 2))
    done = runner.invoke(args=["erasure", "verify"])
    assert "has performed entry 3 of the ledger, which the ledger lacks" in done.output


@pytest.mark.parametrize("what", ["its number", "a line"])
def test_a_receipt_that_was_tampered_with_is_named(
    runner: Runner, session: Session, erase: Erase, what: str
) -> None:
    erase("farah")
    receipt = session.scalars(select(Receipt)).one()
    if what == "its number":
        receipt.number = 0
    else:
        line = ReceiptLine.kind == Person.counted_as
        session.execute(update(ReceiptLine).where(line).values(number=0))
    done = runner.invoke(args=["erasure", "verify"])
    assert f"The receipt {receipt.reference} is not as it was" in done.output


def test_while_the_ledger_is_out_of_reach_nobody_is_erased_and_all_else_works(
    anew: Callable[..., Flask], session: Session, office: Office
) -> None:
    cut_off = anew(ledger="sqlite:////nowhere/ledger.sqlite")
    browser = Browser(Client(cut_off, session), htmx=False)
    refuse_to_erase(browser, "The ledger, in which every erasure is written down, cannot be read")
    assert erased(session) == 0
    browser.visit("/health")
    assert browser.status == 200
    browser.visit("/users/restore-deleted/")
    browser.press("Search for deleted users")
    browser.press("Restore", within="#results")
    browser.press("Restore 7 users", within="#popup")
    assert "7 users have been restored." in browser.text


def refuse_to_erase(browser: Browser, sentence: str) -> None:
    """Try to erase everyone whom Priya may, and read why not."""
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    browser.press("Erase 7 users", within="#popup")
    assert NOT_PERFORMED in browser.text
    assert sentence in browser.text
    assert "Nothing has changed" in browser.text


@pytest.mark.parametrize("htmx", [False, True])
def test_a_ledger_that_was_lost_refuses_until_another_is_accepted(
    web: Client, session: Session, office: Office, erase: Erase, ledger: Ledger, runner: Runner,
    htmx: bool,
) -> None:  # fmt: skip
    erase("farah")
    assert ledger.file
    ledger.file.unlink()
    browser = Browser(web, htmx=htmx)
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    browser.press("Erase 6 users", within="#popup")
    assert "it was lost, or is another one" in browser.text
    assert not ledger.file.exists()
    done = runner.invoke(args=["erasure", "accept-ledger"], input="y\n")
    assert "The ledger is accepted" in done.output
    erase("hana")
    assert kinds(ledger) == [(0, "erasure", 1), (1, "done", 0)]


def test_a_file_that_is_no_ledger_is_left_as_it_is(
    session: Session, office: Office, erase: Erase, ledger: Ledger
) -> None:
    assert ledger.file
    ledger.file.write_bytes(b"no database" * 1000)
    with pytest.raises(LedgerUnreachable):
        erase("farah")
    session.rollback()
    assert ledger.file.read_bytes() == b"no database" * 1000
    assert erased(session) == 0


def test_a_ledger_that_is_locked_or_read_only_refuses(
    session: Session, office: Office, ledger: Ledger, engine: Engine, erase: Erase
) -> None:
    erase("farah")
    file = ledger.file
    LEDGERS[engine] = Ledger(f"sqlite:///file:{file}?mode=ro&uri=true", timedelta(days=9))
    with pytest.raises(LedgerUnreachable):
        erase("hana")
    session.rollback()
    LEDGERS[engine] = ledger
    assert erased(session) == 1
    erase("hana")


@pytest.mark.parametrize("looked", [True, False], ids=["looked", "at once"])
def test_an_erasure_that_fails_after_it_was_written_is_void_and_can_be_tried_again(
    session: Session, office: Office, ledger: Ledger, engine: Engine, looked: bool
) -> None:
    """Also where it is tried again before anybody has looked."""
    actor_id = office.priya.account_id
    frozen = freeze(session, actor_id, "farah")

    def fail(_connection: Any) -> None:
        raise OSError("lost")

    begin_writing(session)
    operation.perform(session, actor_id, frozen, now())
    event.listen(engine, "commit", fail)
    try:
        with pytest.raises(OSError, match="lost"):
            session.commit()
    finally:
        event.remove(engine, "commit", fail)
        session.rollback()
    assert kinds(ledger) == [(0, "erasure", 1)]
    if looked:
        assert standing(engine, ledger) == Standing([], [])
        assert kinds(ledger) == [(0, "erasure", 1), (1, "void", 0)]
    begin_writing(session)
    assert operation.perform(session, actor_id, frozen, now()).outcome is Outcome.PERFORMED
    session.commit()
    assert standing(engine, ledger) == Standing([], [])
    again = 3 if looked else 2
    assert (again, "done", 0) in kinds(ledger)
    assert (1, "void", 0) in kinds(ledger)


def test_an_erasure_under_way_is_not_taken_for_one_that_was_killed(
    session: Session, office: Office, ledger: Ledger, engine: Engine
) -> None:
    actor_id = office.priya.account_id
    frozen = freeze(session, actor_id, "farah")
    seen: list[Any] = []

    def look(_connection: Any) -> None:
        if kinds(ledger) == [(0, "erasure", 1)]:
            seen.append(standing(engine, ledger))

    begin_writing(session)
    operation.perform(session, actor_id, frozen, now())
    event.listen(engine, "commit", look)
    try:
        session.commit()
    finally:
        event.remove(engine, "commit", look)
    assert [(found.missing, found.doubtful) for found in seen] == [([], [])]
    assert kinds(ledger) == [(0, "erasure", 1), (1, "done", 0)]


def test_erasures_at_once_are_written_one_after_the_other(
    session: Session, office: Office, ledger: Ledger, engine: Engine, runner: Runner
) -> None:
    actor_id = office.priya.account_id
    lists = [freeze(session, actor_id, name) for name in ("farah", "hana", "niamh", "oisin")]

    def perform(list_id: str) -> None:
        with Session(engine) as own:
            begin_writing(own)
            operation.perform(own, actor_id, list_id, now())
            own.commit()

    at_once(*(partial(perform, list_id) for list_id in lists))
    assert erased(session) == 4
    assert sorted(kind for _, kind, _ in kinds(ledger)) == ["done"] * 4 + ["erasure"] * 4
    assert "holds 4 erasures, and every" in runner.invoke(args=["erasure", "verify"]).output


def test_what_others_write_while_it_is_compared_is_not_lost(
    session: Session, office: Office, erase: Erase, ledger: Ledger
) -> None:
    erase("farah")
    there = ledger.entries()
    erase("hana")
    assert lost(ledger, there, known(session)) == []
    assert lost(ledger, there, known(session) | {7: "0" * 64}) == [7]
