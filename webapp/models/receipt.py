"""A receipt: the record of a performed erasure. Counts, no names."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base
from webapp.models.personal import not_personal


class Receipt(Base):
    """When it happened and who did it, its events say: one in each domain.

    `scrubbed_on` is the day on which the database's files were rewritten since.
    """

    __tablename__ = "receipt"
    erasing = "One is added, without names."
    kept = "For good: it shows that the erasure happened."

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(
        String(22), unique=True, info=not_personal("random; stands in the URL")
    )
    number: Mapped[int]
    scrubbed_on: Mapped[date | None] = mapped_column(Date)


class ReceiptLine(Base):
    """The number of accounts of one domain or, without a domain, of records of one kind."""

    __tablename__ = "receipt_line"
    erasing = "Some are added: numbers of accounts by domain, and of records by kind."
    kept = "For good: it shows that the erasure happened."

    id: Mapped[int] = mapped_column(primary_key=True)
    receipt_id: Mapped[int] = mapped_column(ForeignKey("receipt.id"))
    domain_id: Mapped[int | None] = mapped_column(ForeignKey("domain.id"))
    kind: Mapped[str] = mapped_column(
        String(60), info=not_personal("what was counted: a table's `counted_as`")
    )
    number: Mapped[int]

    __table_args__ = (Index(None, "receipt_id"),)


class PerformedEntry(Base):
    """An entry of the ledger, outside of the database, whose erasure was performed here.

    `receipt_id` is its receipt. Where the erasure was missing after a restore and has been
    `repeated`, that is the receipt of the repetition; None where nobody was there any more.
    """

    __tablename__ = "performed_entry"
    erasing = "One is added: the hash of the entry in the ledger."
    kept = "For good: it shows which erasures were performed here."

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_hash: Mapped[str] = mapped_column(String(64), info=not_personal("hash of that entry"))
    receipt_id: Mapped[int | None] = mapped_column(ForeignKey("receipt.id"), index=True)
    repeated: Mapped[bool] = mapped_column(default=False)
