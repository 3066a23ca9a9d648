"""An operation: a frozen list of accounts with one verb, performed whole or not at all."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, Moment
from webapp.models.account import Verb
from webapp.models.personal import not_personal
from webapp.models.selection import Purpose


class Outcome(StrEnum):
    """What became of an operation."""

    OPEN = "open"
    PERFORMED = "performed"
    REFUSED = "refused"


class Operation(Base):
    """`number` accounts, frozen at `made_at` by `actor_id`.

    Only that person can confirm them, until `expires_at`. Of a refused operation, `changed`
    accounts were no longer as reviewed. `forbidden` counts those that were, but in a domain where
    the person no longer holds the right.
    """

    __tablename__ = "operation"

    id: Mapped[str] = mapped_column(String(22), primary_key=True, info=not_personal("random"))
    verb: Mapped[Verb] = mapped_column(info=not_personal("one of five verbs"))
    actor_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    purpose: Mapped[Purpose | None] = mapped_column(info=not_personal("the page it came from"))
    selection_id: Mapped[str | None] = mapped_column(
        String(22), info=not_personal("random; where to review the list again")
    )
    made_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    number: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[Outcome] = mapped_column(
        default=Outcome.OPEN, info=not_personal("one of three outcomes")
    )
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("receipt.id"))
    changed: Mapped[int] = mapped_column(default=0)
    forbidden: Mapped[int] = mapped_column(default=0)


class OperationAccount(Base):
    """One account of the list, with the domain it belonged to when the list was frozen."""

    __tablename__ = "operation_account"

    operation_id: Mapped[str] = mapped_column(
        ForeignKey("operation.id", ondelete="CASCADE"),
        primary_key=True,
        info=not_personal("random"),
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    domain_id: Mapped[int] = mapped_column(ForeignKey("domain.id"))

    __table_args__ = (Index(None, "account_id"),)  # erasing takes people off everyone's lists
