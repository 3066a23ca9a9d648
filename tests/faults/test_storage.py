"""What the disk, the clock and the network can do to an erasure: a sentence, and all or nothing."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, text, update
from sqlalchemy.orm import Session

from tests.conftest import Client, engine_of
from tests.evidence.conftest import freeze
from tests.factories import Office, erased, many_users
from tests.faults.test_killed import decided, everything
from tests.journeys.browser import Browser
from tests.web.test_busy import impatient, written_elsewhere
from tests.web.test_unfit import BUSY, UNUSABLE, beside, only_on
from webapp import create_app
from webapp.config import Settings
from webapp.db import begin_writing, log_emptied
from webapp.evidence.ledger import LEDGERS
from webapp.lifecycle import operation
from webapp.models import Account, BilledSpan, Outcome, State, Verb
from webapp.times import now
from webapp.turns import Turns

__all__ = ["impatient"]  # a fixture
LOOK = "look whether that was done before you press it again"
LEDGER = "The ledger, in which every erasure is written down, cannot be read or written."


@pytest.fixture
def priya(web: Client, office: Office) -> Browser:
    """Have Priya before a pop-up on everyone whom she may erase."""
    browser = Browser(web, htmx=False)
    at_the_pop_up(browser)
    return browser


def at_the_pop_up(browser: Browser) -> None:
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")


def erase(browser: Browser) -> None:
    browser.press("Erase 7 users", within="#popup")


def tried_again(browser: Browser, session: Session, engine: Engine) -> None:
    """Confirm the same list: it is performed, or has been."""
    at_the_pop_up(browser)
    erase(browser)
    assert "7 users have been erased." in browser.text
    assert erased(session) == 7
    decided(engine, session)


def test_a_ledger_whose_disk_is_full_says_so(
    session: Session, engine: Engine, priya: Browser
) -> None:
    def full(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA max_page_count=1")

    event.listen(LEDGERS[engine].engine, "connect", full)
    erase(priya)
    event.remove(LEDGERS[engine].engine, "connect", full)
    assert LEDGER in priya.text
    assert erased(session) == 0
    tried_again(priya, session, engine)


def test_a_full_disk_is_said_and_nothing_has_changed(
    session: Session, office: Office, engine: Engine, database_url: str, tmp_path: Path
) -> None:
    """The disk is full for a process of its own, after 400 kilobytes of any file."""
    only_on(engine, "sqlite")
    many_users(session, office.london, 3000)
    before = {name: rows for name, rows in everything(session).items() if name == "person"}
    reading, writing = os.pipe()
    if not os.fork():
        try:
            app = create_app(Settings(database_url=database_url, instance_path=str(tmp_path)))
            with Session(engine_of(app)) as own:
                browser = Browser(Client(app, own), htmx=False)
                at_the_pop_up(browser)
                browser.fill(number="3007")
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                most = 400 * 1024
                resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
                browser.press("Erase 3,007 users", within="#popup")
                os.write(writing, browser.text.encode())
        finally:
            os._exit(0)
    os.close(writing)
    said = os.read(reading, 10_000).decode()
    os.close(reading)
    os.wait()
    assert UNUSABLE in said
    assert erased(session) == 0
    assert {"person": everything(session)["person"]} == before
    decided(engine, session)


def test_a_database_that_can_only_be_read_says_so(
    anew: Callable[..., Flask], session: Session, engine: Engine, database_url: str, priya: Browser
) -> None:
    session.commit()
    if engine.dialect.name == "sqlite":
        path = database_url.removeprefix("sqlite:///")
        priya.web.app = anew(database_url=f"sqlite:///file:{path}?mode=ro&uri=true")
    else:
        with beside(database_url) as connection:
            name = engine.url.database
            only = f"ALTER DATABASE {name} SET default_transaction_read_only = on"
            connection.execute(text(only))
        engine.dispose()
    erase(priya)
    assert UNUSABLE in priya.text
    assert erased(session) == 0
    assert LEDGERS[engine].entries() == []


def test_a_database_that_others_write_to_for_too_long_says_so(
    session: Session, engine: Engine, priya: Browser, impatient: Turns
) -> None:
    session.commit()
    with written_elsewhere(engine):
        erase(priya)
    assert BUSY in priya.text
    tried_again(priya, session, engine)


def test_a_ledger_that_others_write_to_for_too_long_says_so(
    session: Session, engine: Engine, priya: Browser
) -> None:
    ledger = LEDGERS[engine]
    ledger.engine.connect().close()  # makes the file
    with ledger.engine.connect() as other:
        other.execution_options(writes=True).begin()
        erase(priya)
    assert BUSY in priya.text
    assert erased(session) == 0
    tried_again(priya, session, engine)


def test_a_damaged_file_says_so_and_is_not_written(
    session: Session, engine: Engine, priya: Browser
) -> None:
    only_on(engine, "sqlite")
    root = session.scalar(text("SELECT rootpage FROM sqlite_master WHERE name = 'billed_span'"))
    size = session.scalar(text("PRAGMA page_size"))
    session.commit()
    assert log_emptied(engine)
    engine.dispose()
    file = Path(str(engine.url.database))
    whole = file.read_bytes()
    start = (root - 1) * size
    file.write_bytes(whole[:start] + b"\xff" * size + whole[start + size :])
    erase(priya)
    assert UNUSABLE in priya.text
    assert LOOK in priya.text
    session.rollback()
    engine.dispose()
    file.write_bytes(whole)
    tried_again(priya, session, engine)


@pytest.mark.parametrize("last", [3, 12, 25, 40, "commit"])
def test_a_connection_that_is_lost_in_the_middle_says_so_and_it_can_be_tried_again(
    session: Session, engine: Engine, database_url: str, priya: Browser, last: int | str
) -> None:
    only_on(engine, "postgresql")
    session.commit()
    before = everything(session)
    with lost(engine, database_url, last):
        erase(priya)
    assert UNUSABLE in priya.text
    assert LOOK in priya.text
    for table in ("account", "person", "event", "receipt", "billed_span", "erased_span"):
        assert everything(session)[table] == before[table]
    decided(engine, session)
    tried_again(priya, session, engine)


class lost:  # noqa: N801  # reads as a statement: with lost(…)
    """Let PostgreSQL end the connection before a statement, or before the commit."""

    def __init__(self, engine: Engine, database_url: str, last: int | str) -> None:
        self.engine, self.url, self.last, self.said = engine, database_url, last, 0

    def __enter__(self) -> None:
        event.listen(self.engine, "before_cursor_execute", self.statement)
        event.listen(self.engine, "commit", self.commit)

    def __exit__(self, *_error: object) -> None:
        event.remove(self.engine, "before_cursor_execute", self.statement)
        event.remove(self.engine, "commit", self.commit)

    def statement(self, _connection: Any, cursor: Any, *_rest: Any) -> None:
        self.said += 1
        if self.said == self.last:
            self.end(cursor.connection)

    def commit(self, connection: Any) -> None:
        if self.last == "commit":
            self.last = ""
            self.end(connection.connection.dbapi_connection)

    def end(self, connection: Any) -> None:
        with beside(self.url) as other:
            pid = {"pid": connection.info.backend_pid}
            other.execute(text("SELECT pg_terminate_backend(:pid, 1000)"), pid)


@pytest.mark.parametrize("back", [timedelta(minutes=5), timedelta(days=400)], ids=str)
def test_a_clock_that_is_set_back_changes_neither_billing_nor_the_chain(
    session: Session, office: Office, engine: Engine, back: timedelta
) -> None:
    """Erase after the clock was set back, before the day on which they were deleted."""
    for keyword, at in (("farah", now()), ("hana", now() - back)):
        list_id = freeze(session, office.priya.account_id, keyword)
        begin_writing(session)
        done = operation.perform(session, office.priya.account_id, list_id, at)
        assert done.outcome is Outcome.PERFORMED
        session.commit()
    assert erased(session) == 2
    decided(engine, session)


def test_who_is_archived_before_they_came_is_billed_for_the_month_in_which_they_came(
    session: Session, office: Office
) -> None:
    anna = office.live(office.london)[0].account_id
    coming = (now() + timedelta(days=62)).date().replace(day=1)
    of_anna = BilledSpan.account_id == anna
    session.execute(update(BilledSpan).where(of_anna).values(first_month=coming))
    session.commit()
    begin_writing(session)
    reference = office.live(office.london)[0].reference
    limits = Settings().limits
    frozen = operation.freeze_one(
        session, Verb.ARCHIVE, office.priya.account_id, reference, now(), limits
    )
    done = operation.perform(session, office.priya.account_id, frozen.id, now())
    assert done.outcome is Outcome.PERFORMED
    session.commit()
    assert session.get_one(Account, anna).state is State.ARCHIVED
