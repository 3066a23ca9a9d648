"""The database: base class, naming convention, column types, and how SQLite is opened."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from time import sleep
from typing import Any, ClassVar, TypeVar
from weakref import WeakSet

from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Executable,
    MetaData,
    delete,
    event,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, SessionTransaction
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

from webapp.errors import Busy
from webapp.turns import Turns

T = TypeVar("T")
CONNECTIONS = 16  # to the database that a process keeps
PATIENCE = 3.0  # seconds that who writes to SQLite waits for others who do
WRITERS_WAITING = 25  # threads of a process that may wait to write to SQLite
READERS_MEMORY, WRITERS_MEMORY = 8_000, 32_000  # KiB of SQLite's page cache, for each connection
writing = Turns(waiting=WRITERS_WAITING, patience=PATIENCE)  # to SQLite, within this process
TURN = "turn"  # in the `info` of a session that has it
LOGS_TO_EMPTY: WeakSet[Engine] = WeakSet()  # of this process: see `empty_log`
CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every table derives from.

    A column annotated with a StrEnum, such as `Mapped[State]`, is stored as the text of its member.
    It gets a CHECK that lists the members and is named after the class.
    """

    # What the data map says of a table: what erasing does to its rows, and how long they are kept.
    erasing: ClassVar[str] = "Nothing."
    kept: ClassVar[str] = "For good: it says nothing about a person."

    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map: ClassVar[dict[type, TypeEngine[Any]]] = {
        StrEnum: Enum(
            StrEnum,
            native_enum=False,
            create_constraint=True,
            length=40,
            validate_strings=True,
            values_callable=lambda kind: [member.value for member in kind],
        )
    }


db = SQLAlchemy(
    engine_options={
        "hide_parameters": True,
        "pool_pre_ping": True,
        "pool_size": CONNECTIONS,
        "pool_timeout": PATIENCE,
    },
    session_options={"expire_on_commit": False},
)


class Moment(TypeDecorator[datetime]):
    """A point in time, always UTC and always aware, on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC).replace(tzinfo=None if dialect.name == "sqlite" else UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # PostgreSQL answers in the time zone of the connection, SQLite without one.
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


@event.listens_for(Engine, "connect")
def open_sqlite(connection: Any, _record: object) -> None:
    """Open SQLite with a write-ahead log, enforced foreign keys and deleted bytes overwritten."""
    if type(connection).__module__.split(".")[0] != "sqlite3":
        return
    connection.isolation_level = None  # begin_sqlite says BEGIN; the driver must not
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "secure_delete=ON",
        f"busy_timeout={PATIENCE * 1000:.0f}",
        "synchronous=NORMAL",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def begin_sqlite(connection: Connection) -> None:
    """Begin a transaction; one that will write takes the write lock before it reads anything.

    What it has read can then not change under it. Since only one writes at a time, it may keep many
    changed pages in memory. With a small cache, SQLite writes the same page to the log repeatedly.
    """
    if connection.dialect.name != "sqlite":
        return
    writes = connection.get_execution_options().get("writes")
    cursor = connection.connection.cursor()
    cursor.execute(f"PRAGMA cache_size=-{WRITERS_MEMORY if writes else READERS_MEMORY}")
    if not writes:
        cursor.execute(f"PRAGMA busy_timeout={PATIENCE * 1000:.0f}")  # one who wrote may have less
        cursor.execute("BEGIN")
        return
    left = connection.get_execution_options().get("patience", PATIENCE)
    cursor.execute(f"PRAGMA busy_timeout={left * 1000:.0f}")
    try:
        cursor.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise Busy from None
        raise


def begin_writing(session: Session) -> None:
    """Start the transaction of `session` as one that writes.

    On SQLite, one thread of a process does so at a time. It waits for its turn without a connection
    and gives it back as its transaction ends. Raise Busy where others write for too long, and
    RuntimeError where a transaction has begun already: reading begins one that does not write.
    """
    if session.in_transaction():
        raise RuntimeError("This session is in a transaction already.")
    if session.get_bind().dialect.name != "sqlite":
        session.connection(execution_options={"writes": True})
        return
    left = writing.take()
    try:
        session.connection(execution_options={"writes": True, "patience": left})
    except BaseException:
        writing.give_back()
        raise
    session.info[TURN] = True


@event.listens_for(Session, "after_transaction_end")
def give_turn_back(session: Session, transaction: SessionTransaction) -> None:
    """End the turn with its transaction, whose connection may be kept for longer."""
    if transaction.parent is None and session.info.pop(TURN, False):
        writing.give_back()


def affected(
    session: Session,
    statement: Executable,
    values: Mapping[str, Any] | None = None,
    *,
    kept: bool = True,
) -> int:
    """Run a set-based statement and return how many rows it inserted, changed or deleted.

    Objects loaded in this session are not updated. Pass `kept=False` for a statement that holds a
    search word: the cache of compiled statements would keep the word with it.
    """
    options: dict[str, Any] = {"synchronize_session": False, "preserve_rowcount": True} | (
        {} if kept else {"compiled_cache": None}
    )
    done = session.execute(statement, values, execution_options=options)
    return int(done.rowcount)  # type: ignore[attr-defined]  # of a CursorResult, as DML gives


def empty_log_after_commit(session: Session) -> None:
    """Let SQLite's log, which holds what was deleted, be emptied once this has been committed."""
    LOGS_TO_EMPTY.add(session.get_bind().engine)


@event.listens_for(Session, "after_commit")
def empty_log(session: Session) -> None:
    """Try for half a second, and after each later commit: a reader may be in the way."""
    engine = session.get_bind().engine
    if engine not in LOGS_TO_EMPTY or engine.dialect.name != "sqlite":
        return
    for _ in range(10):
        if log_emptied(engine):
            LOGS_TO_EMPTY.discard(engine)
            return
        sleep(0.05)


def log_emptied(engine: Engine) -> bool:
    """Write SQLite's log into its file and empty it; tell whether nobody was in the way."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=0")
        busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        cursor.execute(f"PRAGMA busy_timeout={PATIENCE * 1000:.0f}")
    finally:
        connection.close()
    return not busy


def forget(session: Session, key: InstrumentedAttribute[str], old: ColumnElement[bool]) -> None:
    """Delete the rows that are `old` from the table of `key`.

    Rows that another transaction has locked are left for the next time.
    """
    unlocked = select(key).where(old).with_for_update(skip_locked=True)
    session.execute(delete(key.class_).where(key.in_(unlocked)))


def without_index(column: InstrumentedAttribute[T]) -> ColumnElement[T]:
    """Return an expression with the values of `column` that keeps the database off its indexes.

    For statements whose rows are found faster by another condition.
    """
    return func.coalesce(column, None)


class random_bits(FunctionElement[int]):  # noqa: N801  # an SQL function, named as SQL functions are
    """48 random bits, drawn anew for every row, that nobody can work out from others."""

    type = BigInteger()
    inherit_cache = True
    name = "random_bits"


@compiles(random_bits, "sqlite")
def _sqlite(_element: random_bits, _compiler: SQLCompiler, **_options: Any) -> str:
    return "(random() & 281474976710655)"


@compiles(random_bits, "postgresql")
def _postgresql(_element: random_bits, _compiler: SQLCompiler, **_options: Any) -> str:
    return "('x' || left(replace(gen_random_uuid()::text, '-', ''), 12))::bit(48)::bigint"


class numbered(FunctionElement[Any]):  # noqa: N801  # an SQL function, named as SQL functions are
    """The strings of a JSON array, which is one value however many there are, with their places.

    It is a table: `numbered(array).table_valued("place", "word")`. Places are counted from 0.
    """

    inherit_cache = True
    name = "numbered"


@compiles(numbered, "sqlite")
def _sqlite_words(element: numbered, compiler: SQLCompiler, **options: Any) -> str:
    array = compiler.process(element.clauses, **options)
    return f"(SELECT key AS place, value AS word FROM json_each({array}))"  # noqa: S608  # a name of ours


@compiles(numbered, "postgresql")
def _postgresql_words(element: numbered, compiler: SQLCompiler, **options: Any) -> str:
    array = compiler.process(element.clauses, **options)
    each = f"json_array_elements_text(CAST({array} AS json)) WITH ORDINALITY AS each(word, number)"
    return f"(SELECT number - 1 AS place, word FROM {each})"  # noqa: S608  # as above


def upsert(session: Session, model: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that offers ON CONFLICT, in the dialect of the database in use."""
    return (
        sqlite.insert(model)
        if session.get_bind().dialect.name == "sqlite"
        else postgresql.insert(model)
    )
