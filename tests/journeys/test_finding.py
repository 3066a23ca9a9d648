"""Find users by a list, and read a deleted user's page before erasing, without losing anything."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office, a_sign_in, a_user, give, many_users
from tests.journeys.browser import Browser
from webapp.models import Contact, Permission, Person, Selection, State

ERASE = "/users/erase-deleted/"
NOT_FOUND = "Not found, or in a domain that you may not search"
OBJECT_ID = "9c1f2c9e-0000-4000-8000-000000000001"


def search(browser: Browser, path: str = ERASE, **fields: str) -> None:
    browser.visit(path)
    browser.fill(**fields)
    browser.press("Search for", within="#search")


def test_a_list_finds_whom_it_means_and_names_the_others(browser: Browser, office: Office) -> None:
    browser.sign_in("priya.contact")
    gone, hidden = office.deleted(office.london)[0], office.deleted(office.paris)[0]
    archived = office.archived(office.london)[0]
    pasted = f"{gone.email};\n{hidden.email}, {archived.user_name}\tnobody@example.org"
    search(browser, list=pasted)
    assert "1 user found" in browser.text
    assert browser.ticked() == [gone.display_name]
    assert "1 of 4 entries of your list are found." in browser.text
    assert f"{NOT_FOUND}: 2" in browser.text
    assert f"{hidden.email} nobody@example.org" in browser.text
    assert "There, but not what you search for: 1" in browser.text
    assert f"{archived.user_name} is archived in Northwind London" in browser.text
    assert hidden.email not in browser.url
    browser.follow("Change search")
    assert browser.soup.select_one("#list").get_text().split() == pasted.split()


def test_a_list_of_which_all_are_found_says_no_more(browser: Browser, office: Office) -> None:
    browser.sign_in("priya.contact")
    search(browser, list="\n".join(each.user_name for each in office.deleted(office.london)))
    assert "4 users found" in browser.text
    assert "of your list" not in browser.text


def test_ten_thousand_addresses_are_one_form(
    browser: Browser, session: Session, office: Office
) -> None:
    many_users(session, office.london, 10_000)
    emails = session.scalars(select(Person.email).order_by(Person.account_id.desc())).all()
    browser.sign_in("priya.contact")
    listed = [*emails[:9_990], *(f"müller.{number}@example.org" for number in range(10))]
    search(browser, list="\r\n".join(listed))
    assert "9,990 users found" in browser.text
    assert f"{NOT_FOUND}: 10" in browser.text
    search(browser, list="\n".join(f"someone.{number}" for number in range(10_001)))
    assert browser.status == 422
    assert "The list has more than 10,000 entries. Use fewer." in browser.text
    assert browser.soup.select_one("#list").get_text().strip().endswith("someone.10000")


def test_an_erasure_forgets_the_list_and_keeps_whom_it_found(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("priya.contact")
    search(browser, list="farah.حداد oisín.walsh nobody".replace(" ", "\n"))
    results = browser.url
    search(browser, keyword="pádraig")
    browser.press("Erase", within="#results")
    browser.press("Erase 1 user", within="#popup")
    browser.visit(results)
    assert "2 users found" in browser.text
    assert "The words of this search have been forgotten" in browser.text
    assert "nobody" not in browser.text
    browser.follow("Change search")
    assert browser.soup.select_one("#list").get_text().strip() == ""
    assert all(each.words is None for each in session.scalars(select(Selection)))


def test_a_deleted_user_is_read_before_being_erased(
    browser: Browser, session: Session, office: Office
) -> None:
    gone = a_user(
        session,
        office.london,
        "Gwen Leaver",
        external_id=OBJECT_ID,
        state=State.ARCHIVED,
        attributes={"Job title": "Gardener"},
    )
    give(session, gone, office.dublin, Permission.BILLING)
    a_sign_in(session, gone)
    browser.sign_in("owen.contact")
    browser.visit(f"/users/person/{gone.reference}")
    browser.press("Delete", within="main")
    browser.press("Delete 1 user", within="#popup")
    browser.press("Sign out")
    browser.sign_in("priya.contact")
    search(browser, keyword=OBJECT_ID[:13])
    assert browser.ticked() == ["Gwen Leaver"]
    browser.press("Gwen Leaver")
    for told in (
        "Gwen Leaver Deleted in Northwind London",
        f"Object id {OBJECT_ID}",
        "Job title Gardener",
        "Deleted by Owen Contact",
        "Last sign-in 20 May 2025, 16:45",
        "Northwind Dublin Billing",
    ):
        assert told in browser.text
    assert browser.status == 200
    assert not browser.soup.select("main button")


def test_who_is_opened_and_left_loses_no_tick_and_no_place(
    browser: Browser, session: Session, office: Office
) -> None:
    many_users(session, office.london, 60)
    browser.sign_in("priya.contact")
    search(browser, keyword="number")
    browser.press("Next")
    first, second, *_ = browser.ticked()
    browser.tick(first, on=False)
    browser.press(second)
    assert "Deleted by Not recorded here" in browser.text
    browser.follow("Back to the users found")
    assert "Page 2 of 2" in browser.text
    assert first not in browser.ticked()
    assert "59 of 60 ticked · 1 kept" in browser.text


@pytest.mark.parametrize("path", [ERASE, "/users/restore-deleted/", "/users/"])
def test_who_may_not_be_found_cannot_be_opened(
    browser: Browser, session: Session, office: Office, path: str
) -> None:
    browser.sign_in("priya.contact")
    search(browser, path)
    results, other_state = browser.url, office.archived(office.london)[0]
    if path == "/users/":
        other_state = office.deleted(office.london)[0]
    for person in (office.deleted(office.paris)[0], office.live(office.paris)[0], other_state):
        browser.visit(f"{results}/person/{person.reference}")
        assert browser.status == 404
        assert person.display_name not in browser.text
    of_owen = Browser(Client(browser.web.app, session), htmx=browser.htmx)
    of_owen.sign_in("owen.contact")
    mine = office.deleted(office.london)[0].reference
    of_owen.visit(f"{results}/person/{mine}")
    assert of_owen.status in (403, 404)


def test_who_loses_the_right_can_no_longer_open_a_deleted_user(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("priya.contact")
    search(browser)
    address = f"{browser.url}/person/{office.deleted(office.london)[0].reference}"
    browser.visit(address)
    assert browser.status == 200
    session.execute(delete(Contact).where(Contact.domain_id == office.london.id))
    browser.visit(address)
    assert browser.status == 404
