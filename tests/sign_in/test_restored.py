"""A backup that is restored signs nobody in again."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office
from webapp.models import Generation, SignInSession

HOME = "Management Console"


@pytest.fixture
def kept(app: Flask) -> Path:
    return Path(app.instance_path) / "generation"


def signed_in(web: Client) -> bool:
    return bool(web.get("/", expect_errors=True).status_int == 200)


def backup(session: Session) -> list[SignInSession]:
    """Return the sessions that a backup made now would hold."""
    session.commit()
    return list(session.scalars(select(SignInSession)))


def restore(session: Session, sessions: list[SignInSession], generation: int | None) -> None:
    """Put the sessions, and the count that goes with them, back as they were."""
    session.execute(delete(SignInSession))
    session.execute(delete(Generation))
    for each in sessions:
        session.merge(each)
    if generation is not None:
        session.add(Generation(id=1, number=generation))
    session.commit()


def test_who_signed_out_after_the_backup_stays_signed_out(
    web: Client, session: Session, office: Office, kept: Path
) -> None:
    web.sign_in("priya.contact")
    cookie = dict(web.cookies)
    before = backup(session)
    web.get("/").forms[0].submit()
    assert kept.read_text() == "1"
    restore(session, before, None)
    for name, value in cookie.items():
        web.set_cookie(name, value.strip('"'))
    assert not signed_in(web)


def test_a_session_of_the_backup_ends_for_good_at_the_next_sign_in(
    app: Flask, web: Client, session: Session, office: Office, kept: Path
) -> None:
    other = Client(app, session)
    web.sign_in("priya.contact")
    other.sign_in("owen.contact")
    before = backup(session)
    kept.write_text("7")
    restore(session, before, 3)
    assert not signed_in(web)
    web.sign_in("priya.contact")
    assert signed_in(web)
    assert not signed_in(other)
    session.commit()
    assert session.scalars(select(Generation.number)).all() == [7]


def test_a_sign_in_counts_as_long_as_nothing_was_restored(
    app: Flask, web: Client, session: Session, office: Office, kept: Path
) -> None:
    other = Client(app, session)
    other.sign_in("owen.contact")
    web.sign_in("priya.contact")
    web.get("/").forms[0].submit()
    assert signed_in(other)
    assert kept.read_text() == "1"
