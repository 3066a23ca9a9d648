"""`make drill`: drill on both databases, with the demo and with very many users.

`--remains` measures instead how many people are still in the files at each stage of an erasure, and
writes the table to docs/erasure.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from sqlalchemy import Engine, create_engine, text, update
from sqlalchemy.orm import Session

from tests.benchmarks import tables, world
from tests.benchmarks.world import Size
from tests.databases import PostgreSQL, Sqlite, migrated
from tests.factories import a_search, many_users, the_office
from webapp import create_app
from webapp.config import ROOT, Settings
from webapp.db import begin_writing, log_emptied
from webapp.demo import data
from webapp.errors import Refused
from webapp.evidence.scrub import scrub
from webapp.evidence.traces import Finder, files_of
from webapp.lifecycle import operation
from webapp.models import Account, Purpose, State, Verb
from webapp.permissions import domain_ids_of
from webapp.states import TRANSITIONS
from webapp.times import now

PAGE = ROOT / "docs" / "erasure.md"
PEOPLE = 5000  # of whom some are erased
SHARES = (1, 10, 50, 100)  # per cent
HEADING = (
    "| Database | Erased | Before | After the commit | After a checkpoint | "
    "After one without the reader | After scrubbing |\n|---|---:|---:|---:|---:|---:|---:|"
)
DELETED = """
    SELECT user_name FROM person JOIN account ON account.id = account_id
    WHERE state = 'deleted' AND display_name LIKE 'User Number %'"""
SECRET = "a key for drills that is long enough"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--users", type=int, default=100_000)
    asked.add_argument("--databases", default="sqlite,postgresql")
    asked.add_argument("--remains", action="store_true")
    options = asked.parse_args()
    passed, lines = True, []
    for kind in options.databases.split(","):
        with tempfile.TemporaryDirectory() as folder, server(kind, Path(folder)) as databases:
            if options.remains:
                for share in SHARES:
                    lines.append(remains(kind, databases, Path(folder), share))
                    print(lines[-1], flush=True)
            else:
                passed &= drilled(kind, "the demo", databases, Path(folder))
                passed &= drilled(kind, f"{options.users:,} users", databases, Path(folder))
    if lines:
        tables.replace("remains", "\n".join([HEADING, *lines]), PAGE)
    sys.exit(not passed)


@contextmanager
def server(kind: str, folder: Path) -> Iterator[Sqlite | PostgreSQL]:
    if kind == "sqlite":
        yield Sqlite.in_folder(folder)
        return
    with PostgreSQL.running() as running:
        yield running


def drilled(kind: str, what: str, databases: Sqlite | PostgreSQL, folder: Path) -> bool:
    """Fill a database, drill in it as the command does, and print what that says."""
    own = Path(tempfile.mkdtemp(dir=folder))
    with databases.empty(own) as url:
        migrated(url)
        engine = create_engine(url)
        if what == "the demo":
            with Session(engine) as session:
                begin_writing(session)
                data.load(session)
                session.commit()
        else:
            users = int(what.split()[0].replace(",", ""))
            world.fill(engine, Size(users, events=5 * users, sign_ins=users))
        engine.dispose()
        app = create_app(Settings(database_url=url, instance_path=str(own), secret_key=SECRET))
        start = perf_counter()
        done = app.test_cli_runner().invoke(args=["erasure", "drill"])
        print(f"--- {kind}, {what}: {perf_counter() - start:.0f} s\n{done.output}", flush=True)
    return done.exit_code == 0


def remains(kind: str, databases: Sqlite | PostgreSQL, folder: Path, share: int) -> str:
    """Erase a share of the people while somebody reads; return a line of the table.

    Counted are those erased whose user name is still somewhere in the files.
    """
    own = Path(tempfile.mkdtemp(dir=folder))
    with databases.copy(own, office=True) as url:
        engine = create_engine(url)
        with Session(engine) as session:
            ids = many_users(session, the_office(session).london, PEOPLE)
            stay = Account.id.in_(ids[PEOPLE * share // 100 :])
            session.execute(update(Account).where(stay).values(state=State.ARCHIVED))
            session.commit()
        with Session(engine) as session:
            names = list(session.scalars(text(DELETED)))
        with create_engine(url, isolation_level="SERIALIZABLE").connect() as reader:
            checkpoint(engine)
            counts = [len(found(engine, names))]
            reader.execute(text("SELECT count(*) FROM domain")).all()
            gone = erase(engine)
            counts.append(len(found(engine, gone)))
            checkpoint(engine)
            counts.append(len(found(engine, gone)))
            refused_with_reader(engine)
        checkpoint(engine)
        counts.append(len(found(engine, gone)))
        scrub(engine, now().date(), 30, lambda _said: None)
        counts.append(len(found(engine, gone)))
        engine.dispose()
    cells = " | ".join(f"{number:,}" for number in counts)
    return f"| {kind} | {share} % ({len(gone):,}) | {cells} |"


def erase(engine: Engine) -> list[str]:
    """Erase everybody deleted of London and return their user names."""
    with Session(engine) as session:
        begin_writing(session)
        priya = the_office(session).priya.account_id
        chosen = a_search(session, priya, Purpose.ERASE, {"keyword": "user number"})
        domain_ids = domain_ids_of(session, priya, TRANSITIONS[Verb.ERASE].permission)
        limits = Settings().limits
        frozen = operation.freeze(session, Verb.ERASE, chosen, domain_ids, now(), limits)
        asked = "SELECT user_name FROM person JOIN operation_account USING (account_id)"
        names = list(session.scalars(text(asked)))
        done = operation.perform(session, priya, frozen.id, now())
        assert (done.outcome, done.number) == ("performed", len(names))
        session.commit()
    return names


def checkpoint(engine: Engine) -> None:
    """Let the database write what it has in memory and in its log, as it does by itself."""
    if engine.dialect.name == "sqlite":
        log_emptied(engine)
        return
    with engine.connect() as connection:
        connection.exec_driver_sql("CHECKPOINT")


def found(engine: Engine, names: list[str]) -> set[bytes]:
    """Return which of these names are in the files of the database."""
    finder, wanted = Finder(names), {name.encode() for name in names}
    return wanted & {form for file in files_of(engine)[0] for _, form in finder.in_file(file)}


def refused_with_reader(engine: Engine) -> None:
    """See that scrubbing says who is in the way, and that nothing is marked."""
    try:
        scrub(engine, now().date(), 0, lambda _said: None)
    except Refused:
        return
    raise AssertionError("Scrubbing did not see who was in the way.")


if __name__ == "__main__":
    main()
