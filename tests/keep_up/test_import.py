"""A row costs as much at the end of a long import as at its beginning."""

from __future__ import annotations

import io
from collections import Counter

import pytest
from sqlalchemy import Engine

from tests.benchmarks.bulk import file_of
from tests.importing.lists import import_list
from tests.keep_up.rows import visiting
from webapp.importing.users import Options
from webapp.times import now

PARTS, USERS = 16, 500  # imported one part after the other


def test_the_last_rows_of_an_import_visit_as_many_rows_as_the_first(engine: Engine) -> None:
    """Import into an empty database, of which nothing has gathered statistics."""
    visited = []
    for part in range(PARTS):
        with visiting(engine) as rows:
            _import(engine, range(part * USERS, (part + 1) * USERS))
        visited.append(rows)
    # The first part also makes the domains.
    assert visited[-1].total() == pytest.approx(visited[1].total(), rel=0.02), _grown(visited)


def _import(engine: Engine, numbers: range) -> None:
    file = io.BytesIO(file_of(numbers).encode())
    options = Options(create_domains=True, attributes=("department", "jobTitle", "country"))
    done = import_list(engine, file, now(), options, lambda _line, reason: None)
    assert (done.users, done.refused) == (len(numbers), 0)


def _grown(visited: list[Counter[str]]) -> list[tuple[str, int]]:
    """Return the statements that visited more rows in the last part, the worst one first."""
    return (visited[-1] - visited[1]).most_common(3)
