"""Receipts, as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, and_, select
from sqlalchemy.orm import Session

from webapp.errors import Gone
from webapp.evidence.receipt import last_passed
from webapp.lifecycle.erase import ACCOUNTS, MENTIONS_LEFT
from webapp.models import Domain, Event, Part, Party, Person, Receipt, ReceiptLine


@dataclass(frozen=True)
class ReceiptPage:
    """A receipt as its reader may see it.

    `at` is the moment of the erasure. It is None, and so is `actor`, where whoever erased has been
    erased since; the day is kept. `by_kind` is empty where the erasure concerned domains that the
    reader may not see: records are not counted by domain. `left` counts the values in which an
    erased person is still mentioned. `drilled_at` is when a drill last found nothing.
    """

    reference: str
    scrubbed_on: date | None
    drilled_at: datetime | None
    day: date
    at: datetime | None
    actor: Person | None
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
        select(Receipt, Event.day, Event.at, Person)
        .join(Event, Event.receipt_id == Receipt.id)
        .outerjoin(Party, and_(Party.event_id == Event.id, Party.part == Part.ACTOR))
        .outerjoin(Person, Person.account_id == Party.account_id)
    )
    found = session.execute(asked.where(Receipt.reference == reference).limit(1)).one_or_none()
    if found is None:
        raise _gone()
    receipt, day, at, actor = found
    everything = actor is not None and actor.account_id == reader_id
    lines = select(Domain.name, ReceiptLine.number).where(ReceiptLine.receipt_id == receipt.id)
    lines = lines.join(ReceiptLine, ReceiptLine.domain_id == Domain.id)
    if not everything:
        lines = lines.where(ReceiptLine.domain_id.in_(domain_ids))
    by_domain = session.execute(lines.order_by(Domain.name_key)).all()
    if not by_domain:
        raise _gone()
    known = (receipt.reference, receipt.scrubbed_on, last_passed(session), day, at, actor)
    if sum(number for _, number in by_domain) < receipt.number:
        return ReceiptPage(*known, by_domain, [], 0)
    kinds = select(ReceiptLine.kind, ReceiptLine.number).where(
        ReceiptLine.receipt_id == receipt.id, ReceiptLine.kind != ACCOUNTS
    )
    lines_by_kind = session.execute(kinds.order_by(ReceiptLine.id)).all()
    by_kind = [line for line in lines_by_kind if line.kind != MENTIONS_LEFT]
    left = sum(line.number for line in lines_by_kind if line.kind == MENTIONS_LEFT)
    return ReceiptPage(*known, by_domain, by_kind, left)


def _gone() -> Gone:
    return Gone("There is no such receipt, or none that you may see.")
