"""Billing statistics: the months in which an account was live. Erasing changes nothing here."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base


class BilledSpan(Base):
    """The months, from `first_month` to `last_month`, in which an account was live in a domain.

    It was live on at least one day of each. A month is its first day; `last_month` is empty while
    the account is live. Spans of one account in one domain never share a month or touch, so that a
    month counts an account once.
    """

    __tablename__ = "billed_span"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    domain_id: Mapped[int] = mapped_column(ForeignKey("domain.id"), primary_key=True)
    first_month: Mapped[date] = mapped_column(Date, primary_key=True)
    last_month: Mapped[date | None] = mapped_column(Date)

    __table_args__ = (
        CheckConstraint("last_month IS NULL OR last_month >= first_month", name="months_in_order"),
        # How many spans began and ended, by domain and month, is read from these alone.
        Index(None, "domain_id", "first_month"),
        Index(None, "domain_id", "last_month"),
    )
