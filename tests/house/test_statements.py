"""The number of SQL statements does not grow with the number of rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office, domains_searched, make_contact, many_users
from tests.journeys.browser import Browser
from webapp.config import Limits, Settings
from webapp.db import begin_writing
from webapp.lifecycle import operation
from webapp.models import Outcome, Purpose, State, Verb
from webapp.searching import selection
from webapp.searching.selection import Criteria
from webapp.times import now

Statements = Callable[[], AbstractContextManager[Sequence[str]]]
FIXED = (
    "/",
    "/help",
    "/password",
    "/users/",
    "/users/erase-deleted/",
    "/activity",
    "/reports/users",
    "/reports/sign-ins",
    "/reports/users?csv=1",
    "/billing",
)
SEARCHED = (
    ("/users/", "Search for users"),
    ("/users/erase-deleted/", "Search for deleted users"),
    ("/users/restore-deleted/", "Search for deleted users"),
)
MOST = 9  # statements of any page, who is signed in and what they may do included


def test_pages_say_as_much_for_many_users_as_for_few(
    web: Client, session: Session, office: Office, statements: Statements
) -> None:
    make_contact(session, office.rosa, office.london)
    few = said(web, office, statements)
    for state in (State.LIVE, State.ARCHIVED, State.DELETED):
        many_users(session, office.london, 120, state)
    many = said(web, office, statements)
    assert few == many
    assert max(many.values()) <= MOST


def said(web: Client, office: Office, statements: Statements) -> dict[str, int]:
    """The number of statements by page."""
    web.sign_in("rosa.admin")
    counted = {}
    for path in (*FIXED, f"/billing/{office.london.id}/2025-05"):
        with statements() as spoken:
            web.get(path)
        counted[path] = len(spoken)
    for path, button in SEARCHED:
        browser = Browser(web, htmx=False)
        browser.visit(path)
        browser.press(button)
        with statements() as spoken:
            browser.visit(browser.url)
        counted[f"{path}<selection>"] = len(spoken)
    return counted


@pytest.mark.parametrize("verb", Verb)
def test_an_operation_says_as_much_for_a_thousand_users_as_for_ten(
    session: Session, office: Office, statements: Statements, verb: Verb
) -> None:
    assert performed(session, office, statements, verb, 10) == performed(
        session, office, statements, verb, 1000
    )


def performed(
    session: Session, office: Office, statements: Statements, verb: Verb, number: int
) -> int:
    """Freeze and perform an operation on so many users; the number of statements."""
    before = {
        Verb.ARCHIVE: State.LIVE,
        Verb.REACTIVATE: State.ARCHIVED,
        Verb.DELETE: State.ARCHIVED,
    }.get(verb, State.DELETED)
    purpose = {Verb.ERASE: Purpose.ERASE, Verb.RESTORE: Purpose.RESTORE}.get(verb, Purpose.MANAGE)
    many_users(session, office.dublin, number, before)
    session.commit()
    begin_writing(session)
    chosen = selection.make(
        session, office.priya.account_id, purpose, Criteria("number", (office.dublin.id,)), now()
    )
    domains = domains_searched(session, chosen)
    with statements() as spoken:
        frozen = operation.freeze(
            session, verb, chosen, domains, now(), Limits(5000, Settings().limits.lifetime)
        )
        done = operation.perform(session, office.priya.account_id, frozen.id, now())
        session.commit()
    assert (done.outcome, done.number) == (Outcome.PERFORMED, number)
    session.execute(select(1))
    return len(spoken)
