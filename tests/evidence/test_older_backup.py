"""A backup from before an upgrade is upgraded, then brought up to date like any other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, NullPool, create_engine, insert, select, table, text
from sqlalchemy import column as c
from sqlalchemy.orm import Session

from tests.conftest import DATABASES, WANTED
from tests.databases import PostgreSQL, Sqlite
from tests.evidence.backups import backed_up
from tests.migrations.checkout import upgrade
from webapp import create_app
from webapp.config import Settings
from webapp.db import begin_writing, db
from webapp.lifecycle.erase import Listed, erase_listed
from webapp.models import Account, Person
from webapp.schema import alembic_config, migrate
from webapp.times import now

BEFORE = "0006"  # the last revision without a ledger
KEYS = ("a" * 32, "b" * 32)


@pytest.fixture(params=[name for name in DATABASES if name in WANTED])
def server(request: pytest.FixtureRequest) -> Sqlite | PostgreSQL:
    made: Sqlite | PostgreSQL = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def old(server: Sqlite | PostgreSQL, tmp_path: Path) -> Iterator[Engine]:
    """A database of that revision with two deleted users."""
    with server.empty(tmp_path) as url:
        engine = create_engine(url, poolclass=NullPool)
        with engine.connect() as connection:
            upgrade(connection, alembic_config(), BEFORE)
        with engine.begin() as connection:
            connection.execute(text("INSERT INTO domain VALUES (1, 'London', 'london')"))
            moment = now().replace(tzinfo=None) if engine.dialect.name == "sqlite" else now()
            for number, key in enumerate(KEYS, 1):
                account = {"id": number, "domain_id": 1, "key": key, "state": "deleted"}
                account |= {"created_at": str(moment), "since": str(moment)}
                add(engine, connection, "account", account)
                add(engine, connection, "person", {"account_id": number, **named(f"user.{number}")})
        yield engine


def named(name: str) -> dict[str, object]:
    kinds = "user_name user_name_key display_name given_name surname email external_id phone"
    words = dict.fromkeys((kinds + " mobile_phone search_text").split(), name)
    return {**words, "reference": name}


def add(engine: Engine, connection: object, name: str, row: dict[str, object]) -> None:
    assert hasattr(connection, "execute")
    connection.execute(insert(table(name, *map(c, row))).values(row))


def test_it_is_upgraded_and_then_erased_again(
    server: Sqlite | PostgreSQL, old: Engine, tmp_path: Path
) -> None:
    (tmp_path / "kept").mkdir()
    restore = backed_up(
        "a dump", old, tmp_path / "kept", None if isinstance(server, Sqlite) else server
    )
    migrate(old)
    app = application(old, tmp_path)
    with app.app_context():
        begin_writing(db.session)
        first = select(Account.id).where(Account.key == KEYS[0])
        erase_listed(db.session, Listed(first, select(Account.domain_id).limit(1), 1), now())
        db.session.commit()
        db.engine.dispose()
    restore()
    runner = app.test_cli_runner()
    assert "older than this version" in str(runner.invoke(args=["erasure", "replay"]).exception)
    assert runner.invoke(args=["database", "upgrade"]).exit_code == 0
    assert app.test_client().get("/health").status_code == 503
    assert "1 user was erased again" in runner.invoke(args=["erasure", "replay"]).output
    assert app.test_client().get("/health").status_code == 200
    with Session(old) as session:
        assert session.scalars(select(Account.key)).all() == [KEYS[1]]
        assert session.scalars(select(Person.user_name)).all() == ["user.2"]
    with app.app_context():
        db.engine.dispose()


def application(engine: Engine, folder: Path) -> Flask:
    url = engine.url.render_as_string(hide_password=False)
    return create_app(Settings(database_url=url, instance_path=str(folder)))
