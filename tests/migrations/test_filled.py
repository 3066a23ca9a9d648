"""A filled database can be upgraded, and nothing in it changes but what is meant to."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.exc import IntegrityError

from tests.migrations.checkout import Checkout, upgrade
from tests.migrations.intended import INTENDED
from tests.migrations.rows import assert_kept, fill, rows_of, tables_of
from webapp.errors import DatabaseRefused
from webapp.schema import alembic_config, revision_of, revisions

REVISIONS = revisions(alembic_config())[::-1]  # the oldest first
WIDER = (
    'with op.batch_alter_table("account") as account:',
    '    account.drop_constraint(op.f("ck_account_state"), type_="check")',
    '    account.create_check_constraint(op.f("ck_account_state"), "state <> \'lost\'")',
)
BROKEN = ('op.execute("DELETE FROM domain")',)
KILLED = (*WIDER, "os.kill(os.getpid(), signal.SIGKILL)")
COMMANDS = (
    ("-m", "flask", "--app", "wsgi", "database", "upgrade"),
    ("-m", "alembic", "upgrade", "head"),
)


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_row_of_every_revision_is_kept(empty: Engine, revision: str) -> None:
    with empty.connect() as connection:
        upgrade(connection, alembic_config(), revision)
    fill(empty)
    rows = rows_of(empty)
    with empty.connect() as connection:
        upgrade(connection, alembic_config())
    for later in REVISIONS[REVISIONS.index(revision) + 1 :]:
        if later in INTENDED:
            INTENDED[later](rows)
    assert_kept(rows, rows_of(empty))


def test_what_is_intended_belongs_to_a_revision() -> None:
    assert set(INTENDED) <= set(REVISIONS)


@pytest.fixture
def filled(database_url: str) -> Iterator[Engine]:
    """A database of the newest revision, with rows in every table."""
    engine = create_engine(database_url, hide_parameters=True)
    fill(engine)
    yield engine
    engine.dispose()


def test_a_check_of_a_table_that_others_refer_to_can_be_changed(
    filled: Engine, checkout: Checkout
) -> None:
    rows = rows_of(filled)
    checkout.write("wider", *WIDER)
    with filled.connect() as connection:
        upgrade(connection, checkout.config)
        assert_foreign_keys_hold(connection)
    assert rows_of(filled) == rows
    with filled.begin() as connection:
        connection.execute(text("UPDATE account SET state = 'suspended'"))
    with filled.begin() as connection, pytest.raises(IntegrityError, match="ck_account_state"):
        connection.execute(text("UPDATE account SET state = 'lost'"))


def test_nothing_changes_where_rows_would_refer_to_none(filled: Engine, checkout: Checkout) -> None:
    """Of two migrations the first one would do, but neither is kept."""
    before = everything(filled)
    checkout.write("wider", *WIDER)
    checkout.write("broken", *BROKEN)
    refused = DatabaseRefused if filled.dialect.name == "sqlite" else IntegrityError
    with filled.connect() as connection:
        with pytest.raises(refused, match="account"):
            upgrade(connection, checkout.config)
        assert_foreign_keys_hold(connection)
    assert everything(filled) == before


def test_alembic_upgrades_a_filled_database_over_a_connection_of_its_own(
    filled: Engine, checkout: Checkout, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rows_of(filled)
    checkout.write("wider", *WIDER)
    monkeypatch.setenv("DATABASE_URL", database_url)
    command.upgrade(checkout.config, "head")
    assert (revision_of(filled), rows_of(filled)) == ("wider", rows)


@pytest.mark.parametrize("words", COMMANDS, ids=["flask", "alembic"])
def test_nothing_changes_where_the_upgrade_is_killed(
    filled: Engine, checkout: Checkout, database_url: str, words: tuple[str, ...]
) -> None:
    """Of two migrations the first one is done when it happens, but neither is kept."""
    before = everything(filled)
    checkout.write("wider", *WIDER)
    checkout.write("killed", *KILLED)
    done = checkout.python(*words, url=database_url)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert everything(filled) == before


def everything(engine: Engine) -> tuple[Any, ...]:
    """The revision, every row, and the name and text of every CHECK."""
    there = inspect(engine)
    checks = [there.get_check_constraints(table.name) for table in tables_of(engine)]
    return revision_of(engine), rows_of(engine), checks


def assert_foreign_keys_hold(connection: Connection) -> None:
    with pytest.raises(IntegrityError):
        connection.execute(text("DELETE FROM domain"))
    connection.rollback()
