"""Killed at any statement of an erasure: all or nothing, the ledger agrees, trying again works."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from random import Random
from time import sleep
from typing import Any, NoReturn

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from tests.evidence.conftest import freeze
from tests.factories import Office, erased, many_users
from webapp import create_app
from webapp.config import Settings
from webapp.db import Base, begin_writing, db
from webapp.evidence.ledger import LEDGERS, known, words
from webapp.evidence.replay import standing
from webapp.evidence.verify import verify
from webapp.lifecycle import operation
from webapp.models import Operation, Outcome, Person
from webapp.times import now

EVERYWHERE = "FAULTS" in os.environ  # as `make faults` sets it
SAMPLE = 10  # statements, on each database
SEED = int(os.environ.get("FAULTS_SEED", "12"))
WELL = 100  # exit status of a process that was not killed, and counted its statements
Start = Callable[..., int]


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        database_url=database_url,
        instance_path=str(tmp_path),
        secret_key="a key for tests that is long enough",
    )


def perform_apart(settings: Settings, actor_id: int, list_id: str, kill_at: int = -1) -> int:
    """Perform a list in a process of its own, which is killed before its statement `kill_at`.

    Return how many statements it has said; -1 where it was killed. Commits are counted too.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        _perform(settings, actor_id, list_id, kill_at, writing)
    os.close(writing)
    said = os.read(reading, 20)
    os.close(reading)
    _, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    assert killed or said, "it ended by itself"
    return -1 if killed else int(said)


def _perform(
    settings: Settings, actor_id: int, list_id: str, kill_at: int, writing: int
) -> NoReturn:
    said = 0

    def count(*_said: Any) -> None:
        nonlocal said
        if said == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        said += 1

    try:
        app = create_app(settings)
        with app.app_context():
            begin_writing(db.session)
            for what in ("before_cursor_execute", "commit"):
                event.listen(Engine, what, count)
            operation.perform(db.session, actor_id, list_id, now())
            db.session.commit()
        os.write(writing, str(said).encode())
    finally:
        os._exit(0)


def everything(session: Session) -> dict[str, list[str]]:
    session.commit()
    tables = Base.metadata.sorted_tables
    found = {table.name: sorted(map(repr, session.execute(select(table)))) for table in tables}
    session.commit()
    return found


def decided(engine: Engine, session: Session) -> None:
    """See that the ledger and the database agree, as soon as PostgreSQL has noticed the kill."""
    ledger = LEDGERS[engine]
    while True:
        found = standing(engine, ledger)
        assert (found.missing, found.doubtful) == ([], [])
        settled = words(ledger.entries())
        entries = [row.position for row in ledger.entries() if not row.about]
        if all(position in settled for position in entries):
            break
        sleep(0.05)
    session.commit()
    performed = known(session)
    assert {position: settled[position].value for position in entries} == {
        position: "done" if position in performed else "void" for position in entries
    }
    verify(session, ledger)
    session.commit()


def test_killed_at_a_statement_all_or_nothing_is_done_and_it_can_be_tried_again(
    app: Flask, session: Session, office: Office, engine: Engine, settings: Settings
) -> None:
    ids = many_users(session, office.london, 20)
    actor_id = office.priya.account_id
    names = select(Person.user_name).where(Person.account_id.in_(ids))
    left = iter(session.scalars(names).all())

    statements = perform_apart(settings, actor_id, freeze(session, actor_id, next(left)))
    decided(engine, session)
    assert statements > 40
    points = range(statements)
    chosen = points if EVERYWHERE else sorted(Random(SEED).sample(points[:-6], SAMPLE - 4))
    chosen = [*chosen, *points[-6:-2]] if not EVERYWHERE else list(chosen)
    outcomes = set()
    list_id = None
    for point in chosen:
        list_id = list_id or freeze(session, actor_id, next(left))
        before, done = everything(session), erased(session)
        assert perform_apart(settings, actor_id, list_id, point) == -1
        decided(engine, session)
        if erased(session) == done:
            assert everything(session) == before
            outcomes.add("nothing")
        else:
            assert erased(session) == done + 1
            assert session.get_one(Operation, list_id).outcome is Outcome.PERFORMED
            list_id = None
            outcomes.add("all")
    assert outcomes == {"nothing", "all"}
    list_id = list_id or freeze(session, actor_id, next(left))
    done = erased(session)
    assert perform_apart(settings, actor_id, list_id) > 0
    assert erased(session) == done + 1
    decided(engine, session)
