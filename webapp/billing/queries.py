"""Billing statistics, as SQL.

An account counts once in every month from the first to the last of its span. How many count in a month is then how many spans began
up to it, less how many ended before it: two counts by domain and month, read from indexes, whatever the number of months shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.db import without_index
from webapp.models import Account, BilledSpan, Person, State

Month = InstrumentedAttribute[date] | InstrumentedAttribute[date | None]
Counted = Counter[tuple[int, date]]  # accounts by domain and month


@dataclass(frozen=True)
class Statistics:
    """Accounts by domain and month, and how many of them have been erased since; `totals` over all domains shown."""

    accounts: Counted = field(default_factory=Counter)
    erased: Counted = field(default_factory=Counter)

    def total(self, counted: Counted, month: date) -> int:
        return sum(number for (_, of), number in counted.items() if of == month)


def statistics(session: Session, domain_ids: Sequence[int], months: Sequence[date]) -> Statistics:
    """Count the accounts of these domains in `months` (their first days, in order)."""
    spans = select(BilledSpan.domain_id).where(BilledSpan.domain_id.in_(domain_ids))
    # The erased accounts are found first, and then their spans.
    erased = select(BilledSpan.domain_id).join(Account, Account.id == BilledSpan.account_id)
    erased = erased.where(
        Account.state == State.ERASED, without_index(BilledSpan.domain_id).in_(domain_ids)
    )
    return Statistics(_by_month(session, months, spans), _by_month(session, months, erased))


def first_month(session: Session, domain_ids: Sequence[int]) -> date | None:
    """Return the first month in which these domains had anyone; None where they never had."""
    asked = select(func.min(BilledSpan.first_month)).where(BilledSpan.domain_id.in_(domain_ids))
    return session.scalar(asked)


def counted(session: Session, domain_id: int, month: date) -> tuple[int, int]:
    """Return the accounts behind one number, and how many of them have been erased."""
    asked = (
        select(func.count(), func.count().filter(Account.state == State.ERASED))
        .select_from(BilledSpan)
        .join(Account, Account.id == BilledSpan.account_id)
    )
    total, erased = session.execute(
        asked.where(BilledSpan.domain_id == domain_id, _billed_in(month))
    ).one()
    return total, erased


def people(
    session: Session, domain_id: int, month: date, page: int, size: int
) -> Sequence[Row[Person, Account]]:
    """Return the accounts behind one number that have not been erased, by name."""
    asked = (
        select(Person, Account)
        .join(Account, Account.id == Person.account_id)
        .join(BilledSpan, BilledSpan.account_id == Account.id)
    )
    asked = asked.where(BilledSpan.domain_id == domain_id, _billed_in(month))
    return session.execute(
        asked.order_by(Person.search_text, Person.account_id).limit(size).offset((page - 1) * size)
    ).all()


def _billed_in(month: date) -> ColumnElement[bool]:
    return and_(
        BilledSpan.first_month <= month,
        or_(BilledSpan.last_month.is_(None), BilledSpan.last_month >= month),
    )


def _by_month(session: Session, months: Sequence[date], spans: Select[int]) -> Counted:
    counted: Counted = Counter()
    for domain_id, began, number in _grouped(session, spans, BilledSpan.first_month):
        counted.update({(domain_id, month): number for month in months if month >= began})
    for domain_id, ended, number in _grouped(session, spans, BilledSpan.last_month):
        counted.subtract({(domain_id, month): number for month in months if month > ended})
    return counted


def _grouped(session: Session, spans: Select[int], month: Month) -> Iterable[Row[int, date, int]]:
    return session.execute(
        spans.add_columns(month, func.count())
        .where(month.is_not(None))
        .group_by(BilledSpan.domain_id, month)
    )
