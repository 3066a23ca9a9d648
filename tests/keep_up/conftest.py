"""Fill a platform of 50,000 users once on each database; what a test changes, it changes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, delete
from sqlalchemy.orm import Session

from tests.benchmarks.visitor import Visitor
from tests.benchmarks.world import ACTOR, Size, fill
from tests.conftest import DATABASES, WANTED
from tests.databases import PostgreSQL
from webapp.db import db
from webapp.models import Operation, Receipt, ReceiptLine, Selection

# Domains are as large as those of a million users.
SIZE = Size(users=50_000, domains=10, events=100_000, sign_ins=50_000)


@dataclass(frozen=True)
class World:
    """A filled database, and who may do everything in it."""

    engine: Engine
    visitor: Visitor

    @property
    def engines(self) -> tuple[Engine, Engine]:
        """Return the tests' own and the application's, on the same database."""
        with self.visitor.app.app_context():
            return self.engine, db.engine


@pytest.fixture(scope="session", params=[name for name in DATABASES if name in WANTED])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Fill a database of each kind, and let go of it at the end."""
    folder = tmp_path_factory.mktemp("keep-up")
    url = (
        _sqlite(folder)
        if request.param == "sqlite"
        else _postgresql(request.getfixturevalue("postgresql"))
    )
    engine = create_engine(url)
    fill(engine, SIZE)
    made = World(engine, Visitor(url, str(folder)))
    yield made
    for each in made.engines:
        each.dispose()


def _sqlite(folder: Path) -> str:
    return f"sqlite:///{folder / 'world.sqlite'}"


def _postgresql(server: PostgreSQL) -> str:
    """Make an empty database in which plans and counts are the same on every machine.

    Nothing gathers statistics in the middle, and no process helps the one whose rows are counted.
    """
    server.say("ALTER SYSTEM SET autovacuum = off")
    server.say("SELECT pg_reload_conf()")
    server.say("CREATE DATABASE keep_up")
    server.say("ALTER DATABASE keep_up SET max_parallel_workers_per_gather = 0")
    return server.url("keep_up")


@pytest.fixture
def session(world: World) -> Iterator[Session]:
    """Open a session as `make bench` has it; what the test leaves in the database goes."""
    with Session(world.engine, expire_on_commit=False) as session:
        yield session
        session.rollback()
        session.execute(delete(Operation).where(Operation.actor_id == ACTOR))
        session.execute(delete(Selection).where(Selection.account_id == ACTOR))
        session.execute(delete(ReceiptLine))
        session.execute(delete(Receipt))
        session.commit()
