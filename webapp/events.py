"""THE list of recorded events, and how they are recorded: never with a name."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Date, insert, literal, select
from sqlalchemy.orm import Session

from webapp.db import Moment
from webapp.models import By, Event, OperationAccount, Part, Party
from webapp.models.event import day_bits, new_event_id


class Recorded(StrEnum):
    """What can be recorded; the value is what the page says. The stored key is the name."""

    ARCHIVE = "Archived"
    REACTIVATE = "Reactivated"
    DELETE = "Deleted"
    RESTORE = "Restored"
    ERASE = "Erased"
    IMPORT = "Imported"
    UPDATE = "Updated"
    DOMAIN_ADDED = "Added domain"
    DOMAIN_RENAMED = "Renamed domain"
    DOMAIN_REMOVED = "Removed domain"
    ROLE_ADDED = "Added role"
    ROLE_CHANGED = "Changed role"
    ROLE_REMOVED = "Removed role"
    ATTRIBUTE_ADDED = "Added attribute"
    ATTRIBUTE_CHANGED = "Changed attribute"
    ATTRIBUTE_REMOVED = "Removed attribute"
    FIRST_ADMINISTRATOR = "Became the first administrator"
    GRANT_GIVEN = "Gave role"
    GRANT_TAKEN = "Took role"
    CONTACT_NAMED = "Named contact"
    CONTACT_REMOVED = "Removed contact"
    PASSWORD_SET = "Set password"  # noqa: S105  # the name of an event
    SIGN_IN_FAILED = "Gave a wrong password or code"
    SECOND_FACTOR_ADDED = "Set up a second factor"
    SECOND_FACTOR_REMOVED = "Removed a second factor"
    REFUSED = "Was refused a page"
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
    by: By | None = None,
    before: str | None = None,
    after: str | None = None,
) -> None:
    """Record one event with its parties.

    `actor_id` None is the command line, unless `by` says that it was a stranger. What has changed,
    from `before` to `after`, is personal where there is a subject, and names no user where not.
    """
    fixed = {"about_user": subject_id is not None, "domain_id": domain_id, "number": number}
    event = described(what, at, actor_id, by) | fixed | {"receipt_id": None}
    changed: dict[str, object] = {"before": before, "after": after}
    nothing: dict[str, object] = {"before": None, "after": None}
    session.execute(insert(Event), [event | (nothing if fixed["about_user"] else changed)])
    who = {Part.ACTOR: (actor_id, nothing), Part.SUBJECT: (subject_id, changed)}
    parties = [
        {"event_id": event["id"], "part": part, "account_id": account_id, **said}
        for part, (account_id, said) in who.items()
        if account_id is not None
    ]
    if parties:
        session.execute(insert(Party), parties)


def described(
    what: Recorded, at: datetime, actor_id: int | None, by: By | None = None
) -> dict[str, object]:
    """Return what every event says: its id, when, what, and what kind of actor did it."""
    by = by or (By.COMMAND_LINE if actor_id is None else By.PERSON)
    day = at.date()
    return {"id": new_event_id(day), "day": day, "at": at, "key": what.name, "done_by": by}


def record_each(
    session: Session, what: Recorded, at: datetime, *, actor_id: int, operation_id: str
) -> None:
    """Record one event for every account of an operation, in three statements."""
    on_list = OperationAccount.operation_id == operation_id
    day = at.date()
    event_id = literal(day_bits(day), BigInteger) + OperationAccount.event_bits
    events: dict[Any, Any] = {
        Event.id: event_id,
        Event.day: literal(day, Date),
        Event.at: literal(at, Moment),
        Event.key: literal(what.name),
        Event.done_by: literal(By.PERSON, Event.done_by.type),
        Event.about_user: literal(True),  # noqa: FBT003  # a value of SQL
        Event.domain_id: OperationAccount.domain_id,
        Event.number: literal(1),
    }
    session.execute(
        insert(Event).from_select(list(events), select(*list(events.values())).where(on_list))
    )
    columns = [Party.event_id, Party.part, Party.account_id]
    for part, account_id in (
        (Part.ACTOR, literal(actor_id)),
        (Part.SUBJECT, OperationAccount.account_id),
    ):
        parties = select(event_id, literal(part, Party.part.type), account_id).where(on_list)
        session.execute(insert(Party).from_select(columns, parties))
