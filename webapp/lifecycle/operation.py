"""Operations: freeze a list, show it, perform exactly that list. The same for all five verbs.

Performing is one transaction. Every account is locked in the order of ids. Each must still be in
the state and the domain in which it was reviewed, and within the permissions that the person has
now. One that is not refuses the whole list.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Session

from webapp.access import administrators
from webapp.config import Limits
from webapp.db import affected, forget, random_bits, without_index
from webapp.errors import Gone, NotPerformed, Refused
from webapp.events import record_each
from webapp.identity.generation import end_sessions
from webapp.lifecycle import billed, erase
from webapp.models import (
    Account,
    Domain,
    Operation,
    OperationAccount,
    Outcome,
    Person,
    Receipt,
    Selection,
    SignInSession,
    State,
    Verb,
)
from webapp.permissions import domain_ids_of, hold, visible_to
from webapp.searching import selection, statements
from webapp.states import MANAGED, TRANSITIONS, allowed
from webapp.times import month_of

READABLE = 2000  # users that someone may still read through
KEPT_FOR = timedelta(days=1)  # how long an operation is kept after it could last be confirmed


def freeze(
    session: Session,
    verb: Verb,
    chosen: Selection,
    domain_ids: Sequence[int],
    at: datetime,
    limits: Limits,
) -> Operation:
    """Freeze the ticked users of a selection to whom the verb can be done.

    `domain_ids` are those that the search covers; of them only those count in which the verb, too,
    is permitted. Refused where that leaves nobody, or where it is too many.
    """
    rule = TRANSITIONS[verb]
    if rule.offered is not chosen.purpose:
        raise Gone("This cannot be done from here.")
    permitted = set(domain_ids_of(session, chosen.account_id, rule.permission))
    domain_ids = [domain_id for domain_id in domain_ids if domain_id in permitted]
    selection.hold(session, chosen, domain_ids)
    listed = selection.chosen(chosen, domain_ids).where(Account.state == rule.before)
    return _freeze(
        session,
        Operation(purpose=chosen.purpose, selection_id=chosen.id),
        chosen.account_id,
        verb,
        listed,
        at,
        limits,
    )


def freeze_one(
    session: Session, verb: Verb, actor_id: int, reference: str, at: datetime, limits: Limits
) -> Operation:
    """Freeze a list of one user."""
    listed = (
        select(Account.id, Account.domain_id)
        .join(Person)
        .where(Person.reference == reference, allowed(actor_id, verb))
    )
    return _freeze(session, Operation(), actor_id, verb, listed, at, limits)


def _freeze(
    session: Session,
    operation: Operation,
    actor_id: int,
    verb: Verb,
    listed: Select[int, int],
    at: datetime,
    limits: Limits,
) -> Operation:
    forget(session, Operation.id, Operation.expires_at < at - KEPT_FOR)
    operation.id, operation.verb, operation.account_id = secrets.token_urlsafe(16), verb, actor_id
    operation.made_at, operation.expires_at, operation.outcome = (
        at,
        at + limits.lifetime,
        Outcome.OPEN,
    )
    session.add(operation)
    session.flush()
    in_order = listed.order_by(Account.id).limit(
        limits.accounts + 1
    )  # a key that is written in its order is written twice as fast
    in_order = in_order.with_for_update(
        read=True, of=Account
    )  # who is being erased is waited for, and then is not on the list
    rows = select(literal(operation.id), *in_order.subquery().c, random_bits())
    columns = [
        OperationAccount.operation_id,
        OperationAccount.account_id,
        OperationAccount.domain_id,
        OperationAccount.event_bits,
    ]
    operation.number = affected(
        session, insert(OperationAccount).from_select(columns, rows), kept=False
    )
    _refuse_impossible(operation, limits)
    return operation


def _refuse_impossible(operation: Operation, limits: Limits) -> None:
    rule = TRANSITIONS[operation.verb]
    if not operation.number:
        raise Refused(rule.nobody_chosen, "Tick at least one user and try again.")
    if operation.number > limits.accounts:
        raise Refused(
            f"More than {limits.accounts:,} users are chosen, "
            f"and one operation may hold {limits.accounts:,}.",
            "Narrow the search, for instance by domain or date, and do it in several steps.",
        )


def kept(session: Session, actor_id: int, operation_id: str) -> Operation | None:
    """Return this person's operation; None where it is someone else's or was forgotten."""
    operation = session.get(Operation, operation_id)
    return operation if operation and operation.account_id == actor_id else None


def own(session: Session, actor_id: int, operation_id: str) -> Operation:
    """Return this person's operation; Gone where it is someone else's or was forgotten."""
    operation = kept(session, actor_id, operation_id)
    if operation is None:
        raise Gone(
            "A list is kept for the one who reviewed it, and for a while only.",
            "Search again and review a new list.",
            title="This list is no longer kept",
        )
    return operation


def listed(
    session: Session, operation: Operation, page: int, size: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return one page (from 1) of the frozen list, as far as its person may still see it.

    By name, as long as a list can be read; a longer one is not worth sorting.
    """
    order = Person.search_text if operation.number <= READABLE else OperationAccount.account_id
    return session.execute(
        _on(operation)
        .order_by(order, OperationAccount.account_id)
        .limit(size)
        .offset((page - 1) * size)
    ).all()


def by_domain(session: Session, operation: Operation) -> Sequence[Row[str, int]]:
    """Return how many users of the frozen list are in each domain, by its name."""
    counted = (
        select(OperationAccount.domain_id, func.count().label("number"))
        .where(OperationAccount.operation_id == operation.id)
        .group_by(OperationAccount.domain_id)
        .subquery()
    )
    asked = select(Domain.name, counted.c.number).join(counted, counted.c.domain_id == Domain.id)
    return session.execute(asked.order_by(Domain.name_key)).all()


def everyone_on(session: Session, operation: Operation) -> Iterator[Row[*tuple[Any, ...]]]:
    """Yield the whole list in the same order, fetched as it is read."""
    asked = _on(operation).order_by(Person.search_text, OperationAccount.account_id)
    yield from session.execute(asked, execution_options={"yield_per": 1000})


def changed(session: Session, operation: Operation, most: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return up to `most` users of the list that are no longer as they were reviewed.

    Only those are returned whom the person of the operation may still see.
    """
    return session.execute(
        _on(operation).where(~_as_reviewed(operation)).order_by(Person.search_text).limit(most)
    ).all()


def _on(operation: Operation) -> statements.AnySelect:
    on_list = and_(
        OperationAccount.account_id == Account.id, OperationAccount.operation_id == operation.id
    )
    may_see = visible_to(
        operation.account_id, TRANSITIONS[operation.verb].permission, Account.domain_id
    )
    return statements.users().join(OperationAccount, on_list).where(may_see)


def _as_reviewed(operation: Operation) -> ColumnElement[bool]:
    return and_(
        Account.state == TRANSITIONS[operation.verb].before,
        Account.domain_id == OperationAccount.domain_id,
    )


def perform(session: Session, actor_id: int, operation_id: str, at: datetime) -> Operation:
    """Do it, or say on the operation that it was refused.

    It is done once: a second call changes nothing and returns the same result.
    """
    operation = own(session, actor_id, operation_id)
    if not _claim(session, operation, at):
        session.refresh(operation)
        refuse_expired(operation, at)
        return operation
    session.refresh(operation)
    _judge(session, operation)
    if operation.changed or operation.forbidden:
        operation.outcome = Outcome.REFUSED
        return operation
    if TRANSITIONS[operation.verb].final:
        erase.erase(session, operation, at)
    else:
        _change_state(session, operation, at)
        _side_effects(session, operation, at)
    return operation


def refuse_expired(operation: Operation, at: datetime) -> None:
    """Raise NotPerformed where this list was not confirmed in time."""
    if operation.outcome is Outcome.OPEN and operation.expires_at <= at:
        raise NotPerformed(
            "This list has expired: it was not confirmed in time.",
            "Nothing has changed. Search again and review the list.",
        )


def _claim(session: Session, operation: Operation, at: datetime) -> bool:
    """Tell whether this call is the one that performs.

    Of two at once, the second waits here and then finds the outcome.
    """
    open_still = and_(
        Operation.id == operation.id, Operation.outcome == Outcome.OPEN, Operation.expires_at > at
    )
    claim = update(Operation).where(open_still).values(outcome=Outcome.PERFORMED, ended_at=at)
    return bool(affected(session, claim))


def _judge(session: Session, operation: Operation) -> None:
    """Lock the listed accounts, then the person's rights; then count what speaks against it.

    Accounts are judged in a later statement than the one that locks them. PostgreSQL reads things
    as they were when a statement began, and the one that locks may have waited.
    """
    on_list = (
        select(Account.id)
        .join(OperationAccount, OperationAccount.account_id == Account.id)
        .where(OperationAccount.operation_id == operation.id)
    )
    rule = TRANSITIONS[operation.verb]
    stays = not rule.final  # who goes is locked against new rows that refer to them, too
    locked = on_list.order_by(Account.id).with_for_update(of=Account, key_share=stays).subquery()
    session.execute(select(func.count()).select_from(locked))
    hold(session, operation.account_id, rule.permission)
    same = (
        on_list.add_columns(allowed(operation.account_id, operation.verb).label("allowed"))
        .where(_as_reviewed(operation))
        .subquery()
    )
    unchanged, permitted = session.execute(
        select(func.count(), func.count().filter(same.c.allowed)).select_from(same)
    ).one()
    operation.changed, operation.forbidden = operation.number - unchanged, unchanged - permitted


def _change_state(session: Session, operation: Operation, at: datetime) -> None:
    rule = TRANSITIONS[operation.verb]
    on_list = Account.id.in_(accounts_of(operation))
    still = without_index(Account.state) == rule.before  # a short list is sought by its ids
    change = update(Account).where(on_list, still).values(state=rule.after, since=at)
    with administrators.archiving(session, accounts_of(operation)):
        done = affected(session, change)
    if done != operation.number:
        raise NotPerformed(
            "The users changed while they were being changed.",
            "Nothing was done. Review the list again.",
        )


def _side_effects(session: Session, operation: Operation, at: datetime) -> None:
    rule = TRANSITIONS[operation.verb]
    record_each(
        session, rule.recorded, at, actor_id=operation.account_id, operation_id=operation.id
    )
    if rule.before == State.LIVE:
        billed.end(session, accounts_of(operation), month_of(at))
        end_sessions(session, SignInSession.account_id.in_(accounts_of(operation)))
    if rule.after == State.LIVE:
        billed.begin(session, accounts_of(operation), month_of(at))


def one_user(session: Session, operation: Operation) -> str | None:
    """Return the reference of the one user on this list; None where there is no page of theirs."""
    shown = _on(operation).where(Account.state.in_(MANAGED)).with_only_columns(Person.reference)
    return session.scalar(shown) if operation.number == 1 else None


def receipt_reference(session: Session, operation: Operation) -> str | None:
    """Return the reference of the receipt; None where there is none."""
    return (
        session.scalar(select(Receipt.reference).where(Receipt.id == operation.receipt_id))
        if operation.receipt_id
        else None
    )


def accounts_of(operation: Operation) -> Select[int]:
    return select(OperationAccount.account_id).where(OperationAccount.operation_id == operation.id)
