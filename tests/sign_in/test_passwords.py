"""Passwords: what looking at one costs, and which may be set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from argon2 import PasswordHasher
from sqlalchemy.orm import Session

from tests.conftest import Client, Runner, form_with
from tests.factories import PASSWORD, Office
from webapp.db import begin_writing
from webapp.identity import passwords
from webapp.identity.attempts import counters
from webapp.times import now


class Counting(PasswordHasher):
    """Hashes, and notes what it does, in microseconds."""

    def __init__(self, done: list[str]) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.done = done

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.done.append("hash")
        return super().hash(password, salt=salt)

    def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
        self.done.append("verify")
        return super().verify(hash, password)


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Note what the hasher does, as in a process that has looked at no password yet."""
    done: list[str] = []
    monkeypatch.setattr(passwords, "hasher", Counting(done))
    passwords.hash_of_nobody.cache_clear()
    yield done
    passwords.hash_of_nobody.cache_clear()


@pytest.mark.parametrize("first", ["priya.contact", "nobody.here"])
def test_an_unknown_name_costs_what_a_known_one_costs(
    session: Session, office: Office, done: list[str], first: str
) -> None:
    """See that the hash for unknown names is made with the first attempt, whoever's it is."""
    session.commit()
    for name in (first, "priya.contact", "nobody.here"):
        begin_writing(session)
        counted = counters("a key for tests that is long enough", name, "192.0.2.1")
        attempt = passwords.check_password(session, name, "wrong", now(), counted)
        assert attempt.account_id is None
        session.commit()
    assert done == ["hash", "verify", "verify", "verify"]


PROBLEMS = {
    "x" * 11: "Use 12 characters or more.",
    "x" * 1001: "Use 1,000 characters or fewer.",
    " " * 12: "Use other characters than blanks.",
    "\u3000" * 12: "Use other characters than blanks.",
    "1q2w3e4r5t6y": "This password is one of those that are guessed first. Use another one.",
    "QWERTY123456 ": "This password is one of those that are guessed first. Use another one.",
    "priya.contact1": "Use a password without your own name.",
    "my PRIYA.CONTACT": "Use a password without your own name.",
}


@pytest.mark.parametrize(("password", "problem"), PROBLEMS.items(), ids=range(len(PROBLEMS)))
def test_a_password_that_is_too_easy_is_not_set(
    runner: Runner, web: Client, session: Session, office: Office, password: str, problem: str
) -> None:
    before = office.priya.password_hash
    words = ["access", "password", "priya.contact", "--password", password]
    answer = runner.invoke(args=words)
    assert (answer.exit_code, answer.stderr) == (1, f"Error: {problem}\n")
    web.sign_in("priya.contact")
    form = form_with(web.get("/password"), "present")
    form["present"], form["new"], form["again"] = PASSWORD, password, password
    assert problem in form.submit(status=422)
    session.refresh(office.priya)
    assert office.priya.password_hash == before


def test_a_password_may_hold_a_name_that_is_part_of_many_words() -> None:
    assert passwords.problem_with("a battery of staples", "Al", "") == ""
    assert passwords.problem_with("a battery of staples", "Batt") != ""
