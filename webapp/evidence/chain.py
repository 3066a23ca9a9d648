"""The entries of the ledger, and the chain that they make.

Every entry carries a hash of what it says and of the entry before it. So one that is changed, left
out or put in between fits no more. Nothing in it is text that somebody wrote: positions, days,
numbers, hashes, and the random keys that accounts were given when they were made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from hashlib import sha256

from sqlalchemy import CheckConstraint, Column, Integer, LargeBinary, MetaData, Row, Table, Text

KEY = 16  # bytes of an account's key
HASH = 32  # bytes
NOTHING_BEFORE = bytes(HASH)  # in the place of the hash before the first entry


class Kind(StrEnum):
    """What an entry says."""

    ERASURE = "erasure"  # a confirmed list is about to be erased
    REPLAY = "replay"  # erasures that a restored backup lacks are about to be repeated
    DONE = "done"  # the entry that it is about has been performed
    VOID = "void"  # the entry that it is about never was


KINDS = ", ".join(f"'{kind}'" for kind in Kind)
entries = Table(
    "ledger_entry",
    MetaData(),
    Column("position", Integer, CheckConstraint("position > 0"), primary_key=True),
    Column("kind", Text, CheckConstraint(f"kind IN ({KINDS})"), nullable=False),
    # The position of the entry that it is about; 0 for one that says whom to erase.
    Column("about", Integer, CheckConstraint("about BETWEEN 0 AND position - 1"), nullable=False),
    Column("day", Integer, CheckConstraint("day BETWEEN 20000101 AND 99991231"), nullable=False),
    Column("number", Integer, CheckConstraint("number >= 0"), nullable=False),
    # NULL once every backup that holds these accounts is gone.
    Column("account_keys", LargeBinary, CheckConstraint(f"length(account_keys) = {KEY} * number")),
    Column("keys_hash", LargeBinary, CheckConstraint("length(keys_hash) = 32"), nullable=False),
    # Of the id of the list that was confirmed, which is random; empty where there was none.
    Column(
        "list_hash", LargeBinary, CheckConstraint("length(list_hash) IN (0, 32)"), nullable=False
    ),
    Column(
        "receipt_hash",
        LargeBinary,
        CheckConstraint("length(receipt_hash) IN (0, 32)"),
        nullable=False,
    ),
    Column("hash", LargeBinary, CheckConstraint("length(hash) = 32"), nullable=False),
    CheckConstraint("(about = 0) = (kind IN ('erasure', 'replay'))", name="about_another"),
    CheckConstraint("about = 0 OR number = 0", name="keys_where_somebody_is_erased"),
    sqlite_strict=True,  # without it, SQLite keeps text in a column of numbers
)


def day_number(day: date) -> int:
    """Return a day as the ledger has it: 20261125 is 25 November 2026."""
    return int(f"{day:%Y%m%d}")


def hash_of(before: bytes, position: int, said: Mapping[str, object]) -> bytes:
    """Return the hash of an entry that says this at this position, after the hash `before`."""
    names = "kind", "about", "day", "number", "keys_hash", "list_hash", "receipt_hash"
    values = (said[name] for name in names)
    written = (v.hex() if isinstance(v, bytes) else str(v) for v in (before, position, *values))
    return sha256("\n".join(written).encode()).digest()


def first_misfit(rows: Iterable[Row[*tuple[object, ...]]]) -> int | None:
    """Return the position of the first of all entries that does not fit; None where all fit."""
    before, position = NOTHING_BEFORE, 0
    for position, row in enumerate(rows, 1):
        keys = row.account_keys
        if (
            row.position != position
            or (keys is not None and sha256(keys).digest() != row.keys_hash)
            or hash_of(before, position, row._asdict()) != row.hash
        ):
            return position
        before = row.hash
    return None
