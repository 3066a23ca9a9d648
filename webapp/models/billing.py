"""Billing statistics: the months in which an account was live. Months only, so erasing has nothing to round here."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base


class BilledSpan(Base):
    """An account was live in `domain_id` on at least one day of every month from `first_month` to `last_month`.

    Months are their first day; an open span (`last_month` empty) belongs to a live account. Spans of one account in one
    domain never share a month nor touch, so every month counts an account once.
    """

    __tablename__ = "billed_span"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    domain_id: Mapped[int] = mapped_column(ForeignKey("domain.id"), primary_key=True)
    first_month: Mapped[date] = mapped_column(Date, primary_key=True)
    last_month: Mapped[date | None] = mapped_column(Date)

    __table_args__ = (
        CheckConstraint("last_month IS NULL OR last_month >= first_month", name="months_in_order"),
        Index(
            None, "domain_id", "first_month"
        ),  # how many began, by domain and month: read from the index alone
        Index(None, "domain_id", "last_month"),  # how many ended, likewise
    )
