"""The session ends while someone reviews a list: they are told where they are, and what is lost."""

from __future__ import annotations

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from tests.factories import PASSWORD, Office
from tests.journeys.browser import Browser
from webapp.models import SignInSession

ERASE = "/users/erase-deleted/"
LOST = "what you ticked or unticked last was not saved"


@pytest.fixture
def signed_out(browser: Browser, session: Session, office: Office) -> Browser:
    """Priya's browser with seven deleted users found; her session has ended on the server."""
    browser.sign_in("priya.contact")
    browser.visit(ERASE)
    browser.press("Search for deleted users")
    session.execute(delete(SignInSession))
    return browser


def sign_in_again(browser: Browser) -> None:
    """Sign in, and come back to the seven users."""
    browser.fill(user_name="priya.contact", password=PASSWORD)
    browser.press("Sign in", within="main")
    assert "7 users found" in browser.text
    assert f"Your session had ended, and {LOST}" in browser.text
    assert "All 7 ticked" in browser.text


def test_a_tick_that_is_lost_is_said_to_be(signed_out: Browser) -> None:
    signed_out.tick("Farah", on=False)
    if signed_out.htmx:
        said = signed_out.soup.select_one("#said").get_text(" ", strip=True)
        assert LOST in said
        assert "7 users found" in signed_out.text
        signed_out.follow("Sign in", within="#said")
    else:
        signed_out.press("Name")
    sign_in_again(signed_out)


def test_erase_answers_where_one_is_and_erases_nobody(signed_out: Browser) -> None:
    signed_out.tick("Farah", on=False)
    signed_out.press("Erase", within="#results")
    if signed_out.htmx:
        assert "You are no longer signed in" in signed_out.soup.select_one("#popup").get_text()
        assert "7 users found" in signed_out.text
        signed_out.follow("Sign in", within="#popup")
    sign_in_again(signed_out)


def test_confirming_answers_where_one_is_and_leads_back(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("priya.contact")
    browser.visit(ERASE)
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    session.execute(delete(SignInSession))
    browser.press("Erase 7 users", within="#popup")
    if browser.htmx:
        assert "You are no longer signed in" in browser.soup.select_one("#popup").get_text()
        browser.follow("Sign in", within="#popup")
    browser.fill(user_name="priya.contact", password=PASSWORD)
    browser.press("Sign in", within="main")
    assert "7 users found" in browser.text or "Erase 7 users?" in browser.text
    assert LOST not in browser.text


def test_refusals_answer_in_the_pop_up(browser: Browser) -> None:
    browser.sign_in("priya.contact")
    browser.visit(ERASE)
    browser.press("Search for deleted users")
    browser.press("Untick all 7")
    browser.press("Erase", within="#results")
    assert "No user is chosen that you could erase." in browser.soup.select_one("#popup").get_text()
    assert ("7 users found" in browser.text) == browser.htmx
