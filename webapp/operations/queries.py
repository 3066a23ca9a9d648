"""Receipts, as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from webapp.errors import Gone
from webapp.lifecycle.erase import ACCOUNTS
from webapp.models import Domain, Person, Receipt, ReceiptLine


@dataclass(frozen=True)
class ReceiptPage:
    """A receipt as its reader may see it; `actor` is None where that person has been erased."""

    receipt: Receipt
    actor: Person | None
    by_domain: Sequence[Row[str, int]]
    by_kind: Sequence[Row[str, int]]

    @property
    def shown(self) -> int:
        return sum(number for _, number in self.by_domain)


def receipt(
    session: Session, actor_id: int, domain_ids: Sequence[int], reference: str
) -> ReceiptPage:
    """Return a receipt to whoever erased, and to others as far as it concerns these domains.

    Gone where that leaves nothing.
    """
    found = session.execute(
        select(Receipt, Person)
        .outerjoin(Person, Person.account_id == Receipt.actor_id)
        .where(Receipt.reference == reference)
    ).one_or_none()
    if found is None:
        raise _gone()
    may_see = or_(found.Receipt.actor_id == actor_id, ReceiptLine.domain_id.in_(domain_ids))
    lines = select(Domain.name, ReceiptLine.number).join(
        ReceiptLine, ReceiptLine.domain_id == Domain.id
    )
    by_domain = session.execute(
        lines.where(ReceiptLine.receipt_id == found.Receipt.id, may_see).order_by(Domain.name_key)
    ).all()
    if not by_domain:
        raise _gone()
    kinds = select(ReceiptLine.kind, ReceiptLine.number).where(
        ReceiptLine.receipt_id == found.Receipt.id, ReceiptLine.kind != ACCOUNTS
    )
    return ReceiptPage(
        found.Receipt,
        found.Person,
        by_domain,
        session.execute(kinds.order_by(ReceiptLine.id)).all(),
    )


def _gone() -> Gone:
    return Gone("There is no such receipt, or none that you may see.")
