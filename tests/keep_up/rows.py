"""Count the rows that a database visits: a measure of work that a busy machine does not change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from sqlite3 import ProgrammingError
from typing import Any

from sqlalchemy import Connection, Engine, event

STEPS = 10  # of the machine that runs SQLite's statements, between two calls of its handler
READ = (
    "SELECT coalesce(sum(pg_stat_get_xact_tuples_returned(oid)), 0)::int FROM pg_class "
    "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i')"
)


@contextmanager
def visiting(engine: Engine) -> Iterator[Counter[str]]:
    """Count the rows visited meanwhile, by statement; those of foreign keys' checks included.

    PostgreSQL says itself how many rows and entries of indexes it has read. SQLite says how many
    steps its machine has run, which is some for each row: only compare a count with another one
    of the same database.
    """
    visited: Counter[str] = Counter()
    with ExitStack() as watched:
        watch = _sqlite if engine.dialect.name == "sqlite" else _postgresql
        watch(engine, visited, watched)
        yield visited


def _sqlite(engine: Engine, visited: Counter[str], watched: ExitStack) -> None:
    """Count steps until the next statement: some rows are only looked for as they are fetched."""

    def before(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        used: Any = connection.connection.dbapi_connection
        used.set_progress_handler(lambda: visited.update({statement: 1}), STEPS)
        watched.callback(stop, used)

    def stop(used: Any) -> None:
        with suppress(ProgrammingError):  # closed already
            used.set_progress_handler(None, STEPS)

    _listen(engine, "before_cursor_execute", before, watched)


def _postgresql(engine: Engine, visited: Counter[str], watched: ExitStack) -> None:
    """Ask before and after a statement, in its transaction, since the numbers are of that."""

    def read(connection: Connection) -> int:
        used: Any = connection.connection.dbapi_connection
        return int(used.execute(READ).fetchone()[0])

    def before(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        visited[statement] -= read(connection)

    def after(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        visited[statement] += read(connection)

    _listen(engine, "before_cursor_execute", before, watched)
    _listen(engine, "after_cursor_execute", after, watched)


def _listen(engine: Engine, name: str, heard: Any, watched: ExitStack) -> None:
    event.listen(engine, name, heard)
    watched.callback(event.remove, engine, name, heard)
