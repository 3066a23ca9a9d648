"""Billing statistics, as SQL.

An account counts once in every month from the first to the last of its span. How many count in a month is then how many spans began
up to it, less how many ended before it: two counts by domain and month, read from indexes, whatever the number of months shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.errors import Gone
from webapp.models import Account, BilledSpan, Domain, Permission, Person, State
from webapp.permissions import visible_to

Month = InstrumentedAttribute[date] | InstrumentedAttribute[date | None]
Counted = Counter[tuple[int, date]]  # accounts by domain and month


@dataclass(frozen=True)
class Statistics:
    """Accounts by domain and month, and how many of them have been erased since; `totals` over all domains shown."""

    accounts: Counted = field(default_factory=Counter)
    erased: Counted = field(default_factory=Counter)

    def total(self, counted: Counted, month: date) -> int:
        return sum(number for (_, of), number in counted.items() if of == month)


def statistics(session: Session, actor_id: int, months: Sequence[date]) -> Statistics:
    """Of the domains whose billing this person may read, for `months` (their first days, in order)."""
    visible = visible_to(actor_id, Permission.BILLING, BilledSpan.domain_id)
    erased = BilledSpan.account_id.in_(select(Account.id).where(Account.state == State.ERASED))
    return Statistics(_by_month(session, months, visible), _by_month(session, months, and_(visible, erased)))


def first_month(session: Session, actor_id: int) -> date | None:
    """The first month that anything is known of."""
    return session.scalar(select(func.min(BilledSpan.first_month)).where(visible_to(actor_id, Permission.BILLING, BilledSpan.domain_id)))


def domain(session: Session, actor_id: int, domain_id: int) -> Domain:
    found = session.scalar(select(Domain).where(Domain.id == domain_id, visible_to(actor_id, Permission.BILLING, Domain.id)))
    if found is None:
        raise Gone("There is no such domain, or none whose billing you may read.")
    return found


def counted(session: Session, domain_id: int, month: date) -> tuple[int, int]:
    """Accounts behind one number, and how many of them have been erased."""
    asked = select(func.count(), func.count().filter(Account.state == State.ERASED)).select_from(BilledSpan).join(Account, Account.id == BilledSpan.account_id)
    total, erased = session.execute(asked.where(BilledSpan.domain_id == domain_id, _billed_in(month))).one()
    return total, erased


def people(session: Session, domain_id: int, month: date, page: int, size: int) -> Sequence[Row[Person, Account]]:
    """The accounts behind one number that have not been erased, by name."""
    asked = select(Person, Account).join(Account, Account.id == Person.account_id).join(BilledSpan, BilledSpan.account_id == Account.id)
    asked = asked.where(BilledSpan.domain_id == domain_id, _billed_in(month))
    return session.execute(asked.order_by(Person.search_text, Person.account_id).limit(size).offset((page - 1) * size)).all()


def _billed_in(month: date) -> ColumnElement[bool]:
    return and_(BilledSpan.first_month <= month, or_(BilledSpan.last_month.is_(None), BilledSpan.last_month >= month))


def _by_month(session: Session, months: Sequence[date], which: ColumnElement[bool]) -> Counted:
    began = _counted(session, BilledSpan.first_month, which)
    ended = _counted(session, BilledSpan.last_month, which)
    counted: Counted = Counter()
    for domain_id, of, number in began:
        counted.update({(domain_id, month): number for month in months if month >= of})
    for domain_id, of, number in ended:
        counted.subtract({(domain_id, month): number for month in months if month > of})
    return counted


def _counted(session: Session, column: Month, which: ColumnElement[bool]) -> Iterable[Row[int, date, int]]:
    asked = select(BilledSpan.domain_id, column, func.count()).where(which, column.is_not(None)).group_by(BilledSpan.domain_id, column)
    return session.execute(asked)
