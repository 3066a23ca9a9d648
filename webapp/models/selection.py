"""A selection: the criteria of a search, whom it found, and what has been ticked since."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Moment
from webapp.models.personal import PersonalData


class Purpose(StrEnum):
    """The search page that a selection was made on."""

    MANAGE = "manage"
    ERASE = "erase"
    RESTORE = "restore"


class Selection(PersonalData):
    """A search of the person `account_id`.

    What is asked for is kept by field of the search form, without the fields left empty. `words`
    may name anybody, as a keyword does: every erasure forgets all of them. `choices` name nobody.

    Whom it found is kept as well (`Found`), so that a list that is reviewed never grows. `found` is
    how many those were; None where they are more than one operation may hold. Such a search is made
    anew for every page, and goes when its words are forgotten.
    """

    __tablename__ = "selection"
    counted_as = "Own searches"
    erasing = (
        "Those of the people erased are deleted. Words that anybody searched for are forgotten."
    )
    kept = "A day."

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"))
    purpose: Mapped[Purpose]
    words: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    words_forgotten: Mapped[bool] = mapped_column(default=False)
    choices: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    found: Mapped[int | None]
    # The newest account when it was made; 0 where that is erased.
    newest_id: Mapped[int] = mapped_column(default=0)
    order: Mapped[str] = mapped_column("sort_order", String(20), default="-since")
    all_ticked: Mapped[bool] = mapped_column(default=True)
    # Whether it is the one that the menu at the side acts on.
    current: Mapped[bool] = mapped_column("is_current", default=False)
    made_at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        Index(None, "account_id"),  # the foreign key, and a person's current selection
    )

    @property
    def asked(self) -> dict[str, Any]:
        """What is asked for, by field of the search form."""
        return (self.words or {}) | self.choices


class Found(PersonalData):
    """An account that a selection found when it was made."""

    __tablename__ = "selection_found"
    counted_as = "Places among users found"
    kept = "A day, as the search."

    selection_id: Mapped[str] = mapped_column(
        ForeignKey("selection.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"), primary_key=True)

    __table_args__ = (
        Index(None, "account_id"),  # erasing takes people off everyone's lists
        {"sqlite_with_rowid": False},
    )


class Tick(PersonalData):
    """An account whose tick differs from the selection's `all_ticked`."""

    __tablename__ = "selection_tick"
    counted_as = "Places among ticks"
    kept = "A day, as the search."

    selection_id: Mapped[str] = mapped_column(
        ForeignKey("selection.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"), primary_key=True)

    __table_args__ = (Index(None, "account_id"),)  # erasing takes people off everyone's ticks


class Meant(PersonalData):
    """An account that an entry of a selection's list means: see `searching/lists.py`.

    `place` is that of the entry. Who is meant need not be found: it may be in another state.
    """

    __tablename__ = "selection_meant"
    counted_as = "Places meant by lists"
    kept = "A day, as the search."

    selection_id: Mapped[str] = mapped_column(
        ForeignKey("selection.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, default=0)

    __table_args__ = (
        Index(None, "account_id"),  # erasing takes people off everyone's lists
        {"sqlite_with_rowid": False},
    )
