"""Grants: a role given to a user in a domain."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from webapp.access import find
from webapp.db import affected, upsert
from webapp.events import Recorded, record
from webapp.models import Grant


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
    account_id, role_id, domain_id = _ids(session, user, role, domain)
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
    """Take a role in a domain from a live user and return whether they held it.

    Gone where there is no such user, role or domain.
    """
    account_id, role_id, domain_id = _ids(session, user, role, domain)
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


def _ids(
    session: Session, user: int | str, role: int | str, domain: int | str
) -> tuple[int, int, int]:
    return (
        find.live_user(session, user).account_id,
        find.role(session, role).id,
        find.domain(session, domain).id,
    )
