"""Open sessions: people see theirs, end them, and lose them by doing nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office, parties_of
from tests.journeys.browser import Browser
from webapp.events import Recorded
from webapp.models import By, Event, Part, SignInSession
from webapp.times import now
from webapp.web.known import browser_in_words

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
AGENTS = {
    FIREFOX: "Firefox on Windows",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Safari/605.1.15": "Safari on macOS",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36": (
        "Chrome on Linux"
    ),
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0": (
        "Edge on Windows"
    ),
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Safari/537.36": (
        "Chrome on Android"
    ),
    "curl/8.0": "Another browser",
    "": "Another browser",
}


def signed_in(web: Client) -> bool:
    return bool(web.get("/").status_int == 200)


@pytest.mark.parametrize(("agent", "words"), AGENTS.items())
def test_a_browser_is_named_in_words(agent: str, words: str) -> None:
    assert browser_in_words(agent) == words


def test_signing_in_again_ends_the_session_that_this_browser_had(
    web: Client, session: Session, office: Office
) -> None:
    web.sign_in("priya.contact")
    old = web.cookies["console"]
    web.sign_in("owen.contact")
    owners = session.scalars(select(SignInSession.account_id)).all()
    assert owners == [office.owen.account_id]
    web.set_cookie("console", old)
    assert not signed_in(web)


@pytest.fixture
def elsewhere(web: Client, session: Session, office: Office) -> Client:
    """Sign Priya in here and in Firefox elsewhere, and Owen in a browser of his own."""
    other, owens = Client(web.app, session), Client(web.app, session)
    other.extra_environ = {"HTTP_USER_AGENT": FIREFOX, "REMOTE_ADDR": "203.0.113.5"}
    other.sign_in("priya.contact")
    owens.sign_in("owen.contact")
    web.sign_in("priya.contact")
    return other


def rows(page: Any) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in page.html.select("tbody tr")]


def test_one_sees_one_s_own_sessions_and_ends_one(
    web: Client, session: Session, elsewhere: Client
) -> None:
    page = web.get("/password")
    this, other = rows(page)
    assert "This one" in this
    assert other.startswith("Firefox on Windows 203.0.113.5")
    assert str(now().year) in other
    ended = next(f for f in page.forms.values() if f.action.endswith("/end")).submit().follow()
    assert "The session has been ended." in ended
    assert (signed_in(elsewhere), signed_in(web)) == (False, True)
    assert len(session.scalars(select(SignInSession)).all()) == 2


def test_one_ends_all_one_s_other_sessions(
    web: Client, session: Session, elsewhere: Client
) -> None:
    page = web.get("/password")
    form = next(f for f in page.forms.values() if f.action.endswith("/end-others"))
    assert "1 other session has been ended." in form.submit().follow()
    assert (signed_in(elsewhere), signed_in(web)) == (False, True)
    assert len(session.scalars(select(SignInSession)).all()) == 2
    assert "End all others" not in web.get("/password")


def test_nobody_ends_the_session_of_somebody_else(
    web: Client, session: Session, office: Office, elsewhere: Client
) -> None:
    owens = session.scalars(
        select(SignInSession.reference).filter_by(account_id=office.owen.account_id)
    ).one()
    form = next(f for f in web.get("/password").forms.values() if f.action.endswith("/end"))
    form.action = f"/sessions/{owens}/end"
    assert "has been ended" not in form.submit().follow()
    assert len(session.scalars(select(SignInSession)).all()) == 3


def seen(web: Client, ago: timedelta) -> None:
    """Let this browser's cookie say that it was last seen so long ago."""
    signer: Any = web.app.session_interface.get_signing_serializer(web.app)
    cookie = signer.loads(web.cookies["console"].strip(chr(34)))
    web.set_cookie("console", signer.dumps(cookie | {"seen": int((now() - ago).timestamp())}))


def test_a_session_ends_after_the_minutes_without_a_request_that_are_set(
    anew: Callable[..., Flask], session: Session, office: Office
) -> None:
    web = Client(anew(idle_minutes=7), session)
    web.sign_in("priya.contact")
    seen(web, timedelta(minutes=6, seconds=30))
    assert signed_in(web)  # and from now on it has just been seen
    seen_before = web.cookies["console"]
    assert signed_in(web)
    assert web.cookies["console"] == seen_before
    seen(web, timedelta(minutes=7, seconds=5))
    assert not signed_in(web)


def test_reading_writes_nothing(web: Client, office: Office, statements: Any) -> None:
    web.sign_in("priya.contact")
    seen(web, timedelta(minutes=5))
    with statements() as said:
        web.get("/users/", status=200)
    assert [each for each in said if not each.startswith("SELECT")] == []


def recorded(session: Session, what: Recorded) -> list[tuple[By, dict[Part, int], int | None]]:
    events = session.scalars(select(Event).filter_by(key=what.name))
    return [(event.done_by, parties_of(session, event), event.domain_id) for event in events]


def test_a_wrong_password_is_recorded_about_whom_it_was_tried_with(
    web: Client, session: Session, office: Office
) -> None:
    web.sign_in("priya.contact", "wrong")
    priya, london = office.priya.account_id, office.london.id
    failed = recorded(session, Recorded.SIGN_IN_FAILED)
    assert failed == [(By.STRANGER, {Part.SUBJECT: priya}, london)]
    web.sign_in("rosa.admin")
    page = web.get("/activity?what=SIGN_IN_FAILED")
    assert "Somebody not signed in Gave a wrong password or code Priya Contact" in rows(page)[0]


def test_a_name_that_is_nobody_s_is_not_recorded_with_the_attempt(
    web: Client, session: Session, office: Office
) -> None:
    web.sign_in("a.stranger", "wrong")
    assert recorded(session, Recorded.SIGN_IN_FAILED) == [(By.STRANGER, {}, None)]


def test_a_wrong_password_of_whoever_is_signed_in_is_recorded_as_theirs(
    web: Client, session: Session, office: Office
) -> None:
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    browser.visit("/password")
    browser.fill(present="wrong", new="a new long password", again="a new long password")
    browser.press("Change password")
    priya, london = office.priya.account_id, office.london.id
    both = {Part.ACTOR: priya, Part.SUBJECT: priya}
    assert recorded(session, Recorded.SIGN_IN_FAILED) == [(By.PERSON, both, london)]


def test_a_refused_page_is_recorded(web: Client, session: Session, office: Office) -> None:
    web.get("/activity", status=303)
    assert recorded(session, Recorded.REFUSED) == []
    web.sign_in("owen.contact")
    web.get("/activity", status=403)
    owen, london = office.owen.account_id, office.london.id
    assert recorded(session, Recorded.REFUSED) == [(By.PERSON, {Part.ACTOR: owen}, london)]
