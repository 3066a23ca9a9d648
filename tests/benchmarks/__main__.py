"""`make bench`: measure everything, print the tables, and write them to docs/performance.md."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Collection, Iterator

from sqlalchemy.orm import Session

from tests.benchmarks import bare, bulk, crowd, erasing, peers, reading, rush, serving, tables
from tests.benchmarks.pairs import Measured
from tests.benchmarks.platforms import platform, with_fewer_events
from tests.benchmarks.visitor import Visitor, visiting
from tests.benchmarks.world import Size

PARTS = (
    "page", "searches", "reading", "serving", "freezing", "erasing",
    "ledger", "events", "bulk", "peers", "crowd", "rush",
)  # fmt: skip

MANY = 1_000_000  # users, from which on the page is about very many


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--users", type=int, default=1_000_000)
    asked.add_argument("--databases", default="sqlite,postgresql")
    asked.add_argument("--keep", action="store_true", help="print the tables only")
    asked.add_argument(
        "--only",
        nargs="+",
        choices=PARTS,
        metavar="PART",
        help=f"measure and print these parts only: {', '.join(PARTS)}",
    )
    options = asked.parse_args()
    size = Size(users=options.users, events=5 * options.users, sign_ins=options.users)
    for kind in options.databases.split(","):
        measure(kind, size, options.only or PARTS, write=not (options.keep or options.only))


def measure(kind: str, size: Size, parts: Collection[str], *, write: bool) -> None:
    """Print the lines of these parts as they come, and write them to the page if wanted."""
    many: list[str] = []
    beside: list[Measured] = []
    with platform(kind, size) as url:
        lines = list(map(said, measured(kind, url, size, parts)))
        if "bulk" in parts:
            many = list(bulk.bulk(url))
            print(*many, sep="\n", flush=True)
        if "peers" in parts and kind == "sqlite":
            beside = list(map(said, peers.peers(url)))
    if "crowd" in parts and kind == "postgresql":
        lines += map(said, crowded())
    if "rush" in parts:
        with rush.scratch(kind) as url:
            lines += map(said, rush.rush(url))
    few = "" if size.users >= MANY else "few "  # a section of its own
    if write:
        tables.say(f"{few}{kind}", size, lines)
    if write and not few:
        tables.replace(f"bulk {kind}", "\n".join([bulk.HEADING, *many]))
    if write and beside:
        tables.replace(f"{few}peers", "\n".join([peers.HEADING, *map(tables.line, beside)]))


def said(line: Measured) -> Measured:
    """Print a line as soon as it is measured: the next one may take minutes."""
    print(tables.line(line), flush=True)
    return line


def measured(kind: str, url: str, size: Size, parts: Collection[str]) -> Iterator[Measured]:
    """Measure these parts of the table of one database."""
    with tempfile.TemporaryDirectory() as folder, visiting(url, folder) as (visitor, session):
        for part, lines in with_visitor(visitor, session, size, url, folder).items():
            if part in parts:
                yield from lines
    if "events" in parts:
        with with_fewer_events(kind, url) as fewer:
            number = min(10_000, size.users // 10)
            yield erasing.with_more_events(url, fewer, size.events, number)


def with_visitor(
    visitor: Visitor, session: Session, size: Size, url: str, folder: str
) -> dict[str, Iterator[Measured]]:
    """Return the lines of each part that needs a visitor; none is measured before it is read."""
    sql = bare.Bare(session.get_bind().engine)
    sizes = tuple(number for number in erasing.SIZES if number <= size.users // 10)
    return {
        "page": reading.whole_page(visitor, sql),
        "searches": reading.measured(reading.searches(visitor, session, size), sql),
        "reading": reading.measured(reading.pages(session), sql),
        "serving": serving.serving(visitor, url, folder),
        "freezing": erasing.freezing(visitor, session, size.users),
        "erasing": erasing.erasing(session, sizes=sizes),
        "ledger": erasing.with_ledger(session, folder, sizes[-1]),
    }


def crowded() -> Iterator[Measured]:
    """Measure how long searches take while others erase, on a scratch server."""
    with crowd.scratch() as url, tempfile.TemporaryDirectory() as folder:
        yield from crowd.crowd(url, folder)


if __name__ == "__main__":
    main()
