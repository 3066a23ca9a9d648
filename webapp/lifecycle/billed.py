"""Keeps the months in which accounts were live, as accounts become live and stop being so."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Date, Select, exists, insert, literal, null, select, update
from sqlalchemy.orm import Session

from webapp.db import affected
from webapp.models import Account, BilledSpan


def begin(session: Session, accounts: Select[int], month: date) -> None:
    """From `month` on these accounts are live: a span that ended in this month or the one before goes on, others get a new one."""
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
    """These accounts stop being live in `month`, which is still billed."""
    going_on = (BilledSpan.account_id.in_(accounts), BilledSpan.last_month.is_(None))
    affected(session, update(BilledSpan).where(*going_on).values(last_month=month))
