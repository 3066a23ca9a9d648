"""What a search finds, counts, orders and pages, against the same written out in plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tests.factories import SINCE, Office, a_search, a_user, domains_searched
from webapp.models import Account, Domain, Grant, Person, Purpose, State, Tick
from webapp.models.folding import words_of
from webapp.permissions import domain_ids_of
from webapp.searching import selection, statements
from webapp.searching.criteria import Asked, problem_with
from webapp.searching.selection import Results
from webapp.searching.statements import ORDERS
from webapp.states import SEARCHES
from webapp.times import start_of

ODD = {
    "Percy 100% Sure": "percy_sure",
    "Percy 1000 Sure": "percyxsure",
    "Ann/Andy Slash": "ann/andy",
}
KEYWORDS = ["", "a", "ni", "an a", "sure", "0%", "y_s", "n/a", "nobody at all", "example.org"]
DAYS = [(SINCE.date() + timedelta(days=days)).isoformat() for days in (-1, 0, 1, 2, 3)]


def filled(**fields: Any) -> dict[str, Any]:
    """Leave out what is empty, as the form does."""
    return {field: value for field, value in fields.items() if value}


SEARCHED = st.builds(
    filled,
    keyword=st.sampled_from(KEYWORDS),
    state=st.sampled_from(["", State.LIVE, State.ARCHIVED]),
    since_from=st.sampled_from(["", *DAYS]),
    since_to=st.sampled_from(["", *DAYS]),
).filter(lambda asked: not problem_with(asked))
on_one_database = settings(
    deadline=None, max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(params=[statements.FEW, 1], ids=["few-found", "many-found"])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """How many are few: a larger number goes another way through the database."""
    monkeypatch.setattr(statements, "FEW", request.param)
    statements.few.cache_clear()
    yield
    statements.few.cache_clear()


@pytest.fixture
def platform(session: Session, office: Office) -> Office:
    """The office, with names that LIKE could misread, and several days, some at their start."""
    for name, user_name in ODD.items():
        for state in (State.LIVE, State.DELETED):
            a_user(session, office.london, name, user_name=f"{user_name}.{state}", state=state)
    for place, account in enumerate(session.scalars(select(Account).order_by(Account.id))):
        day = SINCE + timedelta(days=place % 4)
        account.since = start_of(day.date()) if place % 3 == 0 else day
    session.commit()
    return office


@given(
    purpose=st.sampled_from(Purpose),
    asked=SEARCHED,
    one_domain=st.booleans(),
    order=st.sampled_from([*ORDERS, *(f"-{order}" for order in ORDERS)]),
    page=st.integers(1, 4),
    size=st.integers(1, 9),
    all_ticked=st.booleans(),
    most=st.sampled_from([100, 0]),
)
@on_one_database
def test_a_search_finds_what_it_says(
    session: Session,
    platform: Office,
    few: None,
    purpose: Purpose,
    asked: dict[str, Any],
    one_domain: bool,
    order: str,
    page: int,
    size: int,
    all_ticked: bool,
    most: int,
) -> None:
    """Also where more are found than are kept, so that the search is made anew for every page."""
    if one_domain:
        asked = asked | {"domains": [platform.london.id]}
    made = a_search(session, platform.priya.account_id, purpose, asked, most)
    made.order = order
    selection.tick_all(session, made, ticked=all_ticked)
    differing = platform.users["Northwind London", SEARCHES[purpose].states[0]][0].account_id
    session.add(Tick(selection_id=made.id, account_id=differing))
    session.flush()
    session.refresh(made)  # as it is kept
    domains = domains_searched(session, made)
    try:
        found = selection.results(session, made, domains, page, size)
        rows = expected(session, platform, purpose, asked, made.order)
        ticks = [
            (account.id == differing) != all_ticked and account.id != made.account_id
            for _, account, _ in rows
        ]
        start = (min(page, max(1, -(-len(rows) // size))) - 1) * size
        names = [(person.user_name, tick) for (person, _, _), tick in zip(rows, ticks, strict=True)]
        assert plainly(found) == (len(rows), sum(ticks), names[start : start + size])
        ticked = [account for (_, account, _), tick in zip(rows, ticks, strict=True) if tick]
        assert set(session.execute(selection.chosen(made, domains)).all()) == {
            (account.id, account.domain_id) for account in ticked
        }
        assert selection.chosen_by_state(session, made, domains) == Counter(
            account.state for account in ticked
        )
    finally:
        session.rollback()


def test_a_domain_that_was_taken_away_is_no_longer_searched(
    session: Session, office: Office
) -> None:
    made = a_search(
        session,
        office.priya.account_id,
        Purpose.ERASE,
        {"domains": [office.london.id, office.dublin.id]},
    )
    session.execute(
        delete(Grant).where(
            Grant.account_id == office.priya.account_id, Grant.domain_id == office.london.id
        )
    )
    found = selection.results(session, made, domains_searched(session, made), 1, 50)
    assert {row.domain for row in found.rows} == {office.dublin.name}


def plainly(found: Results) -> tuple[int, int, list[tuple[str, bool]]]:
    return found.found, found.chosen, [(row.user_name, row.ticked) for row in found.rows]


def expected(
    session: Session, platform: Office, purpose: Purpose, asked: Asked, order: str
) -> list[tuple[Person, Account, Domain]]:
    """Everyone who is to be found, in order."""
    allowed = asked.get("domains") or domain_ids_of(
        session, platform.priya.account_id, SEARCHES[purpose].permission
    )
    joined = (
        select(Person, Account, Domain)
        .join(Account, Account.id == Person.account_id)
        .join(Domain, Domain.id == Account.domain_id)
    )
    rows = [
        (p, a, d)
        for p, a, d in session.execute(joined)
        if d.id in allowed and fits(p, a, purpose, asked)
    ]
    return sorted(
        rows,
        key=lambda row: (key_of(row, order.lstrip("-")), row[1].id),
        reverse=order.startswith("-"),
    )


def fits(person: Person, account: Account, purpose: Purpose, asked: Asked) -> bool:
    states = SEARCHES[purpose].states
    if asked.get("state") in states:
        states = (asked["state"],)
    day = account.since.date().isoformat()
    in_time = asked.get("since_from", day) <= day <= asked.get("since_to", day)
    return (
        account.state in states
        and in_time
        and all(word in person.search_text for word in words_of(asked.get("keyword", "")))
    )


def key_of(row: tuple[Person, Account, Domain], order: str) -> Any:
    person, account, domain = row
    keys = {
        "name": person.search_text,
        "user-name": person.user_name_key,
        "email": person.email,
        "domain": domain.name_key,
    }
    return keys.get(order) or {"state": account.state, "since": account.since}[order]
