"""What an error says is neither logged nor shown: it may hold what a row holds."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import PASSWORD, Office, erased
from tests.journeys.browser import Browser
from webapp.models import Person

SECRET = "Key (user_name_key)=(farah.haddad) already exists."
NEW = "a new long password"


@contextmanager
def listening(target: Any, name: str, listener: Any) -> Iterator[None]:
    event.listen(target, name, listener)
    try:
        yield
    finally:
        event.remove(target, name, listener)


@contextmanager
def failing_at(engine: Engine, start: str) -> Iterator[None]:
    """Let the first statement that starts like this fail, and say what stood in a row."""
    failed: list[str] = []

    def fail(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith(start) and not failed:
            failed.append(statement)
            raise ValueError(SECRET)

    with listening(engine, "before_cursor_execute", fail):
        yield
    assert failed, f"nothing was said that starts with {start}"


@contextmanager
def failing_to_commit(tests_own: Session) -> Iterator[None]:
    """Let the application's next COMMIT fail, as a deferred constraint would make it."""
    failed: list[Session] = []

    def fail(which: Session) -> None:
        if which is not tests_own and not failed:
            failed.append(which)
            raise ValueError(SECRET)

    with listening(Session, "before_commit", fail):
        yield
    assert failed


@pytest.fixture
def at_the_pop_up(web: Client, office: Office) -> Browser:
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.fill(keyword="farah")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    return browser


def told(browser: Browser, caplog: pytest.LogCaptureFixture) -> bool:
    assert browser.status == 500
    assert (
        "The fault is ours. If you have just pressed a button, look whether that was done"
        in browser.text
    )
    return "farah" in (caplog.text + browser.text).casefold()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE operation",
        "UPDATE event",
        "INSERT INTO erased_span",
        "DELETE FROM attribute_value",
        "DELETE FROM person",
        "DELETE FROM account",
        "INSERT INTO event",
    ],
)
def test_an_error_in_the_middle_of_an_erasure_changes_and_tells_nothing(
    at_the_pop_up: Browser,
    engine: Engine,
    session: Session,
    office: Office,
    caplog: pytest.LogCaptureFixture,
    statement: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    with failing_at(engine, statement):
        at_the_pop_up.press("Erase 1 user", within="#popup")
    assert not told(at_the_pop_up, caplog)
    session.commit()
    assert not erased(session)
    assert "farah.حداد" in session.scalars(select(Person.user_name)).all()


def test_an_error_as_an_erasure_is_committed_changes_and_tells_nothing(
    at_the_pop_up: Browser, session: Session, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    session.commit()
    with failing_to_commit(session):
        at_the_pop_up.press("Erase 1 user", within="#popup")
    assert not told(at_the_pop_up, caplog)
    headers = at_the_pop_up.headers
    assert (headers["Cache-Control"], "default-src" in headers["Content-Security-Policy"]) == (
        "no-store",
        True,
    )
    session.commit()
    assert not erased(session)


def test_an_error_while_a_page_is_drawn_tells_nothing(
    web: Client, engine: Engine, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    with failing_at(
        engine, "SELECT person.account_id, person.display_name, person.user_name, sign_in_session"
    ):
        browser.visit("/users/")
    assert not told(browser, caplog)


def test_after_an_error_the_same_can_be_done_again(
    at_the_pop_up: Browser, engine: Engine, office: Office
) -> None:
    before = at_the_pop_up.soup
    with failing_at(engine, "DELETE FROM person"):
        at_the_pop_up.press("Erase 1 user", within="#popup")
    at_the_pop_up.soup = before
    at_the_pop_up.press("Erase 1 user", within="#popup")
    assert "1 user has been erased." in at_the_pop_up.text


def test_a_password_change_that_fails_changes_nothing(
    web: Client, engine: Engine, session: Session, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser, before = Browser(web, htmx=False), office.priya.password_hash
    browser.sign_in("priya.contact")
    browser.visit("/password")
    browser.fill(present=PASSWORD, new=NEW, again=NEW)
    with failing_at(engine, "INSERT INTO event"):
        browser.press("Change password")
    assert not told(browser, caplog)
    session.expire_all()
    assert session.get_one(Person, office.priya.account_id).password_hash == before
    assert NEW not in caplog.text + browser.text
