"""Hear the SQL that is really sent, and ask each database what it plans to do with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, event

from webapp.db import Base

SMALL = {  # tables that may be read from end to end; a new table is big until it stands here
    "attribute", "contact", "domain", "role", "role_grant", "role_permission",  # set up by hand
    "operation", "selection", "selection_domain", "selection_tick", "sign_in_failure",  # soon gone
    "operation_mention", "selection_meant",  # soon gone
    "drill", "performed_entry",  # a row a drill, a row an erasure
    "generation",  # one row
}  # fmt: skip
BIG = frozenset(Base.metadata.tables) - SMALL
PLANNED = ("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True)
class Said:
    """One statement as the driver was given it."""

    statement: str
    values: Any


@contextmanager
def listening(*engines: Engine) -> Iterator[list[Said]]:
    """Collect what is said meanwhile on any of these engines, BEGIN left out."""
    said: list[Said] = []

    def note(
        _connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool
    ) -> None:
        if statement.startswith(PLANNED):
            said.append(Said(statement, values[0] if many else values))

    with ExitStack() as listened:
        for engine in engines:
            event.listen(engine, "before_cursor_execute", note)
            listened.callback(event.remove, engine, "before_cursor_execute", note)
        yield said


def scanned(engine: Engine, said: Sequence[Said]) -> set[str]:
    """Return the big tables that these statements read from end to end, where they do not seek.

    Reading an index of a table from end to end counts as well.
    """
    found: set[str] = set()
    with engine.connect() as connection:
        ask = _sqlite if engine.dialect.name == "sqlite" else _postgresql
        for each in said:
            found.update(ask(connection, each))
    return found & BIG


def _sqlite(connection: Connection, said: Said) -> Iterator[str]:
    tables = _by_alias(said.statement)
    for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said.statement}", said.values):
        scan = re.match(r"SCAN (\w+)", row[3])
        if scan:
            yield tables.get(scan[1], scan[1])


def _by_alias(statement: str) -> dict[str, str]:
    return {
        alias: table for table, alias in re.findall(r"(\w+) AS (\w+)", statement) if table in BIG
    }


def _postgresql(connection: Connection, said: Said) -> Iterator[str]:
    """Make reading a whole table as dear as can be, since at this size it is often the best plan.

    One that is read as a whole even so has no index to seek in.
    """
    for setting in (
        "enable_seqscan = off",
        "enable_hashjoin = off",
        "enable_mergejoin = off",
        "random_page_cost = 0",
    ):
        connection.exec_driver_sql(f"SET LOCAL {setting}")
    plan = connection.exec_driver_sql(
        f"EXPLAIN (FORMAT JSON) {said.statement}", said.values
    ).scalar_one()
    yield from _scans(plan[0]["Plan"])


def _scans(node: dict[str, Any]) -> Iterator[str]:
    if (
        "Relation Name" in node
        and node["Node Type"] in ("Seq Scan", "Index Scan", "Index Only Scan")
        and "Index Cond" not in node
    ):
        yield node["Relation Name"]
    for inner in node.get("Plans", ()):
        yield from _scans(inner)
