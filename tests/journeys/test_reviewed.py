"""Freeze what was reviewed, whatever happens elsewhere between the search and *Erase*."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import ALL_OF_USERS, Office, a_user, give, make_contact
from tests.journeys.browser import Browser
from webapp.models import Account, Person, State

ERASE = "/users/erase-deleted/"
FORGOTTEN = "The words of this search have been forgotten, because users have been erased."


def search(browser: Browser, keyword: str = "", path: str = ERASE) -> None:
    browser.visit(path)
    browser.fill(keyword=keyword)
    browser.press("Search for deleted users")


def erase(browser: Browser, number: str) -> None:
    browser.press("Erase", within="#results")
    browser.press(f"Erase {number}", within="#popup")
    assert "erased." in browser.text


@pytest.fixture
def nadia(browser: Browser, session: Session, office: Office) -> Browser:
    """Nadia, who may erase in London and Dublin as well, at another browser."""
    for domain in (office.london, office.dublin):
        make_contact(session, office.nadia, domain)
        give(session, office.nadia, domain, *ALL_OF_USERS)
    other = Browser(Client(browser.web.app, session), htmx=browser.htmx)
    other.sign_in("nadia.contact")
    return other


def test_who_was_deleted_after_the_search_is_not_on_the_list(
    browser: Browser, session: Session, office: Office
) -> None:
    for number in range(5):
        a_user(session, office.london, f"Grow {number} Leaver", state=State.DELETED)
    browser.sign_in("priya.contact")
    search(browser, "leaver")
    assert "5 users found" in browser.text
    assert "found since" not in browser.text
    late = a_user(session, office.london, "Grow 6 Leaver", state=State.DELETED)
    late_id = late.account_id
    browser.press("Erase", within="#results")
    assert "Erase 5 users?" in browser.text
    assert "Grow 6" not in browser.text
    browser.press("Erase 5 users", within="#popup")
    assert "5 users have been erased." in browser.text
    session.commit()
    assert session.scalar(select(Account.state).where(Account.id == late_id)) is State.DELETED


def test_the_page_says_who_has_come_and_searches_again_without_losing_a_tick(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("priya.contact")
    search(browser)
    browser.tick("Farah", on=False)
    a_user(session, office.london, "Grow Leaver", state=State.DELETED)
    browser.press("Name")
    assert "7 users found" in browser.text
    assert "1 user was found since; not on this list." in browser.text
    browser.tick("Hana", on=False)
    browser.press("Search again")
    assert "8 users found" in browser.text
    assert "6 of 8 ticked · 2 kept" in browser.text
    assert "found since" not in browser.text
    browser.press("Erase", within="#results")
    assert "Erase 6 users?" in browser.text


def test_where_nobody_was_found_the_page_says_who_has_come(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("priya.contact")
    search(browser, "leaver")
    a_user(session, office.london, "Grow Leaver", state=State.DELETED)
    browser.visit(browser.url)
    assert "0 users found 1 user was found since; not on this list." in browser.text
    browser.press("Search again")
    assert "1 user found" in browser.text


def test_a_page_loaded_before_another_unticked_someone_does_not_tick_them_again(
    browser: Browser, office: Office
) -> None:
    browser.sign_in("priya.contact")
    search(browser)
    before, results = browser.soup, browser.url
    browser.visit(results)
    browser.tick("Farah", on=False)
    browser.press("Tick all" if browser.htmx else "Name")  # saves; with htmx the tick has done so
    browser.visit(results)
    browser.tick("Farah", on=False)
    browser.press("Name")
    browser.soup = before
    browser.tick("Hana", on=False)
    browser.press("Erase", within="#results")
    assert "Erase 5 users?" in browser.text
    listed = browser.soup.select_one("#popup").get_text()
    assert "Farah" not in listed
    assert "Hana" not in listed


def test_whom_a_page_shows_as_left_out_is_not_on_its_list(browser: Browser) -> None:
    """Someone whom another page has ticked again since."""
    browser.sign_in("priya.contact")
    search(browser)
    browser.tick("Farah", on=False)
    browser.press("Name")
    before, results = browser.soup, browser.url
    browser.visit(results)
    browser.press("Tick all 7")
    browser.soup = before
    browser.press("Erase", within="#results")
    assert "Erase 6 users?" in browser.text
    assert "Farah" not in browser.soup.select_one("#popup").get_text()


def test_an_erasure_by_somebody_else_forgets_the_keyword_and_keeps_the_exceptions(
    browser: Browser, session: Session, office: Office, nadia: Browser
) -> None:
    browser.sign_in("priya.contact")
    search(browser, "example.org")
    browser.tick("Farah", on=False)
    browser.press("Name")
    results = browser.url
    search(nadia, "walsh")
    erase(nadia, "1 user")
    browser.visit(results)
    assert FORGOTTEN in browser.text
    browser.follow("Change search")
    assert browser.soup.select_one("#keyword")["value"] == ""
    browser.visit(results)
    assert "6 users found" in browser.text
    assert "5 of 6 ticked · 1 kept" in browser.text
    erase(browser, "5 users")
    session.commit()
    left = session.scalars(
        select(Person.display_name).join(Account).where(Account.state == State.DELETED)
    )
    assert [name for name in left if name == "Farah حداد"]


def test_one_s_own_erasure_keeps_one_s_other_searches_too(browser: Browser) -> None:
    browser.sign_in("priya.contact")
    search(browser, "example.org")
    results = browser.url
    search(browser, "walsh")
    erase(browser, "1 user")
    browser.visit(results)
    assert FORGOTTEN in browser.text
    assert "6 users found" in browser.text


def test_a_list_that_is_too_long_says_so_and_follows_every_change(
    browser: Browser, session: Session, office: Office
) -> None:
    config = browser.web.app.config
    config["SETTINGS"] = replace(config["SETTINGS"], operation_limit=6)
    browser.sign_in("priya.contact")
    search(browser)
    assert "7 users found More than 6 users are found: too many for one list." in browser.text
    a_user(session, office.london, "Grow Leaver", state=State.DELETED)
    browser.visit(browser.url)
    assert "8 users found" in browser.text
