"""Contacts: the users named for a domain. Only a primary contact may erase there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, delete, select
from sqlalchemy.orm import Session

from webapp.access import find
from webapp.db import affected, upsert
from webapp.events import Recorded, record
from webapp.models import Contact, Domain


def name(
    session: Session,
    user: int | str,
    domain: int | str,
    at: datetime,
    *,
    primary: bool,
    actor_id: int | None,
) -> bool:
    """Name a live user as contact of a domain, primary or not; return whether that is new.

    Gone where there is no such user or domain.
    """
    account_id = find.live_user(session, user).account_id
    domain_id = find.domain(session, domain).id
    new = upsert(session, Contact).values(
        account_id=account_id, domain_id=domain_id, primary=primary
    )
    new = new.on_conflict_do_update(
        index_elements=[Contact.account_id, Contact.domain_id],
        set_={Contact.primary: primary},
        where=Contact.primary != primary,
    )
    named = affected(session, new)
    if named:
        record(
            session,
            Recorded.CONTACT_NAMED,
            at,
            actor_id=actor_id,
            subject_id=account_id,
            domain_id=domain_id,
        )
    return bool(named)


def remove(
    session: Session, user: int | str, domain: int | str, at: datetime, *, actor_id: int | None
) -> bool:
    """Remove a user in any state from the contacts of a domain; return whether they were one.

    Gone where there is no such user or domain.
    """
    account_id = find.user(session, user).account_id
    domain_id = find.domain(session, domain).id
    present = delete(Contact).filter_by(account_id=account_id, domain_id=domain_id)
    removed = affected(session, present)
    if removed:
        record(
            session,
            Recorded.CONTACT_REMOVED,
            at,
            actor_id=actor_id,
            subject_id=account_id,
            domain_id=domain_id,
        )
    return bool(removed)


def of_user(session: Session, account_id: int) -> Sequence[Row[str, bool]]:
    """Return the domains whose contact a user is, by name, and whether a primary one."""
    asked = select(Domain.name, Contact.primary).join(Contact, Contact.domain_id == Domain.id)
    asked = asked.where(Contact.account_id == account_id).order_by(Domain.name_key)
    return session.execute(asked).all()
