"""While others are busy: who reads does not wait, who writes waits a little and then reads so."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from threading import Event
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from tests.conftest import Client, Runner, form_with
from tests.factories import PASSWORD, Office
from tests.together import at_once
from webapp.db import begin_writing
from webapp.errors import Busy
from webapp.identity import passwords
from webapp.identity.attempts import OF_NAME
from webapp.models import SignInFailure
from webapp.turns import Turns

BUSY = "The console is busy"
SHORT = 0.05  # seconds


@contextmanager
def written_elsewhere(engine: Engine) -> Iterator[None]:
    """Hold SQLite's write lock as another process does."""
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no lock that everybody shares.")
    with closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Turns:
    """Let whoever writes to SQLite wait for a moment only."""
    turns = Turns(waiting=1, patience=SHORT)
    monkeypatch.setattr(import_module("webapp.db"), "writing", turns)
    return turns


def test_who_only_reads_does_not_wait_for_whoever_writes(
    web: Client, engine: Engine, office: Office
) -> None:
    web.sign_in("priya.contact")
    with written_elsewhere(engine):
        for path in ("/", "/users/", "/users/erase-deleted/", "/password", "/help"):
            web.get(path, status=200)


def test_who_writes_reads_that_others_do_and_nothing_is_done(
    web: Client, engine: Engine, session: Session, office: Office, impatient: Turns
) -> None:
    form = form_with(web.get("/sign-in"), "user_name")
    form["user_name"], form["password"] = "priya.contact", "wrong"
    with written_elsewhere(engine):
        for _ in range(3):  # each gives its turn back
            answer = form.submit(status=503)
            assert BUSY in answer
    assert session.scalars(select(SignInFailure)).all() == []
    form["password"] = PASSWORD
    assert form.submit().status_int == 303


def test_one_thread_writes_at_a_time_and_gives_its_turn_back(
    engine: Engine, impatient: Turns
) -> None:
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no lock that everybody shares.")
    with Session(engine) as one, Session(engine) as other:
        for end in (one.commit, one.rollback, one.close):
            begin_writing(one)
            with pytest.raises(Busy):
                begin_writing(other)
            other.rollback()
            end()
            begin_writing(other)
            other.commit()


def test_who_finds_too_many_waiting_is_told_at_once() -> None:
    turns, waits = Turns(waiting=1, patience=60), Event()
    turns.take()

    def wait() -> None:
        waits.set()
        turns.take()

    def find_it_taken() -> None:
        waits.wait()
        while turns.places.acquire(blocking=False):  # until the other one waits
            turns.places.release()
        with pytest.raises(Busy):
            turns.take()
        turns.give_back()

    at_once(wait, find_it_taken)


def test_so_many_passwords_are_looked_at_at_once_and_whoever_waits_too_long_reads_so(
    app: Flask, engine: Engine, office: Office, monkeypatch: pytest.MonkeyPatch, session: Session
) -> None:
    at_work, most, finish, tries = [0], [0], Event(), OF_NAME.free + 1

    class Hasher(PasswordHasher):
        """Notes how many passwords are looked at at once, and takes until it may finish."""

        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            at_work[0] += 1
            most[0] = max(most[0], at_work[0])
            finish.wait(60)
            at_work[0] -= 1
            return super().verify(hash, password)

    session.commit()
    monkeypatch.setattr(passwords, "hasher", Hasher())
    monkeypatch.setattr(passwords, "hashing", Turns(waiting=2, patience=SHORT))
    answers: list[Any] = []

    def sign_in() -> None:
        with Session(engine) as own:
            answers.append(Client(app, own).sign_in("priya.contact"))
            if len(answers) == tries - 1:
                finish.set()  # all others have been told

    at_once(*[sign_in] * tries)
    assert most == [1]
    assert sorted(answer.status_int for answer in answers) == [200] + [503] * (tries - 1)
    assert sum(BUSY in answer for answer in answers) == tries - 1


def test_a_command_says_so_too(engine: Engine, runner: Runner, impatient: Turns) -> None:
    with written_elsewhere(engine):
        done = runner.invoke(args=["domains", "add", "Northwind"])
    assert (done.exit_code, "Wait a moment and try again." in done.output) == (1, True)
