"""Whether the ledger, and the receipts that it has seen, are as they were written."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.errors import Refused
from webapp.evidence.chain import Kind, first_misfit
from webapp.evidence.ledger import Ledger, known, lost, receipt_hash, words
from webapp.models import PerformedEntry, Receipt


@dataclass(frozen=True)
class Verified:
    """Erasures in the ledger; those without keys, which cannot be repeated; and void ones."""

    erasures: int
    without_keys: int
    void: list[int]


def verify(session: Session, ledger: Ledger) -> Verified:
    """Read everything; Refused with the first thing that does not fit."""
    there = ledger.entries_with_keys()
    position = first_misfit(there)
    if position is not None:
        raise Refused(
            f"Entry {position} of the ledger does not fit: it was changed, or one was taken out "
            "or put in before it.",
            "Compare it with a copy of the ledger.",
        )
    for position in sorted(lost(ledger, there, known(session))):
        raise Refused(
            f"The database has performed entry {position} of the ledger, which the ledger lacks "
            "or has another one of: it was changed, lost, or is another ledger.",
            "Compare it with a copy of the ledger.",
        )
    written = {row.position: row.receipt_hash for row in there}
    own = select(PerformedEntry.position, Receipt.id, Receipt.reference)
    own = own.join(Receipt, Receipt.id == PerformedEntry.receipt_id)
    own = own.where(~PerformedEntry.repeated, PerformedEntry.position <= len(there))
    own = own.order_by(PerformedEntry.position)
    for position, receipt_id, reference in session.execute(own):
        if receipt_hash(session, receipt_id) != written[position]:
            raise Refused(
                f"The receipt {reference} is not as it was when entry {position} was written.",
                "Compare it with a printed one, or with a backup.",
            )
    word = words(there)
    erasures = [row for row in there if not row.about]
    return Verified(
        len(erasures),
        sum(row.account_keys is None for row in erasures),
        [row.position for row in erasures if word.get(row.position) is Kind.VOID],
    )
