"""Print what was measured, and keep it in docs/performance.md between marks."""

from __future__ import annotations

import platform
import sqlite3
from pathlib import Path

from tests.benchmarks.pairs import Measured
from tests.benchmarks.world import Size
from webapp.config import ROOT
from webapp.times import now

PAGE = ROOT / "docs" / "performance.md"
HEADING = "| What | Ours | Floor | Ratio (middle half) | Goal | |\n|---|---:|---:|---:|---:|---|"


def line(measured: Measured) -> str:
    """Write a line of the table."""
    sign = "≥" if measured.at_least else "≤"
    goal = "" if measured.goal is None else f"{sign} {measured.goal:g}"
    verdict = "" if measured.goal is None else "met" if measured.met else "**missed**"
    ratio = f"{measured.ratio:.2f} ({measured.low:.2f}–{measured.high:.2f})"
    ours, floor = _time(measured.ours), _time(measured.floor)
    return f"| {measured.name} | {ours} | {floor} | {ratio} | {goal} | {verdict} |"


def say(mark: str, size: Size, lines: list[Measured]) -> None:
    """Write the table of one database in place of the one before; its kind ends the mark."""
    where = f"{_server(mark)}, Python {platform.python_version()}, {now():%d %B %Y}"
    about = f"{size.users:,} users, {size.domains} domains, {size.events:,} events; {where}."
    table = "\n".join([about, "", HEADING, *map(line, lines)])
    replace(mark, table)


def replace(mark: str, text: str, page: Path = PAGE) -> None:
    """Put `text` between the marks; ValueError where the page does not have this pair once."""
    before, rest = page.read_text().split(f"<!-- {mark} -->")
    _, after = rest.split(f"<!-- /{mark} -->")
    page.write_text(f"{before}<!-- {mark} -->\n{text}\n<!-- /{mark} -->{after}")


def _server(mark: str) -> str:
    return f"SQLite {sqlite3.sqlite_version}" if mark.endswith("sqlite") else "PostgreSQL 15"


def _time(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"
