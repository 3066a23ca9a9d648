"""The rest of User Management: what is found, the menu's selection, one user's page."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office, a_user, give, many_users
from tests.journeys.browser import Browser
from webapp.models import Account, Operation, Permission, Person, State


def search(browser: Browser, state: str = "", **fields: str) -> None:
    browser.visit("/users/")
    browser.fill(**fields)
    browser.choose("state", state)
    browser.press("Search for users")


def names(browser: Browser) -> set[str]:
    return {
        " ".join(cell.get_text(" ").split()) for cell in browser.soup.select("#results th .written")
    }


def state_of(session: Session, person: Person) -> State:
    session.commit()
    return session.scalars(select(Account.state).where(Account.id == person.account_id)).one()


def token(browser: Browser) -> str:
    return str(browser.soup.select_one("[name=csrf_token]")["value"])


def test_users_are_found_by_keyword_and_state(browser: Browser, office: Office) -> None:
    browser.sign_in("owen.contact")
    for state, keyword, found in (
        ("", "ANNA", {"Anna Archer"}),
        ("", "bjorn.åkesson@EXAMPLE", {"Björn Åkesson"}),
        ("", "œuvrard chloe", {"Chloé Œuvrard"}),
        ("archived", "", {"Dmitri Орлов", "Eleni Παππά"}),
        ("live", "орлов", set()),
        ("archived", "орлов", {"Dmitri Орлов"}),
        ("", "farah", set()),
        ("", "quentin", set()),
    ):
        search(browser, state, keyword=keyword)
        assert names(browser) == found


def test_users_are_found_by_domain(browser: Browser, office: Office) -> None:
    browser.sign_in("priya.contact")
    browser.visit("/users/")
    browser.tick("Northwind Dublin", on=True)
    browser.press("Search for users")
    assert names(browser) == {
        "Jack Keane",
        "Kavya Iyer",
        "Liam O’Brien",
        "Mei 王",
        "Max Reader",
        "Rosa Admin",
    }
    browser.follow("Change search")
    assert browser.soup.select_one(".choices [checked]")["value"] == str(office.dublin.id)


def test_a_domain_out_of_sight_cannot_be_searched(browser: Browser, office: Office) -> None:
    browser.sign_in("owen.contact")
    browser.visit("/users/")
    browser.soup.select_one("[name=domains]")["value"] = str(office.paris.id)
    browser.tick("Northwind London", on=True)
    browser.press("Search for users")
    assert browser.status == 422
    assert "Choose from the domains shown." in browser.text


def test_the_menu_counts_only_what_can_be_done(browser: Browser, office: Office) -> None:
    browser.sign_in("owen.contact")
    browser.visit("/users/")
    assert "None yet." in browser.soup.select_one("aside").get_text()
    search(browser, "archived")
    browser.press("Create new selection")
    aside = browser.soup.select_one("aside").get_text(" ", strip=True)
    assert "2 users selected" in aside
    assert "Reactivate (2)" in aside
    assert "Delete archived users (2)" in aside
    assert "Archive (" not in aside


def test_a_new_selection_takes_the_place_of_the_one_before(
    browser: Browser, office: Office
) -> None:
    browser.sign_in("owen.contact")
    search(browser, "archived")
    browser.press("Create new selection")
    search(browser, keyword="anna")
    assert "2 users selected" in browser.text
    browser.press("Create new selection")
    assert "1 user selected" in browser.text
    browser.visit("/users/")
    browser.follow("1 user selected")
    assert browser.ticked() == ["Anna Archer"]


def test_users_left_out_are_left_alone(browser: Browser, session: Session, office: Office) -> None:
    kept, gone = office.archived(office.london)
    browser.sign_in("owen.contact")
    search(browser, "archived")
    browser.tick(kept.display_name, on=False)
    browser.press("Create new selection")
    browser.press("Delete archived users (1)")
    assert kept.display_name not in browser.soup.select_one("#popup").get_text()
    browser.press("Delete 1 user", within="#popup")
    assert "1 user has been deleted." in browser.text
    assert [state_of(session, kept), state_of(session, gone)] == [State.ARCHIVED, State.DELETED]


def test_cancel_leaves_the_selection_as_it_was(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("owen.contact")
    search(browser, "archived")
    browser.press("Create new selection")
    browser.press("Delete archived users (2)")
    browser.follow("Cancel", within="#popup")
    assert "2 users selected" in browser.text
    assert {state_of(session, person) for person in office.archived(office.london)} == {
        State.ARCHIVED
    }


def test_one_archived_user_is_reactivated_or_deleted_from_their_page(
    browser: Browser, session: Session, office: Office
) -> None:
    first, second = office.archived(office.london)
    browser.sign_in("owen.contact")
    browser.visit(f"/users/person/{first.reference}")
    assert {"Reactivate", "Delete"} <= set(browser.buttons())
    assert "Archive" not in browser.buttons()
    browser.press("Reactivate", within="main")
    browser.press("Reactivate 1 user", within="#popup")
    assert "1 user has been reactivated." in browser.text
    browser.visit(f"/users/person/{second.reference}")
    browser.press("Delete", within="main")
    browser.press("Delete 1 user", within="#popup")
    assert "1 user has been deleted." in browser.text
    assert [state_of(session, first), state_of(session, second)] == [State.LIVE, State.DELETED]


@pytest.mark.parametrize("erased", [False, True])
def test_who_has_left_user_management_has_no_page_there(
    browser: Browser, session: Session, office: Office, erased: bool
) -> None:
    gone = office.deleted(office.london)[0]
    reference = gone.reference
    browser.sign_in("priya.contact")
    if erased:
        browser.visit("/users/erase-deleted/")
        browser.press("Search for deleted users")
        browser.press("Erase", within="#results")
        browser.press("Erase 7 users", within="#popup")
    browser.visit(f"/users/person/{reference}")
    assert browser.status == 404
    assert "Farah" not in browser.text
    assert (
        browser.web.post(
            f"/users/person/{reference}/freeze/delete",
            {"csrf_token": token(browser)},
            expect_errors=True,
        ).status_int
        == 404
    )


def test_one_s_own_account_is_refused_also_when_asked_for_directly(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("owen.contact")
    browser.visit(f"/users/person/{office.owen.reference}")
    assert "Archive" not in browser.buttons()
    answer = browser.web.post(
        f"/users/person/{office.owen.reference}/freeze/archive",
        {"csrf_token": token(browser)},
        expect_errors=True,
    )
    assert answer.status_int == 409
    assert session.scalars(select(Operation)).all() == []
    assert state_of(session, office.owen) is State.LIVE


def test_a_live_user_s_page_takes_only_what_can_follow_live(
    browser: Browser, session: Session, office: Office
) -> None:
    anna = office.live(office.london)[0]
    browser.sign_in("priya.contact")
    browser.visit(f"/users/person/{anna.reference}")
    for verb in ("erase", "restore", "reactivate", "delete"):
        answer = browser.web.post(
            f"/users/person/{anna.reference}/freeze/{verb}",
            {"csrf_token": token(browser)},
            expect_errors=True,
        )
        assert answer.status_int == 409
        assert "No user is chosen" in answer
    assert state_of(session, anna) is State.LIVE


def test_a_selection_holds_whom_it_found_and_nobody_who_came_since(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("owen.contact")
    search(browser, "archived")
    browser.press("Create new selection")
    a_user(session, office.london, "Zoë Quinn", state=State.ARCHIVED)
    browser.visit("/users/")
    browser.follow("2 users selected")
    assert "1 user was found since; not on this list." in browser.text


def test_a_list_that_grew_after_it_was_frozen_is_performed_as_it_was_shown(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("owen.contact")
    search(browser, "archived")
    browser.press("Create new selection")
    browser.press("Delete archived users (2)")
    late = a_user(session, office.london, "Zoë Quinn", state=State.ARCHIVED)
    browser.press("Delete 2 users", within="#popup")
    assert "2 users have been deleted." in browser.text
    assert state_of(session, late) is State.ARCHIVED


def test_a_signed_in_user_who_is_archived_is_at_the_sign_in_page_with_the_next_click(
    browser: Browser, session: Session, office: Office
) -> None:
    owens = Browser(Client(browser.web.app, session), htmx=browser.htmx)
    owens.sign_in("owen.contact")
    owens.visit("/users/")
    browser.sign_in("priya.contact")
    browser.visit(f"/users/person/{office.owen.reference}")
    browser.press("Archive", within="main")
    browser.press("Archive 1 user", within="#popup")
    owens.press("Search for users")
    assert owens.url.startswith("/sign-in")
    assert "Owen" not in owens.text
    owens.sign_in("owen.contact")
    assert "The user name or the password is not right." in owens.text


def test_sorting_shows_the_same_users_in_another_order(
    browser: Browser, session: Session, office: Office
) -> None:
    many_users(session, office.london, 3, State.ARCHIVED)
    browser.sign_in("owen.contact")
    search(browser, "archived")
    unsorted = names(browser)
    for heading in ("Name", "User name", "E-mail", "Domain", "State", "In this state since"):
        orders = []
        for _ in range(2):
            browser.press(heading, within="#results thead")
            orders.append([box["aria-label"] for box in browser.soup.select("[name=ticked]")])
        assert orders[0] == orders[1][::-1]
        assert set(orders[0]) == unsorted


def test_a_role_in_one_domain_shows_nobody_of_another(
    browser: Browser, session: Session, office: Office
) -> None:
    give(session, office.max, office.paris, Permission.USER_MANAGEMENT)
    browser.sign_in("max.reader")
    search(browser)
    assert names(browser) == {
        "Quentin Roux",
        "Rachida Benali",
        "Sébastien Noël",
        "Thị Nguyễn",
        "Nadia Contact",
    }


def test_the_menu_acts_on_the_ticks_as_they_are_on_the_page(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("owen.contact")
    search(browser, "live")
    browser.press("Create new selection")
    assert "The selection has been created." in browser.text
    browser.press("Untick all")
    assert "0 users selected" in browser.text
    browser.press("Tick all")
    browser.press("Create new selection")
    selected = len(browser.ticked())
    assert f"{selected} users selected" in browser.text
    anna = office.live(office.london)[0]
    browser.tick(anna.display_name, on=False)
    if browser.htmx:  # saved at once
        assert f"{selected - 1} users selected" in browser.text
        assert f"Archive ({selected - 1})" in browser.buttons()
    browser.press("Archive (", within="aside")
    browser.press(f"Archive {selected - 1} users", within="#popup")
    assert state_of(session, anna) is State.LIVE
    assert state_of(session, office.live(office.london)[1]) is State.ARCHIVED
