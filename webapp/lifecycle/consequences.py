"""What follows from performing an operation, beside what is done to each of its users."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from webapp.models import (
    Account,
    Contact,
    Domain,
    Grant,
    Operation,
    OperationAccount,
    SignInSession,
    State,
    Verb,
)
from webapp.states import TRANSITIONS

BRING_BACK = {Verb.REACTIVATE, Verb.RESTORE}
NAMED = 5  # domains


def consequences(session: Session, operation: Operation, at: datetime) -> list[str]:
    """Return a sentence for each thing that follows; none where nothing does."""
    members = select(OperationAccount.account_id).where(
        OperationAccount.operation_id == operation.id
    )
    counted = members.with_only_columns(func.count())
    holds = exists().where(Grant.account_id == OperationAccount.account_id)
    holders = session.scalars(counted.where(holds)).one()
    found = [] if operation.verb in BRING_BACK else _without_contact(session, members)
    if holders:
        found.append(f"{holders:,} {'holds' if holders == 1 else 'hold'} administrator roles.")
    if TRANSITIONS[operation.verb].before is not State.LIVE:
        return found  # and so nobody is signed in
    open_still = exists().where(
        SignInSession.account_id == OperationAccount.account_id, SignInSession.expires_at > at
    )
    present = session.scalars(counted.where(open_still)).one()
    if present:
        are = "is" if present == 1 else "are"
        found.append(f"{present:,} {are} signed in now, and will be signed out.")
    return found


def _without_contact(session: Session, listed: Select[int]) -> list[str]:
    """Return a sentence for each domain that would have no live primary contact any more."""
    primary = (Contact.domain_id == Domain.id, Contact.primary)
    left = exists().where(
        *primary,
        Account.id == Contact.account_id,
        Account.state == State.LIVE,
        Contact.account_id.not_in(listed),
    )
    asked = select(Domain.name, func.count()).join(Contact, Contact.domain_id == Domain.id)
    asked = asked.where(Contact.primary, Contact.account_id.in_(listed), ~left.correlate(Domain))
    rows = session.execute(asked.group_by(Domain.id).order_by(Domain.name_key)).all()
    sentences = []
    for name, contacts in rows[:NAMED]:
        last = "is the last primary contact" if contacts == 1 else "are the last primary contacts"
        sentences.append(f"{contacts:,} of them {last} of {name}: nobody could erase there.")
    more = len(rows) - NAMED
    if more > 0:
        sentences.append(f"The same holds for {more:,} more domain{'s' if more > 1 else ''}.")
    return sentences
