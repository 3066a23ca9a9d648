"""Grants: a role given to a user in a domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, delete, select
from sqlalchemy.orm import Session

from webapp.access import find
from webapp.db import affected, upsert
from webapp.events import Recorded, record
from webapp.models import Domain, Grant, Role


def give(
    session: Session,
    user: int | str,
    role: int | str,
    domain: int | str,
    at: datetime,
    *,
    actor_id: int | None,
) -> bool:
    """Give a live user a role in a domain and return whether they did not hold it before.

    Gone where there is no such user, role or domain.
    """
    account_id = find.live_user(session, user).account_id
    role_id, domain_id = find.role(session, role).id, find.domain(session, domain).id
    new = upsert(session, Grant).values(account_id=account_id, role_id=role_id, domain_id=domain_id)
    given = affected(session, new.on_conflict_do_nothing())
    if given:
        record(
            session,
            Recorded.GRANT_GIVEN,
            at,
            actor_id=actor_id,
            subject_id=account_id,
            domain_id=domain_id,
        )
    return bool(given)


def take(
    session: Session,
    user: int | str,
    role: int | str,
    domain: int | str,
    at: datetime,
    *,
    actor_id: int | None,
) -> bool:
    """Take a role in a domain from a user in any state and return whether they held it.

    Gone where there is no such user, role or domain.
    """
    account_id = find.user(session, user).account_id
    role_id, domain_id = find.role(session, role).id, find.domain(session, domain).id
    held = delete(Grant).filter_by(account_id=account_id, role_id=role_id, domain_id=domain_id)
    taken = affected(session, held)
    if taken:
        record(
            session,
            Recorded.GRANT_TAKEN,
            at,
            actor_id=actor_id,
            subject_id=account_id,
            domain_id=domain_id,
        )
    return bool(taken)


def of_user(session: Session, account_id: int) -> Sequence[Row[str, str]]:
    """Return role and domain of a user's grants, by name."""
    asked = select(Role.name, Domain.name).join(Grant, Grant.role_id == Role.id)
    asked = asked.join(Domain, Domain.id == Grant.domain_id).filter(Grant.account_id == account_id)
    return session.execute(asked.order_by(Domain.name_key, Role.name_key)).all()
