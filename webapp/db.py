"""The database: base class, naming convention, column types, and how SQLite is opened."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import (
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
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session
from sqlalchemy.types import TypeDecorator, TypeEngine

T = TypeVar("T")
READERS_MEMORY, WRITERS_MEMORY = 8_000, 32_000  # KiB of SQLite's page cache, for each connection
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
        "busy_timeout=15000",
        "synchronous=NORMAL",
    ):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def begin_sqlite(connection: Connection) -> None:
    """Begin a transaction; one that will write takes the write lock before it reads anything.

    What it has read can then not change under it. Since only one writes at a time, it may keep many
    changed pages in memory. With a small cache, SQLite writes the same page to the log repeatedly.
    """
    if connection.dialect.name == "sqlite":
        writes = connection.get_execution_options().get("writes")
        connection.connection.cursor().execute(
            f"PRAGMA cache_size=-{WRITERS_MEMORY if writes else READERS_MEMORY}"
        )
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def begin_writing(session: Session) -> None:
    """Start the transaction of `session` as one that writes.

    Raise RuntimeError where one has begun already: reading begins one that does not write.
    """
    if session.in_transaction():
        raise RuntimeError("This session is in a transaction already.")
    session.connection(execution_options={"writes": True})


def affected(session: Session, statement: Executable, *, kept: bool = True) -> int:
    """Run a set-based statement and return how many rows it inserted, changed or deleted.

    Objects loaded in this session are not updated. Pass `kept=False` for a statement that holds a
    search word: the cache of compiled statements would keep the word with it.
    """
    options: dict[str, Any] = {"synchronize_session": False, "preserve_rowcount": True} | (
        {} if kept else {"compiled_cache": None}
    )
    done = session.execute(statement, execution_options=options)
    return int(done.rowcount)  # type: ignore[attr-defined]  # of a CursorResult, as DML gives


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


def upsert(session: Session, model: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that offers ON CONFLICT, in the dialect of the database in use."""
    return (
        sqlite.insert(model)
        if session.get_bind().dialect.name == "sqlite"
        else postgresql.insert(model)
    )
