"""Make, read and compare rows of any revision, without the models, which are today's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Column, Connection, Engine, MetaData, Table, insert, inspect, select
from sqlalchemy.exc import IntegrityError

from tests.migrations.intended import Rows

EACH = 12  # rows tried in a table
TRIES = 300
START = datetime(2024, 3, 14, 9, 30, 12, 345678, UTC)


def fill(engine: Engine) -> None:
    """Put rows into every table. The database itself says which ones its constraints allow."""
    chance = Random(9)  # the same rows every time
    with engine.begin() as connection:
        for table in tables_of(engine):
            words = listed(engine, table)
            made = [add_row(connection, table, words, number, chance) for number in range(EACH)]
            assert made[0], f"No row could be made that the constraints of {table.name} allow."


def add_row(
    connection: Connection,
    table: Table,
    words: Mapping[str, list[str]],
    number: int,
    chance: Random,
) -> bool:
    """Try rows until one is allowed; False where none is, as where all that can be are there."""
    for trial in range(TRIES):
        seed = number if trial == 0 else chance.randrange(4 * EACH)
        row = {
            column.name: value(column, words.get(column.name), seed, chance)
            for column in table.columns
            if not numbered_by_itself(connection, column)
        } | references(connection, table, seed, chance)
        try:
            with connection.begin_nested():
                connection.execute(insert(table).values(row))
            return True
        except IntegrityError:
            continue
    return False


def numbered_by_itself(connection: Connection, column: Column[Any]) -> bool:
    """Tell whether the database gives this column its numbers: PostgreSQL only with a default."""
    if column is not column.table.autoincrement_column:
        return False
    return connection.dialect.name == "sqlite" or column.server_default is not None


def value(column: Column[Any], words: list[str] | None, seed: int, chance: Random) -> object:
    """A value for a column that refers to nothing."""
    if column.nullable and chance.random() < 0.25:
        return None
    if words:
        return words[seed % len(words)]
    kind = column.type.python_type
    of_kind: dict[type, object] = {
        int: seed,
        bool: seed % 2 == 0,
        str: f"{seed} {column.name} Zoë 田中"[: getattr(column.type, "length", None)],
        bytes: f"{seed} Zoë".encode(),
        date: START.date() + timedelta(days=seed),
        datetime: START + timedelta(days=seed),
        object: {"seed": seed},  # JSON
    }
    return of_kind[kind]


def references(
    connection: Connection, table: Table, seed: int, chance: Random
) -> dict[str, object]:
    """The columns that refer to other rows: each foreign key to one that is there, or to none."""
    row: dict[str, object] = {}
    keys = sorted(table.foreign_key_constraints, key=lambda key: list(key.column_keys))
    for place, key in enumerate(keys):
        there = connection.execute(select(*(element.column for element in key.elements))).all()
        nullable = all(column.nullable for column in key.columns)
        none = not there or (nullable and chance.random() < 0.25)
        found = [None] * len(key.elements) if none else there[(seed + place) % len(there)]
        row |= dict(zip(key.column_keys, found, strict=True))
    return row


def listed(engine: Engine, table: Table) -> dict[str, list[str]]:
    """For each column of text that a CHECK names, the words that the CHECK quotes."""
    checks = [check["sqltext"] for check in inspect(engine).get_check_constraints(table.name)]
    return {
        column.name: words
        for column in table.columns
        if column.type.python_type is str
        and (
            words := [
                word
                for check in checks
                if re.search(rf"\b{column.name}\b", check)
                for word in re.findall(r"'([^']*)'", check)
            ]
        )
    }


def rows_of(engine: Engine) -> Rows:
    """Read every row of every table, in the order of its primary key."""
    with engine.connect() as connection:
        return {
            table.name: [
                dict(row)
                for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
            ]
            for table in tables_of(engine)
        }


def tables_of(engine: Engine) -> list[Table]:
    """The tables that the database has, but for Alembic's own; what is referred to comes first."""
    there = MetaData()
    there.reflect(engine)
    return [table for table in there.sorted_tables if table.name != "alembic_version"]


def assert_kept(before: Rows, after: Rows) -> None:
    """Fail unless every row is there as it was. Columns and tables may have been added."""
    for table, rows in before.items():
        columns = rows[0] if rows else {}
        found = [
            {column: row.get(column, "is gone") for column in columns}
            for row in after.get(table, [])
        ]
        assert sorted(found, key=repr) == sorted(rows, key=repr), table
