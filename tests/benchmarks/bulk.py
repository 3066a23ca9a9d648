"""Import and export very many rows: rows a second, and the memory that this takes.

Each runs in a process of its own. Its memory is VmHWM from the start of the work on: ru_maxrss
begins with what the parent process had, and the hash of a password that is made once, as the
application starts, takes 64 MB for a moment.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from sqlalchemy import create_engine, make_url, text

from tests.benchmarks.visitor import visiting
from tests.importing.lists import import_list
from webapp.config import ROOT
from webapp.importing.users import Options
from webapp.schema import migrate
from webapp.times import now

COLUMNS = (
    "userPrincipalName displayName givenName surname mail companyName accountEnabled "
    "department jobTitle country"
).split()
ATTRIBUTES = ("department", "jobTitle", "country")
HEADING = "| What | Rows | Speed | Memory at its highest |\n|---|---:|---:|---:|"


def bulk(url: str) -> Iterator[str]:
    """Measure the lines of a table of their own.

    Each is a tenth of the work and all of it, to show that memory stays the same.
    """
    kind = "SQLite" if url.startswith("sqlite") else "PostgreSQL"
    for rows in (10_000, 100_000):
        yield _line(
            f"Import of {rows:,} rows, three attributes ({kind})", *_apart("import", url, str(rows))
        )
    for state, words in (("deleted", "the deleted users"), ("", "everyone")):
        yield _line(f"Report of {words} as CSV ({kind})", *_apart("export", url, state))


def _line(name: str, rows: int, seconds: float, megabytes: float) -> str:
    return f"| {name} | {rows:,} | {rows / seconds:,.0f} rows a second | {megabytes:.0f} MB |"


def _apart(*arguments: str) -> tuple[int, float, float]:
    """Return rows, seconds and the highest megabytes of one run in a new process."""
    command = [sys.executable, "-m", "tests.benchmarks.bulk", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    rows, seconds = json.loads(done.stdout.splitlines()[-2])
    return rows, seconds, json.loads(done.stdout.splitlines()[-1])


def importing(url: str, rows: int) -> tuple[int, float]:
    """Import a file of so many users into an empty database of the kind that `url` is.

    Return the rows and the seconds.
    """
    with tempfile.TemporaryDirectory() as folder, _scratch(url, folder) as empty:
        path = Path(folder) / "users.csv"
        path.write_text(file_of(range(rows)), encoding="utf-8", newline="")
        engine = create_engine(empty)
        migrate(engine)
        with path.open("rb") as file:
            forget_highest()
            start = perf_counter()
            options = Options(create_domains=True, attributes=ATTRIBUTES)
            done = import_list(engine, file, now(), options, lambda _line, reason: sys.exit(reason))
            taken = perf_counter() - start
        engine.dispose()
        return done.users, taken


def file_of(numbers: range) -> str:
    """Write a CSV export with the users of these numbers, in 200 domains."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for n in numbers:
        name = f"user.{n}@bench.example"
        writer.writerow(
            [
                name,
                f"Ünal Number {n}",
                "Ünal",
                f"Number {n}",
                name,
                f"Domain {n % 200}",
                "True",
                f"Team {n % 40}",
                "Analyst",
                "FR",
            ]
        )
    return text.getvalue()


@contextmanager
def _scratch(url: str, folder: str) -> Iterator[str]:
    """Make an empty database, which goes at the end: a file, or one on the server of `url`."""
    if url.startswith("sqlite"):
        yield f"sqlite:///{folder}/bulk.sqlite"
        return
    beside = create_engine(url, isolation_level="AUTOCOMMIT")
    with beside.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS bench_bulk"))
        connection.execute(text("CREATE DATABASE bench_bulk"))
        try:
            yield make_url(url).set(database="bench_bulk").render_as_string(hide_password=False)
        finally:
            connection.execute(text("DROP DATABASE bench_bulk WITH (FORCE)"))
    beside.dispose()


def exporting(url: str, state: str) -> tuple[int, float]:
    """Read the whole report as it is sent, and throw it away; rows and seconds."""
    with tempfile.TemporaryDirectory() as folder, visiting(url, folder) as (visitor, _session):
        forget_highest()
        start = perf_counter()
        rows = sum(
            chunk.count(b"\r\n") for chunk in visitor.stream(f"/reports/users?csv=1&state={state}")
        )
        return rows - 1, perf_counter() - start


def forget_highest() -> None:
    """Let `highest` begin anew."""
    Path("/proc/self/clear_refs").write_text("5")


def highest() -> float:
    """Return the most megabytes that this process has held since `forget_highest`."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    what, url, more = sys.argv[1:]
    # Read by _apart.
    print(json.dumps(importing(url, int(more)) if what == "import" else exporting(url, more)))
    print(highest())
