"""A selection: the criteria of a search, and what has been ticked or unticked since."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, Moment
from webapp.models.account import State
from webapp.models.personal import PersonalData, not_personal


class Purpose(StrEnum):
    """The search page that a selection was made on."""

    MANAGE = "manage"
    ERASE = "erase"
    RESTORE = "restore"


class Selection(PersonalData):
    """A search of the person `account_id`.

    The keyword may name somebody else, so every erasure deletes all selections that have one.
    With `some_domains`, only those of `SelectionDomain` are searched.
    """

    __tablename__ = "selection"
    counted_as = "Own searches"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"))
    purpose: Mapped[Purpose]
    keyword: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[State | None]
    since_from: Mapped[date | None] = mapped_column(Date)
    since_to: Mapped[date | None] = mapped_column(Date)
    order: Mapped[str] = mapped_column("sort_order", String(20), default="-since")
    some_domains: Mapped[bool] = mapped_column(default=False)
    all_ticked: Mapped[bool] = mapped_column(default=True)
    # Whether it is the one that the menu at the side acts on.
    current: Mapped[bool] = mapped_column("is_current", default=False)
    made_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        Index(None, "account_id"),  # the foreign key, and a person's current selection
    )


class SelectionDomain(Base):
    """A domain that is searched, where not every domain that the person may search is."""

    __tablename__ = "selection_domain"

    selection_id: Mapped[str] = mapped_column(
        ForeignKey("selection.id", ondelete="CASCADE"),
        primary_key=True,
        info=not_personal("random"),
    )
    domain_id: Mapped[int] = mapped_column(ForeignKey("domain.id"), primary_key=True)


class Tick(PersonalData):
    """An account whose tick differs from the selection's `all_ticked`."""

    __tablename__ = "selection_tick"
    counted_as = "Places among ticks"

    selection_id: Mapped[str] = mapped_column(
        ForeignKey("selection.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"), primary_key=True)

    __table_args__ = (Index(None, "account_id"),)  # erasing takes people off everyone's ticks
