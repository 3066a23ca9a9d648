"""An event: one line of Administrator activity. It holds ids; pages look the names up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, Moment
from webapp.models.personal import not_personal


class Event(Base):
    """Who (`actor_id`, empty for the command line) did what (`key`), to whom, where and when.

    `number` counts the accounts concerned. webapp/events.py lists the keys.
    """

    __tablename__ = "event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    key: Mapped[str] = mapped_column(String(40), info=not_personal("a key of webapp/events.py"))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    domain_id: Mapped[int | None] = mapped_column(ForeignKey("domain.id"))
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("receipt.id"))
    number: Mapped[int] = mapped_column(default=1)

    __table_args__ = (
        # The page of somebody who sees some domains, newest first.
        Index(None, "domain_id", "at", "id"),
        # The same for somebody who sees them all.
        Index(None, "at", "id"),
    )
