"""The data map: every table and column, personal or not and why, and what becomes of it.

It is made from the models, so that it cannot be out of date.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Column, Date, Table

from webapp.db import Base, Moment
from webapp.models.personal import PersonalData


@dataclass(frozen=True)
class MappedColumn:
    """A column; `why` says why it is personal or not, as all of its table are."""

    name: str
    why: str


@dataclass(frozen=True)
class MappedTable:
    """A table; `erasing` says what an erasure does to its rows, `kept` until when they are kept."""

    name: str
    personal: bool
    erasing: str
    kept: str
    columns: tuple[MappedColumn, ...]


def data_map() -> list[MappedTable]:
    """Return every table by name, those of personal data first."""
    return sorted(_tables(), key=lambda table: (not table.personal, table.name))


def _tables() -> Iterator[MappedTable]:
    for mapper in Base.registry.mappers:
        model, table = mapper.class_, mapper.local_table
        assert isinstance(table, Table)  # noqa: S101  # for mypy: ours are no joins
        personal = issubclass(model, PersonalData)
        columns = tuple(
            MappedColumn(column.name, _why(column, personal)) for column in table.columns
        )
        yield MappedTable(table.name, personal, model.erasing, model.kept, columns)


def _why(column: Column[Any], personal: bool) -> str:
    """Say what a column is: its own words where it has some, or else what its type tells."""
    if column.info.get("not_personal"):
        return f"{column.info['not_personal'].capitalize()}."
    for key in column.foreign_keys:
        return f"Says which {key.column.table.name.replace('_', ' ')}."
    if personal:
        return "Says something about a person."
    if isinstance(column.type, Boolean):
        return "Yes or no."
    if isinstance(column.type, Date | Moment):
        return "A day or a moment, of no person alone."
    return "A number."
