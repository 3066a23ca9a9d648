"""An event: one line of Administrator activity. Who took part hangs on it by rows that can go.

An event says what was done, where, how many users it concerned, and what kind of
actor did it. Its parties are personal rows: where one is no more, the page says *Erased user*.
What has changed, from and to, stands in the event where it is about roles, domains or attributes,
and in the row of the party where it is about somebody: it then goes with them.
"""

from __future__ import annotations

import secrets
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, Moment
from webapp.models.names import LONGEST_NAME
from webapp.models.personal import PersonalData, not_personal

NAMES = "names of roles, permissions, domains, attributes and kinds, never of users"
FIRST_DAY = date(2000, 1, 1)
RANDOM_BITS = 48
EVENT_ID = BigInteger().with_variant(Integer, "sqlite")  # whose own row number it then is


class By(StrEnum):
    """What kind of actor did it."""

    PERSON = "person"
    STRANGER = "stranger"  # somebody who was not signed in
    COMMAND_LINE = "command line"


class Part(StrEnum):
    """Which part a person has in an event."""

    ACTOR = "actor"
    SUBJECT = "subject"


class Event(Base):
    """`at` is the exact moment; none where somebody who took part has been erased since.

    The id tells the day and nothing more: 48 random bits follow it. Ids in the order of time would
    give the moment away again.
    """

    __tablename__ = "event"
    erasing = "The moment is forgotten where one of them took part; the day stays."
    kept = "For good: administrators answer for what they did. Who took part is kept elsewhere."

    id: Mapped[int] = mapped_column(EVENT_ID, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(Date)
    at: Mapped[datetime | None] = mapped_column(Moment)
    key: Mapped[str] = mapped_column(String(40), info=not_personal("a key of webapp/events.py"))
    done_by: Mapped[By] = mapped_column(info=not_personal("one of three kinds of actor"))
    about_user: Mapped[bool] = mapped_column(default=False)  # whether it had a subject
    domain_id: Mapped[int | None] = mapped_column(ForeignKey("domain.id"))
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("receipt.id"))
    number: Mapped[int] = mapped_column(default=1)  # of users concerned
    before: Mapped[str | None] = mapped_column(Text, info=not_personal(NAMES))
    after: Mapped[str | None] = mapped_column(Text, info=not_personal(NAMES))

    __table_args__ = (
        Index(None, "domain_id", "day"),  # the page of who sees some domains, newest day first
        Index(None, "day"),  # the same for who sees them all
        Index(None, "receipt_id"),  # who erased, for the receipt
    )


class Party(PersonalData):
    """Who did it, or to whom it was done, and what changed for them, from `before` to `after`."""

    __tablename__ = "party"
    counted_as = "Places in Administrator activity"
    erasing = "The rows of the people erased are deleted; the page then says “Erased user”."

    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"), primary_key=True)
    event_id: Mapped[int] = mapped_column(EVENT_ID, ForeignKey("event.id"), primary_key=True)
    part: Mapped[Part] = mapped_column(primary_key=True)
    before: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    after: Mapped[str | None] = mapped_column(String(LONGEST_NAME))

    __table_args__ = (
        Index(None, "event_id", "part"),  # the parties of the events on a page
        {"sqlite_with_rowid": False},  # rows of one person lie together, and go together
    )


def day_bits(day: date) -> int:
    """Return the part of an event's id that tells its day."""
    return (day - FIRST_DAY).days << RANDOM_BITS


def new_event_id(day: date) -> int:
    return day_bits(day) | secrets.randbits(RANDOM_BITS)
