"""A backup that was restored still holds people who were erased since. They are erased again.

The ledger says which erasures were performed. One that the database does not know of was performed
after the backup: nothing is shown then until it has been repeated. Four cases are told apart.

- Marked as done, and the database lacks it: a backup was restored. It is repeated.
- Not marked, and the database has it: the process was killed after the commit. It is marked.
- Not marked, the database lacks it, but still holds the list that was confirmed: the process was
  killed before the commit, and nobody was told anything else. It is void.
- Not marked, and the database knows neither it nor its list: a backup was restored, and nobody can
  tell whether it was performed before. A person decides.

The last three are decided while no transaction that erases is under way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock
from time import monotonic
from typing import Any

from sqlalchemy import (
    Column,
    Date,
    Engine,
    Integer,
    MetaData,
    Row,
    String,
    Table,
    delete,
    insert,
    select,
    text,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from webapp.db import affected
from webapp.errors import Busy, LedgerUnreachable, Refused, Restored
from webapp.evidence.chain import Kind
from webapp.evidence.ledger import Ledger, known, list_hash, lost, missing, words
from webapp.lifecycle import billed
from webapp.lifecycle.erase import Listed, erase_listed
from webapp.models import Account, Operation, PerformedEntry, Verb
from webapp.times import now
from webapp.words import listed, users

LOOK_EVERY = 5  # seconds
Entries = Sequence[Row[*tuple[Any, ...]]]
TEMPORARY = MetaData()
KEYS = Table(
    "key_again",
    TEMPORARY,
    Column("key", String(32), primary_key=True),
    Column("month", Date, nullable=False),
    prefixes=["TEMPORARY"],
)
AGAIN = Table(
    "account_again",
    TEMPORARY,
    Column("account_id", Integer, primary_key=True, autoincrement=False),
    Column("domain_id", Integer, nullable=False),
    Column("month", Date, nullable=False),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True)
class Standing:
    """What is amiss between the database and the ledger, by positions; nothing where all agree."""

    missing: list[int]
    doubtful: list[int]


class Watch:
    """Looks from time to time whether a backup was restored, also while a process runs."""

    def __init__(self, engine: Engine, ledger: Ledger) -> None:
        self.engine, self.ledger = engine, ledger
        self.restored, self.looked, self.looking = False, -float("inf"), Lock()

    def refuse_restored(self, *, at_once: bool = False) -> None:
        """Raise Restored where erasures are missing.

        Looks every few seconds, and `at_once` if asked. Where one of the two cannot be read, it
        stays with what was seen last.
        """
        must = at_once or self.restored or self.looked < 0  # others go on while one of them looks
        old = monotonic() - self.looked > LOOK_EVERY
        if (must or old) and self.looking.acquire(blocking=must):
            try:
                found = standing(self.engine, self.ledger)
                self.restored = bool(found.missing or found.doubtful)
            except (LedgerUnreachable, Busy, SQLAlchemyError):
                pass
            finally:
                self.looked = monotonic()
                self.looking.release()
        if self.restored:
            raise Restored


def standing(engine: Engine, ledger: Ledger) -> Standing:
    """Compare the two, and decide what a process that was killed has left undecided.

    The ledger is read first: what is done there is then known in the database.
    """
    there = ledger.entries()
    if not there:
        return Standing([], [])
    if not _undecided(there):
        with Session(engine) as session:
            return _standing(session, ledger, there)
    with Session(engine) as session, nobody_erasing(session) as alone:
        if alone:
            decide(session, ledger)
            return _standing(session, ledger, ledger.entries())
        return Standing(
            _standing(session, ledger, there).missing, []
        )  # what is under way is no fault


def _undecided(there: Entries) -> Entries:
    settled = words(there)
    return [row for row in there if not row.about and row.position not in settled]


def _standing(session: Session, ledger: Ledger, there: Entries) -> Standing:
    performed = known(session)
    if lost(ledger, there, performed):  # another ledger says nothing about this database
        return Standing([], [])
    doubtful = [row.position for row in _undecided(there) if row.position not in performed]
    return Standing([row.position for row in missing(there, performed)], doubtful)


@contextmanager
def nobody_erasing(session: Session) -> Iterator[bool]:
    """Tell whether no erasure is under way, and keep it so until the end; never wait for one.

    An erasure holds SQLite's write lock, and on PostgreSQL that of a writer on its receipt.
    """
    postgresql = session.get_bind().dialect.name == "postgresql"
    try:
        session.connection(execution_options={"writes": True, "patience": 0})
        if postgresql:
            session.execute(text("LOCK TABLE receipt IN SHARE ROW EXCLUSIVE MODE NOWAIT"))
        alone = True
    except (Busy, SQLAlchemyError):
        session.rollback()
        alone = False
    yield alone
    session.rollback()


def decide(session: Session, ledger: Ledger) -> None:
    """Mark what was performed, and what never was, while nobody erases."""
    there, performed = ledger.entries(), known(session)
    if lost(ledger, there, performed):
        return
    erasing = select(Operation.id).where(Operation.verb == Verb.ERASE)
    lists = {list_hash(operation_id) for operation_id in session.scalars(erasing)}
    today = now().date()
    for row in _undecided(there):
        if row.position in performed:
            ledger.write(Kind.DONE, today, about=row.position)
        elif row.kind == Kind.REPLAY or row.list_hash in lists:
            # What a replay was to repeat is missing still, and asked for again.
            ledger.write(Kind.VOID, today, about=row.position)


@dataclass(frozen=True)
class Repeated:
    """How many erasures were repeated, of how many users, and how many were not there any more."""

    erasures: int
    users: int
    gone: int


def replay(
    session: Session,
    ledger: Ledger,
    at: datetime,
    *,
    repeat: Collection[int] = (),
    leave: Collection[int] = (),
) -> Repeated:
    """Repeat, in a transaction that writes, the erasures that are missing.

    `repeat` and `leave` are the positions about which a person has decided. Refused where more of
    them must be decided, and where the keys are gone.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE receipt IN SHARE ROW EXCLUSIVE MODE"))
    decide(session, ledger)
    _decided(session, ledger, at.date(), repeat, leave)
    there, performed = ledger.entries(), known(session)
    _refuse_doubtful(there, performed)
    lacking = missing(there, performed)
    _refuse_without_keys([row for row in lacking if row.position not in leave])
    repeated = [row for row in lacking if row.position not in leave]
    keys, number, receipt_id = _erase_again(session, ledger, repeated, at)
    for row in lacking:
        entry = PerformedEntry(position=row.position, entry_hash=row.hash.hex(), repeated=True)
        entry.receipt_id = receipt_id if row in repeated else None
        session.add(entry)
    return Repeated(len(repeated), number, keys - number)


def accept(session: Session, ledger: Ledger) -> int:
    """Go on with this ledger, which lacks entries that the database knows of; return how many."""
    forgotten = lost(ledger, ledger.entries(), known(session))
    for position in forgotten:
        session.execute(delete(PerformedEntry).where(PerformedEntry.position == position))
    return len(forgotten)


def _decided(
    session: Session, ledger: Ledger, day: date, repeat: Collection[int], leave: Collection[int]
) -> None:
    """Write what a person has decided; Refused for an entry of which nothing is to be decided."""
    there, performed = ledger.entries(), known(session)
    if lost(ledger, there, performed):
        raise Refused(
            "The ledger lacks erasures that were written in it: it was lost, or is another one.",
            "Find it, or go on with this one: `flask --app wsgi erasure accept-ledger`.",
        )
    lacking = {row.position for row in there if not row.about and row.position not in performed}
    for position in sorted({*repeat, *leave} - lacking):
        raise Refused(f"Entry {position} of the ledger is no erasure that the database lacks.")
    settled = words(there)
    for position in repeat:
        ledger.write(Kind.DONE, day, about=position)
    for position in set(leave) - settled.keys():
        ledger.write(Kind.VOID, day, about=position)


def _refuse_doubtful(there: Entries, performed: dict[int, str]) -> None:
    for row in _undecided(there):
        if row.position not in performed:
            raise Refused(
                f"A backup was restored, and it is not known whether entry {row.position} of the "
                f"ledger ({users(row.number)}, {row.day}) was performed before.",
                f"Find out, then say `--repeat {row.position}` or `--leave {row.position}`.",
            )


def _refuse_without_keys(lacking: Entries) -> None:
    gone = [str(row.position) for row in lacking if not row.has_keys]
    if gone:
        raise Refused(
            f"The backup is older than CONSOLE_BACKUPS_KEPT_DAYS: entries {listed(gone)} of the "
            "ledger cannot be repeated, since their keys are gone.",
            "Restore a later backup; or say `--leave` for each of them.",
        )


def _erase_again(
    session: Session, ledger: Ledger, repeated: Entries, at: datetime
) -> tuple[int, int, int | None]:
    """Erase whoever has one of the keys of these entries, in whatever state they are.

    Return how many keys there are, how many users, and the id of the receipt if there is one.
    Nobody can say when those who are live were archived: they count up to the month of the erasure.
    """
    months: dict[str, date] = {}
    for row in repeated:
        month = date(row.day // 10000, row.day // 100 % 100, 1)
        months |= {key: month for key in ledger.keys(row.position) if key not in months}
    if not months:
        return 0, 0, None
    TEMPORARY.create_all(session.connection(), checkfirst=False)
    rows = [{"key": key, "month": month} for key, month in months.items()]
    session.connection().execute(insert(KEYS), rows)
    found = select(Account.id, Account.domain_id, KEYS.c.month)
    found = found.join(KEYS, KEYS.c.key == Account.key).order_by(Account.id)
    locked = found.with_for_update(of=Account)
    number = affected(session, insert(AGAIN).from_select(list(AGAIN.c), locked))
    receipt_id = None
    if number:
        accounts = select(AGAIN.c.account_id)
        for month in sorted(set(months.values())):
            billed.end(session, accounts.where(AGAIN.c.month == month), month)
        receipt_id = erase_listed(session, Listed(accounts, select(AGAIN.c.domain_id), number), at)
    TEMPORARY.drop_all(session.connection(), checkfirst=False)
    return len(months), number, receipt_id
