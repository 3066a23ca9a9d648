"""Import and export of very many rows: rows a second, and the memory of the process that does it, each in a process of its own."""

from __future__ import annotations

import csv
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from tests.benchmarks.visitor import Visitor
from webapp.cli.database import migrate
from webapp.config import ROOT
from webapp.db import begin_writing, now
from webapp.lifecycle.imported import Options, import_users

COLUMNS = "userPrincipalName displayName givenName surname mail companyName accountEnabled department jobTitle country".split()
HEADING = "| What | Rows | Speed | Memory at its highest |\n|---|---:|---:|---:|"


def bulk(url: str) -> Iterator[str]:
    """The lines of a table of their own: a tenth of the work and all of it, to show that memory stays the same."""
    for rows in (10_000, 100_000):
        yield _line(f"Import of {rows:,} rows, three attributes (SQLite)", *_apart("import", str(rows)))
    for state, words in (("deleted", "the deleted users"), ("", "everyone")):
        yield _line(f"Report of {words} as CSV", *_apart("export", url, state))


def _line(name: str, rows: int, seconds: float, megabytes: float) -> str:
    return f"| {name} | {rows:,} | {rows / seconds:,.0f} rows a second | {megabytes:.0f} MB |"


def _apart(*arguments: str) -> tuple[int, float, float]:
    """Rows, seconds and peak megabytes of one run in a new process."""
    command = [sys.executable, "-m", "tests.benchmarks.bulk", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603  # our own arguments
    rows, seconds = json.loads(done.stdout.splitlines()[-2])
    return rows, seconds, json.loads(done.stdout.splitlines()[-1])


def importing(rows: int) -> tuple[int, float]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "users.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for n in range(rows):
                name = f"user.{n}@bench.example"
                writer.writerow([name, f"Ünal Number {n}", "Ünal", f"Number {n}", name, f"Domain {n % 200}", "True", f"Team {n % 40}", "Analyst", "FR"])
        engine = create_engine(f"sqlite:///{folder}/bulk.sqlite")
        migrate(engine)
        with Session(engine) as session:
            begin_writing(session)
            start = perf_counter()
            options = Options(create_domains=True, attributes=("department", "jobTitle", "country"))
            done = import_users(session, path.open("rb"), now(), options, lambda _line, reason: sys.exit(reason))
            session.commit()
            return done.users, perf_counter() - start


def exporting(url: str, state: str) -> tuple[int, float]:
    """The whole report, read as it is sent and thrown away."""
    engine = create_engine(url)
    with tempfile.TemporaryDirectory() as folder, Session(engine) as session:
        visitor = Visitor(url, folder)
        try:
            start = perf_counter()
            rows = sum(chunk.count(b"\r\n") for chunk in visitor.stream(f"/reports/users?csv=1&state={state}"))
            return rows - 1, perf_counter() - start
        finally:
            visitor.leave(session)


if __name__ == "__main__":
    said = importing(int(sys.argv[2])) if sys.argv[1] == "import" else exporting(sys.argv[2], sys.argv[3])
    print(json.dumps(said))  # noqa: T201  # read by _apart
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)  # noqa: T201  # likewise
