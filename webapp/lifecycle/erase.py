"""What erasing does besides changing the state.

1. All kept search words, and all hashes of names that failed to sign in, are forgotten: they may be the person's.
2. Every row of every table of personal data (models/personal.py) that belongs to the accounts is deleted.
3. What is left of an account is its domain, its state, and its dates rounded to the month.
4. One event a domain and one receipt are written, with numbers only.
5. They are taken off every frozen list and every set of ticks, so that no list of who was erased together remains.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from webapp.db import Moment, affected
from webapp.events import Recorded
from webapp.models import (
    Account,
    Event,
    Operation,
    OperationAccount,
    Receipt,
    ReceiptLine,
    Selection,
    SignInFailure,
    Tick,
)
from webapp.models.personal import personal_tables

ACCOUNTS = "Accounts"
SEARCH_WORDS = "Kept search words (everyone’s)"


def erase(session: Session, operation: Operation, at: datetime) -> None:
    """Remove the people of this operation; their accounts have been claimed, locked and set to `erased`."""
    receipt = Receipt(
        reference=secrets.token_urlsafe(16),
        at=at,
        actor_id=operation.actor_id,
        number=operation.number,
    )
    session.add(receipt)
    session.flush()
    operation.receipt_id = receipt.id
    listed = select(OperationAccount.account_id).where(
        OperationAccount.operation_id == operation.id
    )
    removed = [(SEARCH_WORDS, _forget_search_words(session))]
    for model in personal_tables():
        removed.append(
            (
                model.counted_as,
                affected(session, delete(model).where(model.__table__.c.account_id.in_(listed))),
            )
        )
    session.execute(
        insert(ReceiptLine),
        [{"receipt_id": receipt.id, "kind": kind, "number": number} for kind, number in removed],
    )
    _count_by_domain(session, operation, receipt)
    affected(session, delete(SignInFailure))  # hashes of names that were typed, perhaps theirs
    _leave_no_lists(session, operation)


def left_of_an_account(at: datetime) -> dict[str, object]:
    """The dates of an erased account: months, since an exact moment can single a person out."""
    return {
        "created_at": start_of_month(Account.created_at),
        "since": at.replace(day=1, hour=0, minute=0, second=0, microsecond=0),
    }


def _forget_search_words(session: Session) -> int:
    """In the order of ids and after the accounts, as whoever freezes or ticks locks them, so that none waits for the other."""
    locked = (
        select(Selection.id)
        .where(Selection.words.is_not(None))
        .order_by(Selection.id)
        .with_for_update()
    )
    return affected(session, delete(Selection).where(Selection.id.in_(locked)))


def _leave_no_lists(session: Session, operation: Operation) -> None:
    """Off every list and every set of ticks, anyone's; the operation's own list goes last, since it says who."""
    listed = select(OperationAccount.account_id).where(
        OperationAccount.operation_id == operation.id
    )
    affected(session, delete(Tick).where(Tick.account_id.in_(listed)))
    others = OperationAccount.operation_id != operation.id
    affected(
        session, delete(OperationAccount).where(OperationAccount.account_id.in_(listed), others)
    )
    affected(session, delete(OperationAccount).where(OperationAccount.operation_id == operation.id))


def _count_by_domain(session: Session, operation: Operation, receipt: Receipt) -> None:
    """The event and the receipt's line of every domain concerned."""
    domain, number = OperationAccount.domain_id, func.count()
    of_operation = OperationAccount.operation_id == operation.id
    lines = (
        select(literal(receipt.id), domain, literal(ACCOUNTS), number)
        .where(of_operation)
        .group_by(domain)
    )
    session.execute(
        insert(ReceiptLine).from_select(
            [ReceiptLine.receipt_id, ReceiptLine.domain_id, ReceiptLine.kind, ReceiptLine.number],
            lines,
        )
    )
    fixed = (
        literal(Recorded.ERASE.name),
        literal(receipt.at, Moment),
        literal(receipt.actor_id),
        literal(receipt.id),
    )
    events = select(*fixed, domain, number).where(of_operation).group_by(domain)
    session.execute(
        insert(Event).from_select(
            [Event.key, Event.at, Event.actor_id, Event.receipt_id, Event.domain_id, Event.number],
            events,
        )
    )


class start_of_month(FunctionElement[datetime]):  # noqa: N801  # an SQL function, named as SQL functions are
    """The first moment (UTC) of the month in which the moment given lies."""

    type = Moment()
    inherit_cache = True
    name = "start_of_month"


@compiles(start_of_month, "sqlite")
def _sqlite(element: start_of_month, compiler: SQLCompiler, **options: Any) -> str:
    return f"strftime('%Y-%m-01 00:00:00.000000', {compiler.process(element.clauses, **options)})"


@compiles(start_of_month, "postgresql")
def _postgresql(element: start_of_month, compiler: SQLCompiler, **options: Any) -> str:
    return f"date_trunc('month', {compiler.process(element.clauses, **options)}, 'UTC')"
