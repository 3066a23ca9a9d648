"""`make bench`: measure everything, print the tables, and write them to docs/performance.md."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator

from sqlalchemy.orm import Session

from tests.benchmarks import bare, bulk, crowd, erasing, peers, reading, serving, tables
from tests.benchmarks.pairs import Measured
from tests.benchmarks.platforms import platform, with_fewer_events
from tests.benchmarks.visitor import Visitor, visiting
from tests.benchmarks.world import Size


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--users", type=int, default=1_000_000)
    asked.add_argument("--databases", default="sqlite,postgresql")
    asked.add_argument("--keep", action="store_true", help="print the tables only")
    options = asked.parse_args()
    size = Size(users=options.users, events=5 * options.users, sign_ins=options.users)
    for kind in options.databases.split(","):
        with platform(kind, size) as url:
            lines = list(measured(url, size))
            with with_fewer_events(kind, url) as fewer:
                lines.append(
                    said(
                        erasing.with_more_events(
                            url, fewer, size.events, min(10_000, size.users // 10)
                        )
                    )
                )
            many = list(bulk.bulk(url))
            beside = list(map(said, peers.peers(url))) if kind == "sqlite" else []
        print(*many, sep="\n", flush=True)  # takes minutes
        if kind == "postgresql":
            lines += map(said, crowded())
        if options.keep:
            continue
        tables.say(kind, size, lines)
        tables.replace(f"bulk {kind}", "\n".join([bulk.HEADING, *many]))
        if beside:
            tables.replace("peers", "\n".join([peers.HEADING, *map(tables.line, beside)]))


def said(line: Measured) -> Measured:
    """Print it as it comes."""
    print(tables.line(line), flush=True)  # takes minutes
    return line


def crowded() -> list[Measured]:
    """How long searches take while others erase, on a scratch server."""
    with crowd.scratch() as url, tempfile.TemporaryDirectory() as folder:
        return list(crowd.crowd(url, folder))


def measured(url: str, size: Size) -> Iterator[Measured]:
    """Every line of the table of one database, said as it comes."""
    with tempfile.TemporaryDirectory() as folder, visiting(url, folder) as (visitor, session):
        yield from map(
            said, _lines(visitor, session, bare.Bare(session.get_bind().engine), size, url, folder)
        )


def _lines(
    visitor: Visitor, session: Session, sql: bare.Bare, size: Size, url: str, folder: str
) -> Iterator[Measured]:
    yield from reading.whole_page(visitor, sql)
    yield from reading.searches(visitor, session, sql, size.domains)
    yield from reading.reading(session, sql)
    yield from serving.serving(visitor, url, folder)
    yield erasing.freezing(visitor, session, size.users)
    yield from erasing.erasing(
        session, sizes=tuple(n for n in erasing.SIZES if n <= size.users // 10)
    )


if __name__ == "__main__":
    main()
