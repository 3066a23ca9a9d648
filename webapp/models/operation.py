"""An operation: a frozen list of accounts with one verb, performed whole or not at all."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Moment
from webapp.models.account import Verb
from webapp.models.personal import PersonalData
from webapp.models.selection import Purpose


class Outcome(StrEnum):
    """What became of an operation."""

    OPEN = "open"
    PERFORMED = "performed"
    REFUSED = "refused"


class Operation(PersonalData):
    """A list of `number` accounts, frozen at `made_at`.

    It belongs to the person who reviewed it (`account_id`), who alone can confirm it, until
    `expires_at`. Of a refused one, `changed` says how many accounts were no longer as they were
    reviewed, and `forbidden` how many were, but in a domain in which the right is gone.
    """

    __tablename__ = "operation"
    counted_as = "Own lists for confirmation"
    erasing = "Those of the people erased are deleted, and ended ones that they were on."
    kept = "Until a day after it could last be confirmed."

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    verb: Mapped[Verb]
    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"), index=True)
    purpose: Mapped[Purpose | None]
    selection_id: Mapped[str | None] = mapped_column(String(22))  # where to review the list again
    made_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    number: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[Outcome] = mapped_column(default=Outcome.OPEN)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("receipt.id"))
    changed: Mapped[int] = mapped_column(default=0)
    forbidden: Mapped[int] = mapped_column(default=0)
    mentions_sought: Mapped[bool] = mapped_column(default=False)  # of an erasure: see Mention


class OperationAccount(PersonalData):
    """One account of the list, with the domain it belonged to when the list was frozen.

    `event_bits` are random. They become the id of the event that says what was done to it.
    The list of an erasure outlives the people on it until the transaction ends: it is what says
    whom to erase. So its foreign key is looked at only then.
    """

    __tablename__ = "operation_account"
    counted_as = "Places on lists for confirmation"
    kept = "As long as the list."

    operation_id: Mapped[str] = mapped_column(
        ForeignKey("operation.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[int] = mapped_column(
        ForeignKey("person.account_id", deferrable=True, initially="DEFERRED"), primary_key=True
    )
    domain_id: Mapped[int] = mapped_column(ForeignKey("domain.id"))
    event_bits: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (Index(None, "account_id"),)  # erasing takes people off everyone's lists


class Mention(PersonalData):
    """A value of somebody else, `account_id`, that names one of the people on an erasure's list.

    It was found when the list was shown, and goes with the list.
    """

    __tablename__ = "operation_mention"
    counted_as = "Places on lists of mentions"
    kept = "As long as the list."

    operation_id: Mapped[str] = mapped_column(
        ForeignKey("operation.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"), primary_key=True)
    attribute_id: Mapped[int] = mapped_column(ForeignKey("attribute.id"), primary_key=True)

    __table_args__ = (Index(None, "account_id"), Index(None, "attribute_id"))  # the foreign keys
