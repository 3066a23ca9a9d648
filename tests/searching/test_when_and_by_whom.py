"""Users are found by when they were deleted or last signed in, and by who deleted them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.factories import (
    Office,
    a_search,
    a_sign_in,
    a_user,
    domains_searched,
    events_about,
)
from webapp.events import Recorded, record
from webapp.models import Account, Person, Purpose, State
from webapp.searching import selection
from webapp.searching.criteria import problem_with
from webapp.times import now

DAYS_AGO = {"Yesterday": 1, "Thirty Days": 30, "A Month": 32, "Eleven Months": 340, "Years": 800}


def found(session: Session, office: Office, purpose: Purpose, asked: dict[str, Any]) -> set[str]:
    made = a_search(session, office.priya.account_id, purpose, {"keyword": "leaver"} | asked)
    rows = selection.results(session, made, domains_searched(session, made), 1, 50).rows
    return {row.display_name.removesuffix(" Leaver") for row in rows}


@pytest.mark.parametrize(
    ("when", "names"),
    [
        ("30-days", {"Yesterday", "Thirty Days"}),
        ("year", {"Years"}),
        ("", set(DAYS_AGO)),
    ],
)
def test_users_deleted_a_while_ago_are_found(
    session: Session, office: Office, when: str, names: set[str]
) -> None:
    for name, days in DAYS_AGO.items():
        since = now() - timedelta(days=days)
        a_user(session, office.london, f"{name} Leaver", state=State.DELETED, since=since)
    for purpose in (Purpose.ERASE, Purpose.RESTORE):
        asked = {"since_when": when} if when else {}
        assert found(session, office, purpose, asked) == names


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"last_sign_in_when": "30-days"}, {"Yesterday", "Thirty Days"}),
        ({"last_sign_in_when": "year"}, {"Years"}),
        ({"last_sign_in_when": "never"}, {"Never"}),
        ({"last_sign_in_when": "or_never"}, {"Years", "Never"}),
        ({"last_sign_in_from": 33}, {"Yesterday", "Thirty Days", "A Month"}),
        ({"last_sign_in_to": 32}, {"A Month", "Eleven Months", "Years"}),
        ({"last_sign_in_from": 400, "last_sign_in_to": 31}, {"A Month", "Eleven Months"}),
    ],
)
@pytest.mark.parametrize("purpose", Purpose)
def test_users_are_found_by_their_last_sign_in(
    session: Session, office: Office, purpose: Purpose, asked: dict[str, Any], names: set[str]
) -> None:
    """Each signed in long before as well."""
    state = State.LIVE if purpose is Purpose.MANAGE else State.DELETED
    a_user(session, office.london, "Never Leaver", state=state)
    for name, days in DAYS_AGO.items():
        person = a_user(session, office.london, f"{name} Leaver", state=state)
        for ago in (days, 900):
            a_sign_in(session, person, now() - timedelta(days=ago))
    days_asked = {
        field: (now() - timedelta(days=value)).date().isoformat()
        if isinstance(value, int)
        else value
        for field, value in asked.items()
    }
    assert found(session, office, purpose, days_asked) == names


def test_a_while_ago_and_dates_exclude_each_other() -> None:
    asked = {"since_when": "year", "since_to": "2025-05-20"}
    assert problem_with(asked) == "Choose when it was, or enter dates, but not both."


def delete_by(session: Session, office: Office, name: str, *actors: Person | None) -> Person:
    """Make a user who was deleted by these, the last one as the present state began."""
    person = a_user(session, office.london, f"{name} Leaver", state=State.DELETED)
    for place, actor in enumerate(reversed(actors)):
        at = now() - timedelta(days=10 * place)
        record(
            session,
            Recorded.DELETE,
            at,
            actor_id=actor.account_id if actor else None,
            subject_id=person.account_id,
            domain_id=office.london.id,
        )
        if place == 0:
            mine = Account.id == person.account_id
            session.execute(update(Account).where(mine).values(since=at))
    return person


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("Owen", {"By Owen", "By Rosa, Then Owen"}),
        ("contact, OWEN", {"By Owen", "By Rosa, Then Owen"}),
        ("owen.contact@example.org", {"By Owen", "By Rosa, Then Owen"}),
        ("rosa", set()),
        ("owen rosa", set()),
        ("leaver", set()),
        ("contact", {"By Owen", "By Rosa, Then Owen", "By Priya"}),
    ],
)
def test_users_are_found_by_who_deleted_them_last(
    session: Session, office: Office, typed: str, names: set[str]
) -> None:
    delete_by(session, office, "By Owen", office.owen)
    delete_by(session, office, "By Rosa, Then Owen", office.rosa, office.owen)
    delete_by(session, office, "By Priya", office.priya)
    delete_by(session, office, "By The Command Line", None)
    a_user(session, office.london, "Imported Leaver", state=State.DELETED)
    another = a_user(session, office.london, "Long Ago Leaver", state=State.DELETED)
    events_about(session, office.london, [another.account_id], now())
    assert found(session, office, Purpose.ERASE, {"deleted_by": typed}) == names
