"""In a small domain, readers of the record can tell who was erased; the pop-up says so before."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tests.factories import Office, a_domain, a_user, give, make_contact
from tests.journeys.browser import Browser
from webapp.models import Domain, Permission, State

TELLS = "fewer than 5 users left afterwards: readers of the record can tell who is meant."


def a_place(session: Session, office: Office, name: str, left: int) -> Domain:
    """A domain of Priya's with one deleted user, and `left` others."""
    domain = a_domain(session, name)
    make_contact(session, office.priya, domain)
    give(session, office.priya, domain, Permission.ERASE_DELETED_USERS)
    a_user(session, domain, f"Tiny {name}", state=State.DELETED)
    for number in range(left):
        a_user(session, domain, f"{name} {number}", state=State.ARCHIVED)
    session.commit()
    return domain


def at_the_pop_up(browser: Browser, keyword: str) -> str:
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.fill(keyword=keyword)
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    return browser.text


def test_the_pop_up_counts_the_domains_in_which_few_are_left(
    browser: Browser, session: Session, office: Office
) -> None:
    a_place(session, office, "Cork", 4)
    a_place(session, office, "Galway", 0)
    a_place(session, office, "Limerick", 5)
    assert f"2 domains have {TELLS}" in at_the_pop_up(browser, "tiny")


def test_it_says_nothing_where_many_are_left(
    browser: Browser, session: Session, office: Office
) -> None:
    a_place(session, office, "Limerick", 5)
    text = at_the_pop_up(browser, "tiny")
    assert "Erase 1 user?" in text
    assert "can tell who is meant" not in text


def test_other_verbs_do_not_speak_of_it(browser: Browser, session: Session, office: Office) -> None:
    a_place(session, office, "Cork", 0)
    browser.sign_in("rosa.admin")
    browser.visit("/users/restore-deleted/")
    browser.fill(keyword="farah")
    browser.press("Search for deleted users")
    browser.press("Restore", within="#results")
    assert "Restore 1 user?" in browser.text
    assert "can tell who is meant" not in browser.text
