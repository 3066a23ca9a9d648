"""Billing statistics, as SQL.

An account counts once in every month from the first to the last of its span. How many count in a
month is then how many spans began up to it, less how many ended before it. These are two counts by
domain and month, read from indexes, whatever the number of months shown. Spans of erased accounts
are numbers already, and are added.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.models import Account, BilledSpan, ErasedSpan, Person

Spans = type[BilledSpan] | type[ErasedSpan]
Month = InstrumentedAttribute[date] | InstrumentedAttribute[date | None]
Counted = Counter[tuple[int, date]]  # accounts by domain and month


@dataclass(frozen=True)
class Statistics:
    """Accounts by domain and month, and how many of them have been erased since."""

    accounts: Counted = field(default_factory=Counter)
    erased: Counted = field(default_factory=Counter)

    def total(self, counted: Counted, month: date) -> int:
        return sum(number for (_, of), number in counted.items() if of == month)


def statistics(session: Session, domain_ids: Sequence[int], months: Sequence[date]) -> Statistics:
    """Count the accounts of these domains in `months` (their first days, in order)."""
    present = _by_month(session, BilledSpan, func.count(), domain_ids, months)
    erased = _by_month(session, ErasedSpan, func.sum(ErasedSpan.number), domain_ids, months)
    return Statistics(present + erased, erased)


def first_month(session: Session, domain_ids: Sequence[int]) -> date | None:
    """Return the first month in which these domains had anyone; None where they never had."""
    firsts = [
        session.scalar(select(func.min(model.first_month)).where(model.domain_id.in_(domain_ids)))
        for model in (BilledSpan, ErasedSpan)
    ]
    return min((month for month in firsts if month), default=None)


def counted(session: Session, domain_id: int, month: date) -> tuple[int, int]:
    """Return the accounts behind one number, and how many of them have been erased."""
    present, erased = (
        session.scalar(select(number).where(model.domain_id == domain_id, _billed_in(model, month)))
        for model, number in (
            (BilledSpan, func.count()),
            (ErasedSpan, func.coalesce(func.sum(ErasedSpan.number), 0)),
        )
    )
    return int(present or 0) + int(erased or 0), int(erased or 0)


def people(
    session: Session, domain_id: int, month: date, page: int, size: int
) -> Sequence[Row[Person, Account]]:
    """Return the accounts behind one number that have not been erased, by name."""
    asked = (
        select(Person, Account)
        .join(Account, Account.id == Person.account_id)
        .join(BilledSpan, BilledSpan.account_id == Account.id)
    )
    asked = asked.where(BilledSpan.domain_id == domain_id, _billed_in(BilledSpan, month))
    return session.execute(
        asked.order_by(Person.search_text, Person.account_id).limit(size).offset((page - 1) * size)
    ).all()


def _billed_in(model: Spans, month: date) -> ColumnElement[bool]:
    return and_(
        model.first_month <= month, or_(model.last_month.is_(None), model.last_month >= month)
    )


def _by_month(
    session: Session,
    model: Spans,
    number: ColumnElement[int],
    domain_ids: Sequence[int],
    months: Sequence[date],
) -> Counted:
    """Count those that began up to each month, and take away those that ended before it."""
    counted: Counted = Counter()
    for domain_id, began, found in _grouped(session, model, number, model.first_month, domain_ids):
        counted.update({(domain_id, month): int(found) for month in months if month >= began})
    for domain_id, ended, found in _grouped(session, model, number, model.last_month, domain_ids):
        counted.subtract({(domain_id, month): int(found) for month in months if month > ended})
    return counted


def _grouped(
    session: Session,
    model: Spans,
    number: ColumnElement[int],
    month: Month,
    domain_ids: Sequence[int],
) -> Iterable[Row[int, date, int]]:
    asked = select(model.domain_id, month, number)
    asked = asked.where(model.domain_id.in_(domain_ids), month.is_not(None))
    return session.execute(asked.group_by(model.domain_id, month))
