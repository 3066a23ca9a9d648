"""User Management: search, create a selection, archive, reactivate or delete it, restore."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office, a_sign_in, a_user
from tests.journeys.browser import Browser
from webapp.models import Account, AttributeValue, Person, SignIn, State


def manage(browser: Browser, **fields: str) -> None:
    browser.visit("/users/")
    browser.fill(**fields)
    browser.press("Search for users")


def state_of(session: Session, person: Person) -> State:
    return session.scalars(select(Account.state).where(Account.id == person.account_id)).one()


def test_live_and_archived_users_are_found_and_deleted_ones_are_not(
    browser: Browser, office: Office
) -> None:
    browser.sign_in("owen.contact")
    manage(browser)
    assert "7 users found" in browser.text  # five of London, Priya and Owen himself
    assert "Anna Archer" in browser.text
    assert "Farah" not in browser.text
    browser.follow("Change search")
    browser.choose("state", "archived")
    browser.press("Search for users")
    assert "2 users found" in browser.text


def test_a_selection_is_archived_then_reactivated(
    browser: Browser, session: Session, office: Office
) -> None:
    live = office.live(office.london)
    browser.sign_in("owen.contact")
    manage(browser, keyword="example.org")
    browser.tick("Priya Contact", on=False)
    browser.press("Create new selection")
    assert "5 users selected" in browser.text
    assert {"Archive (3)", "Reactivate (2)", "Delete archived users (2)"} <= set(browser.buttons())
    browser.press("Archive (3)")
    assert "Archive 3 users?" in browser.text
    browser.press("Archive 3 users", within="#popup")
    assert "3 users have been archived." in browser.text
    assert [state_of(session, person) for person in live] == [State.ARCHIVED] * 3
    assert "Delete archived users (5)" in browser.buttons()
    browser.press("Reactivate (5)")
    browser.press("Reactivate 5 users", within="#popup")
    assert [state_of(session, person) for person in live] == [State.LIVE] * 3


def test_archived_users_are_deleted_and_leave_user_management(
    browser: Browser, session: Session, office: Office
) -> None:
    archived = office.archived(office.london)
    reference = archived[0].reference
    browser.sign_in("owen.contact")
    manage(browser)
    browser.press("Create new selection")
    browser.press("Delete archived users (2)")
    browser.press("Delete 2 users", within="#popup")
    assert "2 users have been deleted." in browser.text
    assert [state_of(session, person) for person in archived] == [State.DELETED] * 2
    browser.visit(f"/users/person/{reference}")
    assert browser.status == 404


def test_one_user_is_archived_from_their_page(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("owen.contact")
    manage(browser, keyword="anna")
    browser.follow("Anna Archer")
    assert "Live in Northwind London" in browser.text
    assert "Team of Anna Archer" in browser.text
    browser.press("Archive", within="main")
    browser.press("Archive 1 user", within="#popup")
    assert "1 user has been archived." in browser.text
    assert state_of(session, office.live(office.london)[0]) is State.ARCHIVED


def test_nobody_archives_themselves(browser: Browser, session: Session, office: Office) -> None:
    browser.sign_in("owen.contact")
    manage(browser, keyword="owen")
    browser.press("Create new selection")
    assert "0 users selected" in browser.text
    assert "Archive (" not in browser.text
    browser.visit(f"/users/person/{office.owen.reference}")
    assert "nobody can archive or delete their own account" in browser.text


def test_who_is_archived_is_signed_out_at_once_and_old_sessions_do_not_revive(
    browser: Browser, session: Session, office: Office
) -> None:
    other = Client(browser.web.app, session)
    other.sign_in("priya.contact")
    browser.sign_in("owen.contact")
    for button in ("Archive", "Reactivate"):
        manage(browser, keyword="priya")
        browser.follow("Priya Contact")
        browser.press(button, within="main")
        browser.press(f"{button} 1 user", within="#popup")
        assert other.get("/").status_int == 303


def test_restored_users_come_back_archived_with_everything_they_had(
    browser: Browser, session: Session, office: Office
) -> None:
    person = office.deleted(office.paris)[0]
    a_sign_in(session, person)
    account_id = person.account_id
    browser.sign_in("nadia.contact")
    browser.visit("/users/restore-deleted/")
    browser.press("Search for deleted users")
    for name in ("Vera", "Wim"):
        browser.tick(name, on=False)
    browser.press("Restore", within="#results")
    assert "They come back" not in browser.soup.select_one("#popup").get_text()
    assert "with everything they had" in browser.soup.select_one("#popup").get_text()
    browser.press("Restore 1 user", within="#popup")
    assert "1 user has been restored." in browser.text
    assert state_of(session, person) is State.ARCHIVED
    assert session.scalars(
        select(AttributeValue.value).where(AttributeValue.account_id == account_id)
    ).all() == ["Team of Ugo Lefèvre"]
    assert len(session.scalars(select(SignIn).where(SignIn.account_id == account_id)).all()) == 1


def test_users_of_other_domains_are_not_found(
    browser: Browser, office: Office, session: Session
) -> None:
    a_user(session, office.paris, "Anna Autre")
    browser.sign_in("owen.contact")
    manage(browser, keyword="anna")
    assert "1 user found" in browser.text
    browser.visit(f"/users/person/{office.live(office.paris)[0].reference}")
    assert browser.status == 404


def test_names_are_shown_as_written_and_never_run(
    browser: Browser, session: Session, office: Office
) -> None:
    awkward = "<script>alert(1)</script> {{7*7}}  \u202eevil\u202c"
    a_user(session, office.london, awkward, user_name="awkward", email="awkward@example.org")
    browser.sign_in("owen.contact")
    manage(browser, keyword="awkward")
    assert browser.soup.select_one("tbody th .written").string == awkward
    assert not browser.soup.select("main script")
