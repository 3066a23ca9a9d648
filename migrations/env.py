"""How Alembic reaches the database: a connection handed over by `flask database upgrade`, or the one of the settings."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection, create_engine
from sqlalchemy.types import TypeDecorator

from webapp import models  # noqa: F401  # so that the metadata is complete
from webapp.config import settings_from
from webapp.db import Base
from webapp.models.personal import personal_tables


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, render_item=as_stored)
    with context.begin_transaction():
        context.run_migrations()
        keep_no_samples(connection)


def as_stored(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """A migration names the types that the database knows, so that it does not change when ours do."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


def keep_no_samples(connection: Connection) -> None:
    """PostgreSQL must not keep sample values of personal columns in its statistics."""
    if connection.dialect.name != "postgresql":
        return
    for model in personal_tables():
        for column in model.__table__.columns:
            if not column.foreign_keys:
                connection.exec_driver_sql(
                    f'ALTER TABLE IF EXISTS "{model.__tablename__}" ALTER COLUMN "{column.name}" SET STATISTICS 0'
                )


handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    run(handed_over)
else:
    with create_engine(settings_from().database).connect() as own:
        run(own)
        own.commit()
