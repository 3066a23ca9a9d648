"""Several attempts at once, and what changes while a password is looked at."""

from __future__ import annotations

from functools import partial
from threading import Barrier
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from tests.conftest import Client, form_with
from tests.factories import PASSWORD, Office
from tests.together import at_once, waits_for
from webapp.db import begin_writing
from webapp.identity import passwords
from webapp.identity.attempts import OF_NAME, counters
from webapp.models import Account, Person, State
from webapp.times import now

COUNTED = counters("a key for tests that is long enough", "priya.contact", "192.0.2.1")


@pytest.mark.usefixtures("long_waits")
def test_many_attempts_at_once_are_slowed_as_they_would_be_one_by_one(
    app: Flask, engine: Engine, session: Session, office: Office
) -> None:
    answers: list[str] = []

    def guess() -> None:
        with Session(engine) as own:
            answers.append(Client(app, own).sign_in("priya.contact", "wrong").text)

    tries = OF_NAME.free + 4  # as many as may write at once
    at_once(*[guess] * tries)
    assert len(answers) == tries
    assert (
        sum("The user name or the password is not right." in answer for answer in answers)
        == OF_NAME.free + 1
    )
    assert sum("Too many tries." in answer for answer in answers) == tries - OF_NAME.free - 1


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Person, {"password_hash": passwords.hasher.hash("a new long password")}),
        (Account, {"state": State.ARCHIVED}),
    ],
    ids=["the password", "the state"],
)
def test_what_changes_while_the_password_is_looked_at_counts(
    engine: Engine, session: Session, office: Office, model: Any, values: dict[str, object]
) -> None:
    priya, tried = office.priya.account_id, list[passwords.Attempt]()
    key = model.account_id if model is Person else model.id

    def sign_in() -> None:
        with Session(engine) as own:
            begin_writing(own)
            tried.append(passwords.check_password(own, "priya.contact", PASSWORD, now(), COUNTED))
            own.commit()

    session.commit()
    begin_writing(session)
    session.execute(update(model).where(key == priya).values(**values))
    waits_for(session, sign_in, tried)
    assert [result.account_id for result in tried] == [None]


def test_no_lock_is_held_while_a_password_is_looked_at(
    engine: Engine, session: Session, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    class Hasher(PasswordHasher):
        """Writes elsewhere while it looks at the password."""

        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            with Session(engine) as other:
                begin_writing(other)
                other.execute(update(Account).values(since=now()))
                other.commit()
                written.append("written")
            return True

    monkeypatch.setattr(passwords, "hasher", Hasher())
    session.commit()
    begin_writing(session)
    passwords.check_password(session, "priya.contact", PASSWORD, now(), COUNTED)
    assert written == ["written"]


def test_a_password_that_is_changed_twice_at_once_is_changed_once(
    app: Flask, engine: Engine, session: Session, office: Office
) -> None:
    browsers = []
    for _ in range(2):
        own = Session(engine)
        browsers.append(Client(app, own))
        browsers[-1].sign_in("priya.contact")
    forms = [form_with(browser.get("/password"), "present") for browser in browsers]
    answers: list[Any] = []
    together = Barrier(2)

    def change(form: Any, number: int) -> None:
        form["present"], form["new"], form["again"] = (
            PASSWORD,
            f"a new long password {number}",
            f"a new long password {number}",
        )
        together.wait(30)
        answers.append(form.submit(expect_errors=True))

    at_once(*(partial(change, form, number) for number, form in enumerate(forms)))
    for browser in browsers:
        browser.session.close()
    led_to = [(answer.location or "").partition("?")[0] for answer in answers]
    changed = [path for path in led_to if path.endswith("/password")]
    signed_out = [path for path in led_to if path.endswith("/sign-in")]
    not_right = [answer for answer in answers if answer.status_int == 422]
    assert (len(changed), len(signed_out) + len(not_right)) == (1, 1), answers
