"""The ledger: every erasure is written down outside of the database, before it is committed.

So a backup that is restored can be brought up to date. A session that has erased somebody writes
an entry as it begins to commit, and notes it in the database in the same transaction. After the
commit a second entry says that it is done. What is left undecided by a process that was killed in
between is decided later (replay.py).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import (
    Connection,
    Engine,
    NullPool,
    Row,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, SessionTransaction

from webapp.errors import Busy, LedgerUnreachable, NotPerformed
from webapp.evidence.chain import KEY, NOTHING_BEFORE, Kind, day_number, entries, hash_of
from webapp.lifecycle.erase import ERASED
from webapp.models import PerformedEntry, Receipt, ReceiptLine

WRITTEN = "written"  # in the `info` of a session: the position of an entry that is not marked yet
BRIEF = [column for column in entries.c if column is not entries.c.account_keys]
log = logging.getLogger(__name__)


class Ledger:
    """The table of entries in a database of its own. Raise LedgerUnreachable where it fails."""

    def __init__(self, url: str, kept: timedelta) -> None:
        """Open the one at this URL; keys are kept in it for as long as `kept`."""
        self.kept = kept
        where = make_url(url)
        postgresql = where.get_backend_name() == "postgresql"
        self.file = None if postgresql or "uri" in where.query else Path(where.database or "")
        patience = {"connect_timeout": 3, "options": "-c statement_timeout=10s"}
        self.engine = create_engine(
            where,
            poolclass=NullPool,  # it is seldom needed, and may be on another machine
            hide_parameters=True,
            connect_args=patience if postgresql else {},
        )
        if not postgresql:
            event.listen(self.engine, "connect", flush_every_commit)

    def entries(self) -> Sequence[Row[*tuple[Any, ...]]]:
        """Return all entries in their order; in the place of the keys, whether they are kept."""
        return self._read([*BRIEF, entries.c.account_keys.is_not(None).label("has_keys")])

    def entries_with_keys(self) -> Sequence[Row[*tuple[Any, ...]]]:
        return self._read([*entries.c])

    def keys(self, position: int) -> list[str]:
        """Return the keys of the accounts that this entry is about, as accounts have them."""
        (found,) = [
            row.account_keys
            for row in self._read([entries.c.position, entries.c.account_keys], position)
        ]
        return [found[at : at + KEY].hex() for at in range(0, len(found), KEY)]

    def write(
        self,
        kind: Kind,
        day: date,
        *,
        about: int = 0,
        keys: bytes = b"",
        list_hash: bytes = b"",
        receipt_hash: bytes = b"",
    ) -> tuple[int, str]:
        """Append an entry; return its position and its hash when it is safe on the disk.

        Of entries that are about the same one, only those are written that say something new.
        """
        said: dict[str, object] = {"kind": kind.value, "about": about, "day": day_number(day)}
        said |= {"number": len(keys) // KEY, "keys_hash": sha256(keys).digest()}
        said |= {"list_hash": list_hash, "receipt_hash": receipt_hash}
        columns = entries.c.position, entries.c.hash
        with self._reached(writes=True) as connection:
            if connection.dialect.name == "postgresql":  # one writes at a time, as on SQLite
                connection.execute(text("SELECT pg_advisory_xact_lock(76617)"))
            entries.create(connection, checkfirst=True)
            last = connection.execute(select(*columns).order_by(columns[0].desc()).limit(1)).first()
            same = select(*columns).where(entries.c.about == about, entries.c.kind == kind.value)
            there = connection.execute(same).first() if about else None
            if there:
                return there.position, there.hash.hex()
            position, before = (last.position + 1, last.hash) if last else (1, NOTHING_BEFORE)
            link = hash_of(before, position, said)
            new = insert(entries).values(position=position, account_keys=keys, hash=link, **said)
            connection.execute(new)
            old = entries.c.day < day_number(day - self.kept)
            forgotten = (
                update(entries)
                .where(old, entries.c.account_keys.is_not(None))
                .values(account_keys=None)
            )
            connection.execute(forgotten)
        return position, link.hex()

    def _read(
        self, columns: Sequence[Any], position: int | None = None
    ) -> Sequence[Row[*tuple[Any, ...]]]:
        if self.file and not self.file.exists():
            return []  # connecting would make it
        with self._reached() as connection:
            if not inspect(connection).has_table(entries.name):
                return []
            asked = select(*columns).order_by(entries.c.position)
            if position is not None:
                asked = asked.where(entries.c.position == position)
            return connection.execute(asked).all()

    @contextmanager
    def _reached(self, *, writes: bool = False) -> Iterator[Connection]:
        try:
            with self.engine.execution_options(writes=writes).begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            log.warning("The ledger cannot be reached: %s", type(error).__name__)
            raise LedgerUnreachable from None


def flush_every_commit(connection: Any, _record: object) -> None:
    """Let SQLite return from a commit when it is on the disk; otherwise a power cut can undo it."""
    connection.execute("PRAGMA synchronous=FULL")


LEDGERS: WeakKeyDictionary[Engine, Ledger] = WeakKeyDictionary()  # of this process, by database


def known(session: Session) -> dict[int, str]:
    """Return the hash of every entry that this database has performed, by its position."""
    asked = select(PerformedEntry.position, PerformedEntry.entry_hash)
    return dict(session.execute(asked).all())


def lost(
    ledger: Ledger, there: Sequence[Row[*tuple[Any, ...]]], performed: dict[int, str]
) -> list[int]:
    """Return the positions that the database has performed and this ledger does not hold.

    `there` was read before the database, in which more may have been performed since: what is not
    in it is looked for again.
    """

    def lacking(rows: Sequence[Row[*tuple[Any, ...]]]) -> list[int]:
        hashes = {row.position: row.hash.hex() for row in rows}
        return [position for position, its in performed.items() if hashes.get(position) != its]

    return lacking(ledger.entries()) if lacking(there) else []


def missing(
    there: Sequence[Row[*tuple[Any, ...]]], performed: dict[int, str]
) -> list[Row[*tuple[Any, ...]]]:
    """Return the entries that were performed, and not by this database: it is a backup."""
    word = words(there)
    return [
        row
        for row in there
        if word.get(row.position) is Kind.DONE and row.position not in performed
    ]


def words(there: Sequence[Row[*tuple[Any, ...]]]) -> dict[int, Kind]:
    """Return the last word about every entry of which it is known what became of it."""
    return {row.about: Kind(row.kind) for row in there if row.about}


@event.listens_for(Session, "before_commit")
def write_ahead(session: Session) -> None:
    """Write down who is about to be erased; NotPerformed where that must not be."""
    erased = session.info.pop(ERASED, None)
    if erased is None:
        return
    ledger = LEDGERS.get(session.get_bind().engine)
    if ledger is None:
        raise LedgerUnreachable
    there = ledger.entries()  # before the database is asked: what is done there is known here
    performed = known(session)
    if lost(ledger, there, performed):
        raise NotPerformed(
            "The ledger lacks erasures that were written in it: it was lost, or is another one.",
            "Nothing has changed. Tell whoever runs the console.",
        )
    if missing(there, performed):
        raise NotPerformed(
            "A backup was restored, and erasures are to be repeated first.",
            "Nothing has changed. Tell whoever runs the console.",
        )
    position, entry_hash = ledger.write(
        Kind.ERASURE if erased.operation_id else Kind.REPLAY,
        erased.day,
        keys=erased.keys,
        list_hash=list_hash(erased.operation_id) if erased.operation_id else b"",
        receipt_hash=receipt_hash(session, erased.receipt_id),
    )
    entry = PerformedEntry(
        position=position, entry_hash=entry_hash, receipt_id=erased.receipt_id, repeated=False
    )
    session.add(entry)
    session.info[WRITTEN] = (ledger, position, erased.day)


@event.listens_for(Session, "after_commit", insert=True)  # before time is spent on anything else
def mark(session: Session) -> None:
    """Say that it is done. Where that fails, whoever looks next finds it in the database."""
    written = session.info.pop(WRITTEN, None)
    if written:
        ledger, position, day = written
        with suppress(LedgerUnreachable, Busy):
            ledger.write(Kind.DONE, day, about=position)


@event.listens_for(Session, "after_transaction_end")
def forget_what_was_not_committed(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(ERASED, None)
        session.info.pop(WRITTEN, None)


def list_hash(operation_id: str) -> bytes:
    return sha256(operation_id.encode()).digest()


def receipt_hash(session: Session, receipt_id: int) -> bytes:
    """Return the hash of what a receipt says of its erasure."""
    receipt = session.get_one(Receipt, receipt_id)
    columns = ReceiptLine.domain_id, ReceiptLine.kind, ReceiptLine.number
    lines = select(*columns).where(ReceiptLine.receipt_id == receipt_id).order_by(ReceiptLine.id)
    said = [(receipt.reference, receipt.number), *map(tuple, session.execute(lines))]
    return sha256("\n".join(map(repr, said)).encode()).digest()
