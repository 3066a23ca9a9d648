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

BRING_BACK = {Verb.REACTIVATE, Verb.RESTORE}
NAMED = 5  # domains


def consequences(session: Session, operation: Operation, at: datetime) -> list[str]:
    """Return a sentence for each thing that follows; none where nothing does."""
    listed = select(OperationAccount.account_id).where(
        OperationAccount.operation_id == operation.id
    )
    holding = func.count(Grant.account_id.distinct())
    signed_in = func.count(SignInSession.account_id.distinct())
    open_still = SignInSession.expires_at > at
    holders = session.scalars(select(holding).where(Grant.account_id.in_(listed))).one()
    present = session.scalars(
        select(signed_in).where(SignInSession.account_id.in_(listed), open_still)
    ).one()
    found = [] if operation.verb in BRING_BACK else _without_contact(session, listed)
    if holders:
        found.append(f"{holders:,} {'holds' if holders == 1 else 'hold'} administrator roles.")
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
