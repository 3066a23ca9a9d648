"""The database: base class, naming convention, column types, and how SQLite is opened."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Executable,
    MetaData,
    String,
    delete,
    event,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session
from sqlalchemy.types import TypeDecorator

T = TypeVar("T")
READERS_MEMORY, WRITERS_MEMORY = 8_000, 32_000  # KiB of the pages that SQLite keeps, a connection
CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """What every table derives from."""

    metadata = MetaData(naming_convention=CONVENTION)


db = SQLAlchemy(
    engine_options={"hide_parameters": True, "pool_pre_ping": True},
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
        return (
            value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
        )  # PostgreSQL answers in the zone of the connection


class OneOf(TypeDecorator[Any]):
    """A member of `kind`, stored as its text; `one_of` makes the CHECK that goes with it."""

    impl = String(40)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.kind(value)


def one_of(column: str, kind: type[StrEnum]) -> CheckConstraint:
    """The CHECK that `column` holds a member of `kind`."""
    members = ", ".join(f"'{member.value}'" for member in kind)
    return CheckConstraint(f"{column} IN ({members})", name=column)


@event.listens_for(Engine, "connect")
def open_sqlite(connection: Any, _record: object) -> None:
    """SQLite as docs/architecture.md explains: write-ahead log, foreign keys, deleted bytes overwritten."""
    if type(connection).__module__.split(".")[0] != "sqlite3":
        return
    connection.isolation_level = None  # begin_sqlite says BEGIN; the driver must not
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "busy_timeout=15000",
        "synchronous=NORMAL",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def begin_sqlite(connection: Connection) -> None:
    """A transaction that will write takes its lock at once, so that what it has read cannot change under it.

    Only one writes at a time, so it may keep many changed pages in memory, until its connection is next used; with few, each is written to
    the log again and again.
    """
    if connection.dialect.name == "sqlite":
        writes = connection.get_execution_options().get("writes")
        connection.connection.cursor().execute(
            f"PRAGMA cache_size=-{WRITERS_MEMORY if writes else READERS_MEMORY}"
        )
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def begin_writing(session: Session) -> None:
    """Start the transaction of `session` as one that writes; nothing may have been read before, since that would have begun another kind."""
    if session.in_transaction():
        raise RuntimeError("This session is in a transaction already.")
    session.connection(execution_options={"writes": True})


def affected(session: Session, statement: Executable, *, kept: bool = True) -> int:
    """Run a set-based statement that nothing loaded in this session depends on; how many rows it inserted, changed or deleted.

    One with a search word in it is not to be `kept` among those whose SQL is ready for the next time.
    """
    options: dict[str, Any] = {"synchronize_session": False, "preserve_rowcount": True} | (
        {} if kept else {"compiled_cache": None}
    )
    done = session.execute(statement, execution_options=options)
    return int(done.rowcount)  # type: ignore[attr-defined]  # what is no SELECT gives a CursorResult


def forget(session: Session, key: InstrumentedAttribute[str], old: ColumnElement[bool]) -> None:
    """Delete the rows of the table of `key` that are `old`, but for those that someone has locked: they go the next time."""
    unlocked = select(key).where(old).with_for_update(skip_locked=True)
    session.execute(delete(key.class_).where(key.in_(unlocked)))


def without_index(column: InstrumentedAttribute[T]) -> ColumnElement[T]:
    """The same values, written so that no index on the column fits: where another way to the rows is the shorter one."""
    return func.coalesce(column, None)


def upsert(session: Session, model: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, in the dialect of the database in use."""
    return (
        sqlite.insert(model)
        if session.get_bind().dialect.name == "sqlite"
        else postgresql.insert(model)
    )
