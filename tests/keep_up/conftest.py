"""A platform of 50,000 users on each database, filled once; what a test changes in it, it changes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from tests.benchmarks.bare import Bare
from tests.benchmarks.visitor import Visitor
from tests.benchmarks.world import Size, fill
from tests.conftest import DATABASES, WANTED
from tests.databases import PostgreSQL

SIZE = Size(users=50_000, domains=200, events=100_000, sign_ins=50_000)


@dataclass(frozen=True)
class World:
    """A filled database, and who may do everything in it."""

    engine: Engine
    visitor: Visitor

    @property
    def bare(self) -> Bare:
        return Bare(self.engine)


@pytest.fixture(scope="session", params=[name for name in DATABASES if name in WANTED])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("keep-up")
    url = _sqlite(folder) if request.param == "sqlite" else _postgresql(request.getfixturevalue("postgresql"))
    engine = create_engine(url)
    fill(engine, SIZE)
    yield World(engine, Visitor(url, str(folder)))
    engine.dispose()


def _sqlite(folder: Path) -> str:
    return f"sqlite:///{folder / 'world.sqlite'}"


def _postgresql(server: PostgreSQL) -> str:
    server.say("CREATE DATABASE keep_up")
    return server.url("keep_up")


@pytest.fixture
def session(world: World) -> Iterator[Session]:
    """A session as `make bench` has it. Whatever the test has left in the tables of searches and operations goes."""
    with Session(world.engine, expire_on_commit=False) as session:
        yield session
        session.rollback()
        world.visitor.leave(session, keep_signed_in=True)
