"""Billing statistics: the months in which accounts were live, and were erased since."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base
from webapp.models.personal import PersonalData


class BilledSpan(PersonalData):
    """An account was live in `domain_id` on at least one day of every month of the span.

    It runs from `first_month` to `last_month`, which are their first days. An open span (without
    `last_month`) belongs to a live account. Spans of one account in one domain never share a month
    nor touch, so that every month counts an account once.
    """

    __tablename__ = "billed_span"
    counted_as = "Billing spans, kept as numbers"
    erasing = "The rows of the people erased are counted as numbers, and deleted."

    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"), primary_key=True)
    domain_id: Mapped[int] = mapped_column(ForeignKey("domain.id"), primary_key=True)
    first_month: Mapped[date] = mapped_column(Date, primary_key=True)
    last_month: Mapped[date | None] = mapped_column(Date)

    __table_args__ = (
        CheckConstraint("last_month IS NULL OR last_month >= first_month", name="months_in_order"),
        # How many began and how many ended, by domain and month: each read from its index alone.
        Index(None, "domain_id", "first_month"),
        Index(None, "domain_id", "last_month"),
    )


class ErasedSpan(Base):
    """`number` spans of accounts that have been erased: what of them is still counted."""

    __tablename__ = "erased_span"
    erasing = "The months of the people erased are added, as numbers."
    kept = "For good: what was billed must stay as it was."

    domain_id: Mapped[int] = mapped_column(ForeignKey("domain.id"), primary_key=True)
    first_month: Mapped[date] = mapped_column(Date, primary_key=True)
    last_month: Mapped[date] = mapped_column(Date, primary_key=True)
    number: Mapped[int]

    __table_args__ = (
        CheckConstraint("last_month >= first_month", name="months_in_order"),
        CheckConstraint("number > 0", name="some"),
    )
