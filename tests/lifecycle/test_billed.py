"""Billed months, against the simplest model there is: a set of months."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import a_domain
from webapp.billing import queries
from webapp.lifecycle import billed
from webapp.models import Account, BilledSpan, Domain, State

YEARS = [date(year, month, 1) for year in range(2021, 2026) for month in range(1, 13)]
AT = datetime(2020, 1, 1, tzinfo=UTC)

# The life of an account: it becomes live, stops, becomes live again, and so on.
# Each number says how many months after the step before.
lives = st.lists(st.integers(0, 3), max_size=12)
on_one_database = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def london(session: Session) -> Domain:
    made = a_domain(session, "Northwind London")
    session.commit()  # each example rolls back what it did
    return made


@given(
    several=st.lists(
        st.tuples(lives, st.sampled_from([State.ARCHIVED, State.ERASED])), min_size=1, max_size=3
    )
)
@on_one_database
def test_billing_counts_an_account_once_in_every_month_in_which_it_was_live(
    session: Session, london: Domain, several: list[tuple[list[int], State]]
) -> None:
    session.rollback()  # what the example before has left, also where it failed
    months = {State.ARCHIVED: Counter[date](), State.ERASED: Counter[date]()}
    for life, state in several:
        account_id = an_account(session, london, state)
        model = lived(session, account_id, life)
        assert_spans(session, account_id, model)
        months[state].update(model)
    statistics = queries.statistics(session, [london.id], YEARS)
    for month in YEARS:
        total, erased = (
            months[State.ARCHIVED][month] + months[State.ERASED][month],
            months[State.ERASED][month],
        )
        assert (statistics.accounts[london.id, month], statistics.erased[london.id, month]) == (
            total,
            erased,
        )
        assert queries.counted(session, london.id, month) == (total, erased)


def an_account(session: Session, domain: Domain, state: State) -> int:
    """Make an account that has never been live; its state says whether it counts as erased."""
    account = Account(domain_id=domain.id, state=state, created_at=AT, since=AT)
    session.add(account)
    session.flush()
    return account.id


def lived(session: Session, account_id: int, life: Sequence[int]) -> set[date]:
    """Live this life in the database; return the months in which the account was live.

    One still live is so up to the end of YEARS.
    """
    model: set[date] = set()
    which, place, began = select(Account.id).where(Account.id == account_id), 0, None
    for gap in life:
        place += gap
        if began is None:
            billed.begin(session, which, YEARS[place])
            began = place
        else:
            billed.end(session, which, YEARS[place])
            model.update(YEARS[began : place + 1])
            began = None
    return model if began is None else model.union(YEARS[began:])


def assert_spans(session: Session, account_id: int, model: set[date]) -> None:
    """See that the spans are the months of the model, and never share a month nor touch."""
    spans = session.execute(
        select(BilledSpan.first_month, BilledSpan.last_month)
        .where(BilledSpan.account_id == account_id)
        .order_by(BilledSpan.first_month)
    ).all()
    places = [(YEARS.index(first), YEARS.index(last or YEARS[-1])) for first, last in spans]
    assert {month for first, last in places for month in YEARS[first : last + 1]} == model
    assert all(following - ended > 1 for (_, ended), (following, _) in pairwise(places))
