"""A second factor: set up with the password, asked for instead of it where somebody erases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Client, Runner
from tests.factories import PASSWORD, Office, erased
from tests.journeys.browser import Browser
from tests.together import at_once
from webapp.events import Recorded
from webapp.identity.attempts import OF_NAME
from webapp.models import Event, RecoveryCode, SecondFactor, SignInSession
from webapp.times import now

WRONG = "This code is not right, or was used before."


@pytest.fixture
def browser(web: Client, office: Office) -> Browser:
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    return browser


@pytest.fixture
def app_of_priya(browser: Browser, session: Session) -> pyotp.TOTP:
    """Set a second factor up, by hand; return what shows the codes."""
    return set_up(browser)


def set_up(browser: Browser) -> pyotp.TOTP:
    browser.visit("/password")
    browser.follow("Second factor for erasing")
    browser.fill(password=PASSWORD)
    browser.press("Set up an app")
    shown = pyotp.TOTP(browser.soup.select_one("main code").get_text())
    assert browser.soup.select("main svg path")
    browser.fill(code=shown.now())
    browser.press("Set up")
    assert "Your second factor has been set up." in browser.text
    return shown


def code(shown: pyotp.TOTP) -> str:
    """Return the next code that the app shows: the present one has confirmed it."""
    return shown.at(now() + timedelta(seconds=30))


def to_the_pop_up(browser: Browser) -> None:
    browser.visit("/users/erase-deleted/")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")


def test_erasing_asks_for_a_code_instead_of_the_password(
    browser: Browser, session: Session, app_of_priya: pyotp.TOTP
) -> None:
    to_the_pop_up(browser)
    assert browser.soup.select("[name=code]")
    assert not browser.soup.select("[name=password]")
    browser.press("Erase 7 users", within="#popup")
    assert "Enter a code." in browser.text
    browser.fill(code="000000")
    browser.press("Erase 7 users", within="#popup")
    assert (browser.status, WRONG in browser.text) == (422, True)
    assert not erased(session)
    browser.fill(code=f"{code(app_of_priya)[:3]} {code(app_of_priya)[3:]}")
    browser.press("Erase 7 users", within="#popup")
    assert "7 users have been erased." in browser.text


def test_it_asks_again_after_some_minutes_and_however_fresh_the_password_is(
    browser: Browser, session: Session, app_of_priya: pyotp.TOTP
) -> None:
    for ago, asked in ((14, False), (16, True)):
        before = now() - timedelta(minutes=ago)
        session.execute(update(SignInSession).values(code_at=before, password_at=now()))
        to_the_pop_up(browser)
        assert bool(browser.soup.select("[name=code]")) is asked


def test_without_one_that_is_required_nobody_erases(
    anew: Callable[..., Flask], session: Session, office: Office
) -> None:
    browser = Browser(Client(anew(second_factor=True), session), htmx=False)
    browser.sign_in("priya.contact")
    to_the_pop_up(browser)
    assert "Erasing needs a second factor, and you have set none up." in browser.text
    set_up(browser)
    to_the_pop_up(browser)
    assert browser.soup.select("[name=code]")


def test_a_code_counts_once(browser: Browser, session: Session, app_of_priya: pyotp.TOTP) -> None:
    shown = code(app_of_priya)
    browser.visit("/second-factor")
    to_the_pop_up(browser)
    browser.fill(code=shown)
    browser.press("Erase 7 users", within="#popup")
    assert "7 users have been erased." in browser.text
    browser.visit("/second-factor")
    browser.fill(code=shown)
    browser.press("Remove the app")
    assert WRONG in browser.text


def test_a_recovery_code_counts_once(browser: Browser, session: Session) -> None:
    set_up(browser)
    codes = [each.get_text() for each in browser.soup.select("main li code")]
    assert len(codes) == len(set(codes)) == 10
    to_the_pop_up(browser)
    browser.fill(code=f" {codes[3].upper()} ")
    browser.press("Erase 7 users", within="#popup")
    assert "7 users have been erased." in browser.text
    browser.visit("/second-factor")
    assert "9 recovery codes that were not used yet" in browser.text
    browser.fill(code=codes[3])
    browser.press("Remove the app")
    assert WRONG in browser.text
    browser.fill(code=codes[4])
    browser.press("Remove the app")
    assert browser.soup.select("[name=password]")
    assert session.scalars(select(RecoveryCode)).all() == []


def test_whoever_guesses_codes_gets_slower(browser: Browser, app_of_priya: pyotp.TOTP) -> None:
    browser.visit("/second-factor")
    for _ in range(OF_NAME.free + 2):
        browser.fill(code="123456")
        browser.press("Remove the app")
    assert "Too many tries." in browser.text
    browser.fill(code=code(app_of_priya))
    browser.press("Remove the app")
    assert "Too many tries." in browser.text


def test_of_a_code_used_twice_at_once_one_counts(
    app: Flask, web: Client, session: Session, browser: Browser, app_of_priya: pyotp.TOTP
) -> None:
    page = web.get("/second-factor")
    token = str(page.html.select_one("[name=csrf_token]")["value"])
    sent = {"code": code(app_of_priya), "csrf_token": token}
    answers: list[int] = []

    def send() -> None:
        own = app.test_client()
        own.set_cookie("console", web.cookies["console"].strip('"'))
        answers.append(own.post("/second-factor/app/remove", data=sent).status_code)

    session.commit()
    at_once(send, send)
    assert sorted(answers) == [303, 422]


@pytest.mark.parametrize("typed", ["000000", "", "½", "x" * 50])
def test_only_the_code_that_the_app_shows_sets_it_up(
    browser: Browser, session: Session, typed: str
) -> None:
    browser.visit("/second-factor")
    browser.fill(password="wrong")
    browser.press("Set up an app")
    assert "This is not your password." in browser.text
    browser.fill(password=PASSWORD)
    browser.press("Set up an app")
    browser.fill(code=typed)
    browser.press("Set up")
    assert browser.status == 422
    assert session.scalars(select(SecondFactor.confirmed)).all() == [False]
    to_the_pop_up(browser)
    assert not browser.soup.select("[name=code]")


def test_what_is_set_up_and_removed_is_recorded(
    runner: Runner, session: Session, app_of_priya: pyotp.TOTP
) -> None:
    words = ["access", "remove-second-factor", "priya.contact"]
    assert runner.invoke(args=words).stdout == "The second factors have been removed.\n"
    assert runner.invoke(args=words).stdout == "The user had no second factor.\n"
    recorded = session.scalars(select(Event.key).order_by(Event.at)).all()
    added, removed = Recorded.SECOND_FACTOR_ADDED.name, Recorded.SECOND_FACTOR_REMOVED.name
    assert [key for key in recorded if "FACTOR" in key] == [added, removed]
