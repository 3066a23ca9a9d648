"""THE list of recorded events, and how they are recorded: ids and a key, never a name."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, literal, select
from sqlalchemy.orm import Session

from webapp.db import Moment
from webapp.models import Event, OperationAccount


class Recorded(StrEnum):
    """What can be recorded; the value is what the page says. The stored key is the name."""

    ARCHIVE = "Archived"
    REACTIVATE = "Reactivated"
    DELETE = "Deleted"
    RESTORE = "Restored"
    ERASE = "Erased"
    IMPORT = "Imported"
    DOMAIN_ADDED = "Added domain"
    ROLE_ADDED = "Added role"
    ROLE_CHANGED = "Changed role"
    GRANT_GIVEN = "Gave role"
    GRANT_TAKEN = "Took role"
    CONTACT_NAMED = "Named contact"
    CONTACT_REMOVED = "Removed contact"
    PASSWORD_SET = "Set password"  # noqa: S105  # the name of an event
    PASSWORD_CHANGED = "Changed password"  # noqa: S105  # the name of an event


def record(
    session: Session,
    what: Recorded,
    at: datetime,
    *,
    actor_id: int | None,
    subject_id: int | None = None,
    domain_id: int | None = None,
    number: int = 1,
) -> None:
    """One event. `actor_id` None is the command line."""
    session.add(
        Event(
            key=what.name,
            at=at,
            actor_id=actor_id,
            subject_id=subject_id,
            domain_id=domain_id,
            number=number,
        )
    )


def record_each(
    session: Session, what: Recorded, at: datetime, *, actor_id: int, operation_id: str
) -> None:
    """One event for every account of an operation."""
    fixed = literal(what.name), literal(at, Moment), literal(actor_id)
    listed = select(
        *fixed, OperationAccount.account_id, OperationAccount.domain_id, literal(1)
    ).where(OperationAccount.operation_id == operation_id)
    columns = [Event.key, Event.at, Event.actor_id, Event.subject_id, Event.domain_id, Event.number]
    session.execute(insert(Event).from_select(columns, listed))
