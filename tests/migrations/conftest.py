"""What these tests ask for: a database without tables, and a checkout to write migrations in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from tests.conftest import DATABASES, WANTED
from tests.databases import PostgreSQL, Sqlite
from tests.migrations.checkout import Checkout


@pytest.fixture(params=[name for name in DATABASES if name in WANTED])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of each kind, without tables."""
    server: Sqlite | PostgreSQL = request.getfixturevalue(request.param)
    with server.empty(tmp_path) as url:
        engine = create_engine(url, hide_parameters=True)
        yield engine
        engine.dispose()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    monkeypatch.setattr(sys, "path", sys.path[:])  # Alembic puts the folder in front
    return Checkout.into(tmp_path)
