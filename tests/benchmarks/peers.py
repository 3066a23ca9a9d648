"""Measure peers in the same run, on the same data.

They are Django's admin page and QuerySet.delete(), and django-gdpr-assist's anonymise. Each side is
a process of its own and they work in turn. The peers get what makes them fast: an index for the
page, one transaction for all users. They overwrite what they delete (SQLite's `secure_delete`),
since that is part of erasing. `python -m tests.benchmarks.peers --users 20000` runs this alone.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from sqlalchemy import make_url
from sqlalchemy.orm import Session

from tests.benchmarks import tables
from tests.benchmarks.erasing import clear, frozen_list, perform_and_undo
from tests.benchmarks.pairs import Measured, compared, in_turn, seconds
from tests.benchmarks.platforms import KEPT, platform
from tests.benchmarks.visitor import Visitor, visiting
from tests.benchmarks.world import COMMON, Size
from webapp.config import ROOT
from webapp.models import Purpose

LOCK = ROOT / "requirements" / "bench.txt"
PYTHON = KEPT / "peers" / "bin" / "python"
HEADING = (
    "| What | Ours | The peer’s | The peer’s ÷ ours (middle half) | Goal | |\n"
    "|---|---:|---:|---:|---:|---|"
)
SIZES = (1_000, 10_000)
Ask = Callable[[str, object], tuple[float, int]]


def peers(url: str) -> Iterator[Measured]:
    """Measure how many times as fast as peers we are, on copies of the SQLite platform at `url`."""
    install()
    path = make_url(url).database
    assert path is not None
    with tempfile.TemporaryDirectory(dir=KEPT) as folder:
        ours = shutil.copy(path, f"{folder}/ours.sqlite")
        filling = [str(PYTHON), "-m", "tests.benchmarks.peer_site", ours]
        subprocess.run(filling, cwd=ROOT, env=_environment(folder, "1", ""), check=True)
        yield from _measured(f"sqlite:///{ours}", folder)


def install() -> None:
    """Make an environment with the peers alone, anew when the lock changes."""
    stamp = PYTHON.parent / "bench.txt"
    if stamp.exists() and stamp.read_bytes() == LOCK.read_bytes():
        return
    make = [sys.executable, "-m", "venv", "--clear", str(PYTHON.parent.parent)]
    subprocess.run(make, check=True)
    pip = [
        str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--require-hashes", "--requirement", str(LOCK),
    ]  # fmt: skip
    subprocess.run(pip, check=True)
    shutil.copy(LOCK, stamp)


def _measured(url: str, folder: str) -> Iterator[Measured]:
    with visiting(url, folder) as (visitor, session):
        for lean, words in (("", "as it is by default"), ("1", "without counting everyone")):
            with _peer(folder, lean=lean) as ask:
                yield _page(visitor, ask, words, "one domain", (7,), goal=8)
                yield _page(visitor, ask, words, "all domains", (), goal=5)
        with _peer(folder) as ask:
            yield from _erasing(session, ask, "delete", "QuerySet.delete()", goal=20)
        with _peer(folder, gdpr_assist="1") as ask:
            yield from _erasing(
                session,
                ask,
                "delete",
                "QuerySet.delete() where django-gdpr-assist is installed",
                goal=None,
                sizes=SIZES[:1],
            )
            yield from _erasing(
                session,
                ask,
                "anonymise",
                "django-gdpr-assist’s anonymise of their own row alone",
                goal=6,
            )
            yield from _erasing(
                session,
                ask,
                "anonymise_all",
                "the same, and of their attribute values",
                goal=6,
                sizes=SIZES[:1],
            )


def _page(
    visitor: Visitor, ask: Ask, words: str, where: str, domain_ids: tuple[int, ...], goal: float
) -> Measured:
    """Show deleted users of these domains with a keyword, up to fifty rows."""
    made = visitor.search(Purpose.ERASE, keyword=COMMON[:2], domain_ids=domain_ids)
    within = "".join(f"&domain__id__exact={domain_id}" for domain_id in domain_ids)
    address, query = (
        f"/users/erase-deleted/{made.id}",
        f"state__exact=deleted{within}&q={COMMON[:2]}",
    )
    rows = visitor.get(address).count(b'name="was_ticked"')
    assert ask("page", query)[1] == rows, (ask("page", query), rows)
    name = f"Page of deleted users of {where}, keyword, {rows} rows: Django’s admin, {words}"
    return times_as_fast(
        name, lambda: visitor.get(address), lambda: ask("page", query)[0], goal=goal, pairs=15
    )


def _erasing(
    session: Session,
    ask: Ask,
    what: str,
    words: str,
    *,
    goal: float | None,
    sizes: tuple[int, ...] = SIZES,
) -> Iterator[Measured]:
    """Erase so many users with values, sign-ins and lines of the log; both sides roll it back."""
    most = len(
        session.connection()
        .exec_driver_sql("SELECT 1 FROM account WHERE state = 'deleted' LIMIT 10000")
        .all()
    )
    session.rollback()
    for size in (size for size in sizes if size <= most):
        ours = partial(perform_and_undo, session, frozen_list(session, size))
        assert ask(what, 10 * size)[1] == size  # each tenth account is a deleted one
        name = f"Erasing {size:,} users: {words}"

        def theirs(size: int = size) -> float:
            return ask(what, 10 * size)[0]

        yield times_as_fast(
            name,
            ours,
            theirs,
            goal=goal,
            pairs=7 if size <= 1_000 else 3,
        )
        clear(session)


def times_as_fast(
    name: str,
    ours: Callable[[], object],
    theirs: Callable[[], float],
    *,
    goal: float | None,
    pairs: int,
) -> Measured:
    """Measure how many times as long the peer takes, which says its seconds itself."""
    return compared(name, in_turn(lambda: seconds(ours), theirs, pairs), goal, at_least=True)


@contextmanager
def _peer(folder: str, *, gdpr_assist: str = "", lean: str = "") -> Iterator[Ask]:
    """Start a Django process, and ask it to do something; it says the seconds and a number."""
    command, environment = (
        [str(PYTHON), "-m", "tests.benchmarks.peer_site"],
        _environment(folder, gdpr_assist, lean),
    )
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def ask(what: str, argument: object) -> tuple[float, int]:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps([what, argument]) + "\n")
            process.stdin.flush()
            took, number = json.loads(process.stdout.readline())
            return float(took), int(number)

        yield ask  # leaving the process closes its input, which ends it


def _environment(folder: str, gdpr_assist: str, lean: str) -> dict[str, str]:
    return {**os.environ, "PEER_FOLDER": folder, "PEER_GDPR_ASSIST": gdpr_assist, "PEER_LEAN": lean}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--users", type=int, default=1_000_000)
    users = asked.parse_args().users
    print(HEADING)
    with platform("sqlite", Size(users=users, events=5 * users, sign_ins=users)) as url:
        for measured in peers(url):
            print(tables.line(measured), flush=True)


if __name__ == "__main__":
    main()
