"""What is hidden is also refused: each of the other people, at every step of an erasure."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office, erased
from tests.journeys.browser import Browser
from webapp.models import Contact, Operation

ERASE = "/users/erase-deleted/"
OTHERS = ("owen.contact", "nadia.contact", "rosa.admin", "max.reader")


@pytest.mark.parametrize("name", OTHERS)
def test_the_menu_does_not_offer_it_and_the_pages_refuse_it(
    browser: Browser, session: Session, office: Office, name: str
) -> None:
    browser.sign_in("priya.contact")
    browser.visit(ERASE)
    browser.press("Search for deleted users")
    results = browser.url
    browser.press("Erase", within="#results")
    operation_id = session.scalars(select(Operation.id)).one()
    browser.sign_in(name)
    browser.visit("/")
    for area in [str(link["href"]) for link in browser.soup.select("header nav a")]:
        browser.visit(area)
        assert "Erase deleted users" not in browser.text
    browser.visit(ERASE)
    assert browser.status == 403
    browser.visit(results)
    assert browser.status == 403
    browser.visit(f"/operations/{operation_id}")
    assert browser.status == 404
    token = str(browser.soup.select_one("[name=csrf_token]")["value"])
    for path in (ERASE, results + "/ticks", results + "/freeze/erase"):
        assert browser.web.post(path, {"csrf_token": token}, expect_errors=True).status_int == 403
    assert (
        browser.web.post(
            f"/operations/{operation_id}", {"csrf_token": token}, expect_errors=True
        ).status_int
        == 404
    )
    assert erased(session) == 0


@pytest.mark.parametrize("name", OTHERS)
def test_the_form_of_another_person_is_refused_with_a_sentence(
    browser: Browser, session: Session, office: Office, name: str
) -> None:
    browser.sign_in("priya.contact")
    browser.visit(ERASE)
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    hers = browser.soup
    browser.sign_in(name)
    browser.soup = hers
    browser.press("Erase 7 users", within="#popup")
    assert browser.status == 400
    assert "This form has expired" in browser.text
    assert erased(session) == 0


def test_freezing_with_another_verb_than_the_page_s_is_refused(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("owen.contact")
    browser.visit("/users/restore-deleted/")
    browser.press("Search for deleted users")
    token = str(browser.soup.select_one("[name=csrf_token]")["value"])
    assert (
        browser.web.post(
            f"{browser.url}/freeze/erase", {"csrf_token": token}, expect_errors=True
        ).status_int
        == 404
    )
    assert session.scalars(select(Operation)).all() == []


def test_a_contact_who_is_no_longer_a_primary_one_loses_the_page(
    web: Client, session: Session, office: Office
) -> None:
    web.sign_in("priya.contact")
    web.get(ERASE, status=200)
    for contact in session.scalars(
        select(Contact).where(Contact.account_id == office.priya.account_id)
    ):
        contact.primary = False
    assert "You may not do this" in web.get(ERASE, status=403)


def test_who_is_not_signed_in_changes_nothing(
    web: Client, session: Session, office: Office
) -> None:
    page = web.get("/sign-in")
    token = page.html.select_one("[name=csrf_token]")["value"]
    assert web.post(ERASE, {"csrf_token": token}).location.startswith("/sign-in")
    assert erased(session) == 0
