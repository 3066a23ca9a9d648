"""Billed months, against the simplest model there is: a set of months."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tests.factories import a_domain, a_user
from webapp.billing import queries
from webapp.lifecycle import billed
from webapp.models import Account, BilledSpan, Domain

YEARS = [date(year, month, 1) for year in range(2021, 2026) for month in range(1, 13)]

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


@given(several=st.lists(st.tuples(lives, st.booleans()), min_size=1, max_size=3))
@on_one_database
def test_billing_counts_an_account_once_in_every_month_in_which_it_was_live(
    session: Session, london: Domain, several: list[tuple[list[int], bool]]
) -> None:
    session.rollback()  # what the example before has left, also where it failed
    months = {erased: Counter[date]() for erased in (False, True)}
    for place, (life, erased) in enumerate(several):
        account_id = a_stranger(session, london, place)
        ended = life[: len(life) // 2 * 2] if erased else life  # who is erased is not live
        model = lived(session, account_id, ended)
        assert_spans(session, account_id, model)
        months[erased].update(model)
        if erased:
            erase(session, account_id, london)
    statistics = queries.statistics(session, [london.id], YEARS)
    for month in YEARS:
        total, erased_of = months[False][month] + months[True][month], months[True][month]
        assert statistics.accounts[london.id, month] == total
        assert statistics.erased[london.id, month] == erased_of
        assert queries.counted(session, london.id, month) == (total, erased_of)


def a_stranger(session: Session, domain: Domain, place: int) -> int:
    """Make a user who has never been live on the platform."""
    account_id = a_user(session, domain, user_name=f"user.{place}").account_id
    session.execute(delete(BilledSpan).where(BilledSpan.account_id == account_id))
    return account_id


def erase(session: Session, account_id: int, domain: Domain) -> None:
    """Keep only numbers of this account; every count by domain and month stays as it was."""
    which = select(Account.id).where(Account.id == account_id)
    domains = select(Domain.id).where(Domain.id == domain.id)
    before = billed.totals(session, which, domains)
    billed.keep_numbers(session, which)
    session.execute(delete(BilledSpan).where(BilledSpan.account_id == account_id))
    assert billed.totals(session, which, domains) == before


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
