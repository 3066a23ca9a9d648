"""What these tests share: the ledger, erasures by hand, and backups of every kind."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.evidence.backups import Restore, backed_up
from tests.factories import Office, a_search, domains_searched
from webapp.config import Settings
from webapp.db import begin_writing
from webapp.evidence.ledger import LEDGERS, Ledger
from webapp.lifecycle import operation
from webapp.models import Operation, Outcome, Person, Purpose, Verb
from webapp.times import now

Erase = Callable[..., Operation]


@pytest.fixture
def ledger(app: Flask, engine: Engine) -> Ledger:
    return LEDGERS[engine]


@pytest.fixture(autouse=True)
def looked_at_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("webapp.evidence.replay"), "LOOK_EVERY", -1)


@pytest.fixture
def erase(session: Session, office: Office) -> Erase:
    """Let Priya erase a deleted user, by name, or everyone whom she may."""

    def erasing(keyword: str = "") -> Operation:
        actor_id = office.priya.account_id
        frozen = freeze(session, actor_id, keyword)
        begin_writing(session)
        done = operation.perform(session, actor_id, frozen, now())
        session.commit()
        assert done.outcome is Outcome.PERFORMED
        return done

    return erasing


def freeze(session: Session, actor_id: int, keyword: str = "") -> str:
    """Freeze everyone deleted whom this person finds; return the id of the list."""
    session.commit()
    begin_writing(session)
    made = a_search(session, actor_id, Purpose.ERASE, {"keyword": keyword} if keyword else {})
    domains = domains_searched(session, made)
    frozen = operation.freeze(session, Verb.ERASE, made, domains, now(), Settings().limits).id
    session.commit()
    return frozen


@pytest.fixture
def backup(
    request: pytest.FixtureRequest, engine: Engine, session: Session, tmp_path: Path
) -> Callable[..., Restore]:
    """Make a backup now; what is returned restores it."""

    def make(kind: str = "a copy") -> Restore:
        session.commit()
        sqlite = engine.dialect.name == "sqlite"
        server = None if sqlite else request.getfixturevalue("postgresql")
        restore = backed_up(kind, engine, tmp_path, server)

        def closed_and_restored() -> None:
            session.rollback()
            restore()

        return closed_and_restored

    return make


def names(session: Session) -> set[str]:
    """Return the names of everybody who is there."""
    session.commit()
    return set(session.scalars(select(Person.display_name)))
