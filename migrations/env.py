"""How Alembic reaches the database: over a connection handed over, or over one of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.types import TypeDecorator

from webapp import models  # noqa: F401  # so that the metadata is complete
from webapp.config import settings_from
from webapp.db import Base
from webapp.errors import DatabaseRefused
from webapp.models.personal import personal_tables


def run(connection: Connection) -> None:
    """Do what Alembic was asked for in one transaction: all of it is committed, or nothing.

    The transaction is begun here because Alembic would commit every migration by itself on SQLite.
    """
    with foreign_keys_off(connection), connection.execution_options(writes=True).begin():
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=as_stored,
            render_as_batch=True,  # SQLite changes a table by making it anew
        )
        context.run_migrations()
        check_foreign_keys(connection)
        keep_no_samples(connection)


@contextmanager
def foreign_keys_off(connection: Connection) -> Iterator[None]:
    """Let a migration replace a table that others refer to.

    SQLite refuses to drop such a table while foreign keys are on. It does not switch them inside
    a transaction, so this goes around it. Other databases need none of this.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.cursor()
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def check_foreign_keys(connection: Connection) -> None:
    """Refuse the upgrade where SQLite finds rows that refer to none; others look by themselves."""
    if connection.dialect.name != "sqlite":
        return
    broken = {table for table, *_ in connection.exec_driver_sql("PRAGMA foreign_key_check")}
    if broken:
        raise DatabaseRefused(
            "The upgrade was undone and nothing has changed, because it would leave rows that refer"
            f" to rows that are gone, in: {', '.join(sorted(broken))}."
        )


def as_stored(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Name the types that the database knows: a migration must not change when ours do."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


def keep_no_samples(connection: Connection) -> None:
    """Keep sample values of personal columns out of PostgreSQL's statistics."""
    if connection.dialect.name != "postgresql":
        return
    there = inspect(connection).get_multi_columns()  # an earlier revision lacks some of today's
    for table in (model.__table__ for model in personal_tables()):
        keys = {column.name for column in table.columns if column.foreign_keys}
        for name in (column["name"] for column in there.get((None, table.name), [])):
            if name not in keys:
                connection.exec_driver_sql(
                    f'ALTER TABLE "{table.name}" ALTER COLUMN "{name}" SET STATISTICS 0'
                )


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    with create_engine(settings_from().database, hide_parameters=True).connect() as own:
        run(own)
