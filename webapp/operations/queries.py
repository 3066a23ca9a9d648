"""Receipts, as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session

from webapp.errors import Gone
from webapp.evidence.receipt import last_passed
from webapp.lifecycle.erase import ACCOUNTS, MENTIONS_LEFT
from webapp.models import (
    By,
    Domain,
    Event,
    Part,
    Party,
    PerformedEntry,
    Person,
    Receipt,
    ReceiptLine,
)


@dataclass(frozen=True)
class ReceiptPage:
    """A receipt as its reader may see it.

    `at` is the moment of the erasure. It is None, and so is `actor`, where whoever erased has been
    erased since; the day is kept. `entry` is its position in the ledger, None for one from before
    there was one, and `repeats` are those of the erasures that it repeats. `by_kind` is empty where
    the erasure concerned domains that the reader may not see: records are not counted by domain.
    `left` counts the values in which an erased person is still mentioned. `drilled_at` is when a
    drill last found nothing.
    """

    reference: str
    scrubbed_on: date | None
    drilled_at: datetime | None
    day: date
    at: datetime | None
    by: By
    actor: Person | None
    entry: int | None
    repeats: Sequence[int]
    by_domain: Sequence[Row[str, int]]
    by_kind: Sequence[Row[str, int]]
    left: int

    @property
    def number(self) -> int:
        return sum(number for _, number in self.by_domain)


def receipt(
    session: Session, reader_id: int, domain_ids: Sequence[int], reference: str
) -> ReceiptPage:
    """Return a receipt to whoever erased, and to others as far as it concerns these domains.

    Gone where that leaves nothing.
    """
    asked = (
        select(Receipt, Event.day, Event.at, Event.done_by, Person)
        .join(Event, Event.receipt_id == Receipt.id)
        .outerjoin(Party, and_(Party.event_id == Event.id, Party.part == Part.ACTOR))
        .outerjoin(Person, Person.account_id == Party.account_id)
    )
    found = session.execute(asked.where(Receipt.reference == reference).limit(1)).one_or_none()
    if found is None:
        raise _gone()
    receipt, day, at, by, actor = found
    everything = actor is not None and actor.account_id == reader_id
    lines = select(Domain.name, ReceiptLine.number).where(ReceiptLine.receipt_id == receipt.id)
    lines = lines.join(ReceiptLine, ReceiptLine.domain_id == Domain.id)
    if not everything:
        lines = lines.where(ReceiptLine.domain_id.in_(domain_ids))
    by_domain = session.execute(lines.order_by(Domain.name_key)).all()
    if not by_domain:
        raise _gone()
    columns = PerformedEntry.position, PerformedEntry.repeated
    asked_entries = select(*columns).where(PerformedEntry.receipt_id == receipt.id)
    entries = session.execute(asked_entries.order_by(PerformedEntry.position)).all()
    own = next((position for position, repeated in entries if not repeated), None)
    repeats = [position for position, repeated in entries if repeated]
    passed = last_passed(session)
    known = (receipt.reference, receipt.scrubbed_on, passed, day, at, by, actor, own, repeats)
    if sum(number for _, number in by_domain) < receipt.number:
        return ReceiptPage(*known, by_domain, [], 0)
    kinds = select(ReceiptLine.kind, ReceiptLine.number).where(
        ReceiptLine.receipt_id == receipt.id, ReceiptLine.kind != ACCOUNTS
    )
    lines_by_kind = session.execute(kinds.order_by(ReceiptLine.id)).all()
    by_kind = [line for line in lines_by_kind if line.kind != MENTIONS_LEFT]
    left = sum(line.number for line in lines_by_kind if line.kind == MENTIONS_LEFT)
    return ReceiptPage(*known, by_domain, by_kind, left)


def receipts(
    session: Session, reader_id: int, page: int, size: int
) -> Sequence[Row[str, int, date, datetime | None, int]]:
    """Return the receipts of what this person has erased, the newest first.

    Reference, number of users, day, moment and number of domains; there is one row more than
    `size` where there is a next page.
    """
    theirs = (Party.account_id == reader_id, Party.part == Part.ACTOR)
    own = select(Event.receipt_id).join(Party, Party.event_id == Event.id).where(*theirs)
    these = Receipt.id.in_(own.where(Event.receipt_id.is_not(None)))
    newest = select(Receipt.id, Receipt.reference, Receipt.number).where(these)
    newest = newest.order_by(Receipt.id.desc()).limit(size + 1).offset((page - 1) * size)
    shown = newest.subquery()
    asked = (
        select(
            shown.c.reference,
            shown.c.number,
            func.max(Event.day).label("day"),
            func.max(Event.at).label("at"),
            func.count().label("domains"),
        )
        .join(Event, Event.receipt_id == shown.c.id)
        .group_by(shown.c.id, shown.c.reference, shown.c.number)
    )
    return session.execute(asked.order_by(shown.c.id.desc())).all()


def _gone() -> Gone:
    return Gone("There is no such receipt, or none that you may see.")
