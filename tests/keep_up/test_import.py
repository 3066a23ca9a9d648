"""A row costs as much at the end of a long import as at its beginning."""

from __future__ import annotations

import io
from collections import Counter

from sqlalchemy import Engine

from tests.benchmarks.bulk import file_of
from tests.importing.lists import import_list
from tests.keep_up.rows import visiting
from webapp.db import Base
from webapp.importing.users import Options
from webapp.times import now

PARTS, USERS = 16, 500  # imported one part after the other


def test_the_last_rows_of_an_import_visit_as_many_rows_as_the_first(engine: Engine) -> None:
    """Import into an empty database, of which nothing gathers statistics meanwhile."""
    gather_no_statistics(engine)
    visited = []
    for part in range(PARTS):
        with visiting(engine) as rows:
            _import(engine, range(part * USERS, (part + 1) * USERS))
        visited.append(rows)
    # The first part also makes the domains.
    assert visited[-1].total() <= visited[1].total() * 1.02, _grown(visited)


def gather_no_statistics(engine: Engine) -> None:
    """Keep PostgreSQL from counting rows by itself now and then, and planning anew."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            for table in Base.metadata.tables:
                off = f"ALTER TABLE {table} SET (autovacuum_enabled = off)"
                connection.exec_driver_sql(off)


def _import(engine: Engine, numbers: range) -> None:
    file = io.BytesIO(file_of(numbers).encode())
    options = Options(create_domains=True, attributes=("department", "jobTitle", "country"))
    done = import_list(engine, file, now(), options, lambda _line, reason: None)
    assert (done.users, done.refused) == (len(numbers), 0)


def _grown(visited: list[Counter[str]]) -> list[tuple[str, int]]:
    """Return the statements that visited more rows in the last part, the worst one first."""
    return (visited[-1] - visited[1]).most_common(3)
