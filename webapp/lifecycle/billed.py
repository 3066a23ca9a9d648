"""Keep the months in which accounts were live; of those that are erased, keep numbers only."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from sqlalchemy import (
    Date,
    Select,
    case,
    exists,
    func,
    insert,
    literal,
    null,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from webapp.db import affected, upsert
from webapp.models import Account, BilledSpan, ErasedSpan

Total = tuple[str, int, date | None]  # which end of a span, domain, month


def begin(session: Session, accounts: Select[int], month: date) -> None:
    """Let these accounts be live from `month` on.

    A span that ended in this month or the one before goes on; the others get a new one.
    """
    before = (month - timedelta(days=1)).replace(day=1)
    here = select(Account.domain_id).where(Account.id == BilledSpan.account_id).scalar_subquery()
    goes_on = (
        BilledSpan.account_id.in_(accounts),
        BilledSpan.domain_id == here,
        BilledSpan.last_month >= before,
    )
    affected(session, update(BilledSpan).where(*goes_on).values(last_month=None))
    already = exists().where(BilledSpan.account_id == Account.id, BilledSpan.last_month.is_(None))
    new = select(Account.id, Account.domain_id, literal(month, Date), null()).where(
        Account.id.in_(accounts), ~already
    )
    columns = [
        BilledSpan.account_id,
        BilledSpan.domain_id,
        BilledSpan.first_month,
        BilledSpan.last_month,
    ]
    session.execute(insert(BilledSpan).from_select(columns, new))


def end(session: Session, accounts: Select[int], month: date) -> None:
    """Let these accounts stop being live in `month`, which is still billed.

    Where a clock was set back, that is the month in which they began.
    """
    going_on = (BilledSpan.account_id.in_(accounts), BilledSpan.last_month.is_(None))
    last = case((BilledSpan.first_month > month, BilledSpan.first_month), else_=month)
    affected(session, update(BilledSpan).where(*going_on).values(last_month=last))


def keep_numbers(session: Session, accounts: Select[int]) -> None:
    """Count the spans of these accounts, which are about to be erased, without identity.

    An account that is erased was deleted and so has no open span.
    """
    columns = BilledSpan.domain_id, BilledSpan.first_month, BilledSpan.last_month
    spans = select(*columns, func.count()).where(BilledSpan.account_id.in_(accounts))
    counted = upsert(session, ErasedSpan).from_select(
        [ErasedSpan.domain_id, ErasedSpan.first_month, ErasedSpan.last_month, ErasedSpan.number],
        spans.group_by(*columns),
    )
    more = {"number": ErasedSpan.number + counted.excluded.number}
    keys = ["domain_id", "first_month", "last_month"]
    session.execute(counted.on_conflict_do_update(index_elements=keys, set_=more))


def totals(session: Session, accounts: Select[int], domains: Select[int]) -> Counter[Total]:
    """Count the spans of these accounts and the erased ones of these domains, by their ends.

    Every number of the billing pages is a sum of such counts.
    """
    parts = []
    for end in ("first_month", "last_month"):
        for model, number, counted in (
            (BilledSpan, func.count(), BilledSpan.account_id.in_(accounts)),
            (ErasedSpan, func.sum(ErasedSpan.number), ErasedSpan.domain_id.in_(domains)),
        ):
            month = getattr(model, end)
            asked = select(literal(end), model.domain_id, month, number).where(counted)
            parts.append(asked.group_by(model.domain_id, month))
    counts: Counter[Total] = Counter()
    for end, domain_id, month, found in session.execute(union_all(*parts)):
        counts[end, domain_id, month] += int(found)
    return counts
