"""Who was deleted comes back archived, as the person they were, and can sign in again."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.factories import CHEAP, Office, a_sign_in, give, make_contact
from tests.journeys.browser import Browser
from webapp.models import Account, Found, OperationAccount, Party, Permission, Person, State
from webapp.models.personal import personal_tables

RESTORE = "/users/restore-deleted/"


@pytest.fixture
def ugo(session: Session, office: Office) -> Person:
    """Make a deleted user of Paris who signed in, held a role in Dublin and was its contact."""
    ugo = office.deleted(office.paris)[0]
    ugo.password_hash = CHEAP.hash("ugo's long password")
    give(session, ugo, office.dublin, Permission.BILLING)
    make_contact(session, ugo, office.dublin, primary=False)
    a_sign_in(session, ugo)
    session.commit()
    return ugo


def restore(browser: Browser, keyword: str) -> None:
    browser.visit(RESTORE)
    browser.fill(keyword=keyword)
    browser.press("Search for deleted users")
    browser.press("Restore", within="#results")
    browser.press("Restore 1 user", within="#popup")
    assert "1 user has been restored." in browser.text


RECORDS = (Found, Party, OperationAccount)  # what was done with the person, in which it says so


def had(session: Session, person: Person) -> dict[str, list[str]]:
    """Return every row of every personal table that belongs to this person."""
    tables = [model.__table__ for model in personal_tables() if model not in RECORDS]
    return {
        table.name: sorted(
            str(tuple(row))
            for row in session.execute(select(table).where(table.c.account_id == person.account_id))
        )
        for table in tables
    }


def state_of(session: Session, person: Person) -> State:
    session.commit()
    return session.scalars(select(Account.state).where(Account.id == person.account_id)).one()


def test_nadia_restores_in_paris_and_nothing_of_the_person_is_different(
    browser: Browser, session: Session, office: Office, ugo: Person
) -> None:
    before = had(session, ugo)
    assert {"person", "attribute_value", "role_grant", "contact", "sign_in"} <= {
        table for table, rows in before.items() if rows
    }
    browser.sign_in("nadia.contact")
    browser.follow("User Management")
    browser.follow("Restore deleted users", within="aside")
    restore(browser, "ugo")
    assert browser.url.startswith(RESTORE)
    assert state_of(session, ugo) is State.ARCHIVED
    assert had(session, ugo) == before
    assert state_of(session, office.deleted(office.paris)[1]) is State.DELETED


def test_who_was_restored_is_in_user_management_and_no_longer_among_the_deleted(
    browser: Browser, office: Office, ugo: Person
) -> None:
    browser.sign_in("nadia.contact")
    restore(browser, "ugo")
    browser.fill(keyword="ugo")
    browser.press("Search for deleted users")
    assert "0 users found" in browser.text
    browser.visit(f"/users/person/{ugo.reference}")
    assert "Archived in Northwind Paris" in browser.text
    assert "Team of Ugo Lefèvre" in browser.text


def test_who_was_restored_and_reactivated_signs_in_with_the_old_password(
    browser: Browser, office: Office, ugo: Person
) -> None:
    browser.sign_in("nadia.contact")
    restore(browser, "ugo")
    browser.sign_in("ugo.lefèvre", "ugo's long password")
    assert "The user name or the password is not right." in browser.text
    browser.visit(f"/users/person/{ugo.reference}")
    browser.press("Reactivate", within="main")
    browser.press("Reactivate 1 user", within="#popup")
    browser.sign_in("ugo.lefèvre", "ugo's long password")
    assert "Ugo Lefèvre" in browser.soup.select_one("header").get_text()
    browser.follow("Billing")
    assert "Northwind Dublin" in browser.soup.select_one("tbody").get_text()


def test_restoring_is_searched_in_one_s_own_domains_only(browser: Browser, office: Office) -> None:
    browser.sign_in("nadia.contact")
    browser.visit(RESTORE)
    assert [label.get_text(strip=True) for label in browser.soup.select(".choices label")] == [
        "Northwind Paris"
    ]
    browser.press("Search for deleted users")
    assert "3 users found" in browser.text
    assert "Farah" not in browser.text


def test_who_may_restore_only_is_neither_offered_nor_given_erasing(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("nadia.contact")
    browser.visit(RESTORE)
    browser.press("Search for deleted users")
    assert "Erase" not in " ".join(browser.buttons())
    token = str(browser.soup.select_one("[name=csrf_token]")["value"])
    assert (
        browser.web.post(
            f"{browser.url}/freeze/erase", {"csrf_token": token}, expect_errors=True
        ).status_int
        == 404
    )
    browser.press("Restore", within="#results")
    assert "Restore 3 users?" in browser.text
    assert "archived, with everything they had" in browser.text


def test_a_user_restored_meanwhile_refuses_the_whole_list(
    browser: Browser, session: Session, office: Office, ugo: Person
) -> None:
    browser.sign_in("nadia.contact")
    browser.visit(RESTORE)
    browser.press("Search for deleted users")
    browser.press("Restore", within="#results")
    session.execute(
        update(Account).where(Account.id == ugo.account_id).values(state=State.ARCHIVED)
    )
    browser.press("Restore 3 users", within="#popup")
    assert browser.status == 409
    assert (
        "Nobody has been restored; nothing has changed. "
        "1 of 3 users changed since you reviewed them. These are:" in browser.text
    )
    assert [state_of(session, person) for person in office.deleted(office.paris)[1:]] == [
        State.DELETED
    ] * 2


@pytest.mark.parametrize("name", ["max.reader", "anna.archer"])
def test_who_may_not_restore_is_refused_everywhere(
    browser: Browser, session: Session, office: Office, name: str
) -> None:
    office.live(office.london)[0].password_hash = office.max.password_hash
    browser.sign_in("nadia.contact")
    browser.visit(RESTORE)
    browser.press("Search for deleted users")
    results = browser.url
    browser.sign_in(name)
    browser.visit(RESTORE)
    assert browser.status == 403
    token = str(browser.soup.select_one("[name=csrf_token]")["value"])
    for path in (RESTORE, f"{results}/ticks", f"{results}/freeze/restore"):
        assert browser.web.post(path, {"csrf_token": token}, expect_errors=True).status_int == 403
    assert {state_of(session, person) for person in office.deleted(office.paris)} == {State.DELETED}
