"""The main job: search, review, confirm, erase."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tests.factories import PASSWORD, Office, a_user, make_contact, many_users
from tests.journeys.browser import Browser
from webapp.models import (
    Account,
    Contact,
    Grant,
    Operation,
    Person,
    Selection,
    SignInSession,
    State,
)
from webapp.times import now

ERASE = "/users/erase-deleted/"


def search(browser: Browser, path: str = ERASE, **fields: str) -> None:
    browser.visit(path)
    browser.fill(**fields)
    browser.press("Search for deleted users")


def state_of(session: Session, account_id: int) -> State | None:
    """Return the state of an account; None where it is gone."""
    return session.scalar(select(Account.state).where(Account.id == account_id))


def limit_operations(browser: Browser, number: int) -> None:
    config = browser.web.app.config
    config["SETTINGS"] = replace(config["SETTINGS"], operation_limit=number)


def change(session: Session, person: Person, **values: object) -> None:
    session.execute(update(Account).where(Account.id == person.account_id).values(**values))


def test_a_primary_contact_erases_the_users_she_left_ticked(
    browser: Browser, session: Session, office: Office
) -> None:
    kept, *gone = [person.account_id for person in office.deleted(office.london)]
    gone += [person.account_id for person in office.deleted(office.dublin)]
    browser.sign_in("priya.contact")
    browser.follow("User Management")
    browser.follow("Erase deleted users", within="aside")
    browser.press("Search for deleted users")
    assert "7 users found" in browser.text
    assert len(browser.ticked()) == 7
    browser.tick("Farah", on=False)
    browser.press("Erase", within="#results")
    assert "Erase 6 users?" in browser.text
    assert "cannot be undone" in browser.text
    assert "Hana" in browser.soup.select_one("#popup").get_text()
    assert "Farah" not in browser.soup.select_one("#popup").get_text()
    browser.press("Erase 6 users", within="#popup")
    assert "6 users have been erased." in browser.text
    assert browser.url.startswith(ERASE)
    assert [state_of(session, i) for i in gone] == [None] * 6
    assert state_of(session, kept) == State.DELETED
    assert set(
        session.scalars(select(Person.account_id).where(Person.account_id.in_([kept, *gone])))
    ) == {kept}
    browser.follow("Read the receipt")
    assert "6 users were erased" in browser.text
    assert "Northwind London 3 Northwind Dublin" not in browser.text
    assert "Northwind Dublin 3 Northwind London 3" in browser.text


def test_cancel_changes_nothing(browser: Browser, session: Session, office: Office) -> None:
    browser.sign_in("priya.contact")
    search(browser)
    browser.press("Erase", within="#results")
    browser.follow("Cancel", within="#popup")
    assert "7 users found" in browser.text
    assert {state_of(session, person.account_id) for person in office.deleted(office.london)} == {
        State.DELETED
    }


def test_only_her_domains_are_found_and_offered(browser: Browser, office: Office) -> None:
    browser.sign_in("priya.contact")
    browser.visit(ERASE)
    assert [label.get_text(strip=True) for label in browser.soup.select(".choices label")] == [
        "Northwind Dublin",
        "Northwind London",
    ]
    browser.tick("Northwind Dublin", on=True)
    browser.press("Search for deleted users")
    assert "3 users found" in browser.text
    assert "Niamh" in browser.text
    assert "Farah" not in browser.text


def test_search_by_keyword_finds_every_word_without_accents(browser: Browser) -> None:
    browser.sign_in("priya.contact")
    search(browser, keyword="LUCZAK greg")
    assert "No user" not in browser.text
    assert "0 users found" in browser.text
    search(browser, keyword="walsh OISIN")
    assert "1 user found" in browser.text
    assert "Oisín Walsh" in browser.text


def test_search_by_date_deleted_includes_both_days(
    browser: Browser, office: Office, session: Session
) -> None:
    browser.sign_in("priya.contact")
    search(browser, since_from="2025-05-20", since_to="2025-05-20")
    assert "7 users found" in browser.text
    search(browser, since_from="2025-05-21")
    assert "0 users found" in browser.text
    search(browser, since_to="19/05/2025")
    assert "0 users found" in browser.text


def test_impossible_dates_are_named_and_nothing_typed_is_lost(browser: Browser) -> None:
    browser.sign_in("priya.contact")
    search(browser, since_from="31/02/2025", keyword="walsh")
    assert browser.status == 422
    assert "Enter a date that exists" in browser.text
    assert browser.soup.select_one("#keyword")["value"] == "walsh"
    assert browser.soup.select_one("#since_from")["value"] == "31/02/2025"
    search(browser, since_from="2025-05-21", since_to="2025-05-20")
    assert "This date lies before the first one." in browser.text


def test_ticks_survive_paging_sorting_and_reload(
    browser: Browser, session: Session, office: Office
) -> None:
    many_users(session, office.london, 120, State.DELETED)
    browser.sign_in("priya.contact")
    search(browser, keyword="number")
    assert "All 120 ticked" in browser.text
    first = browser.ticked()[0]
    browser.tick(first, on=False)
    browser.press("Next")
    assert "Page 2 of 3" in browser.text
    assert "· 1 kept" in browser.text
    browser.tick(browser.ticked()[0], on=False)
    browser.press("Name")
    assert "Page 1 of 3" in browser.text
    assert "· 2 kept" in browser.text
    browser.visit(browser.url)
    assert "· 2 kept" in browser.text
    search_again = browser.url
    browser.press("Untick all 120")
    assert "None of 120 ticked" in browser.text
    browser.tick(str(browser.soup.select("[name=ticked]")[0]["aria-label"]), on=True)
    browser.press("Tick all 120")
    assert "All 120 ticked" in browser.text
    browser.visit(search_again)
    assert "All 120 ticked" in browser.text


def test_a_list_of_nobody_is_refused_in_words(browser: Browser) -> None:
    browser.sign_in("priya.contact")
    search(browser)
    browser.press("Untick all 7")
    browser.press("Erase", within="#results")
    assert "No user is chosen that you could erase." in browser.text


def test_a_long_list_asks_for_its_number(
    browser: Browser, session: Session, office: Office
) -> None:
    ids = many_users(session, office.london, 101, State.DELETED)
    browser.sign_in("priya.contact")
    search(browser, keyword="number")
    browser.press("Erase", within="#results")
    assert "Page 1 of 2" in browser.soup.select_one("#popup").get_text()
    browser.follow("Next", within="#popup")
    last = session.get_one(Person, ids[-1]).display_name
    assert last in browser.soup.select_one("#popup").get_text()
    browser.press("Erase 101 users", within="#popup")
    assert browser.status == 422
    assert "Type 101 to confirm" in browser.text
    assert state_of(session, ids[0]) == State.DELETED
    browser.fill(number="101")
    browser.press("Erase 101 users", within="#popup")
    assert "101 users have been erased." in browser.text


def test_an_old_sign_in_asks_for_the_password(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("priya.contact")
    session.execute(update(SignInSession).values(password_at=now() - timedelta(minutes=16)))
    search(browser)
    browser.press("Erase", within="#results")
    browser.fill(password="not it")
    browser.press("Erase 7 users", within="#popup")
    assert browser.status == 422
    assert "This is not your password." in browser.text
    browser.fill(password=PASSWORD)
    browser.press("Erase 7 users", within="#popup")
    assert "7 users have been erased." in browser.text


def test_a_user_restored_by_someone_else_refuses_the_whole_list(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("priya.contact")
    search(browser)
    browser.press("Erase", within="#results")
    change(session, office.deleted(office.london)[0], state=State.ARCHIVED)
    browser.press("Erase 7 users", within="#popup")
    assert browser.status == 409
    assert "User operation not performed" in browser.text
    assert "1 of 7 users changed since you reviewed them." in browser.text
    assert "Farah حداد , now archived in Northwind London" in browser.text
    assert {state_of(session, person.account_id) for person in office.deleted(office.dublin)} == {
        State.DELETED
    }
    browser.follow("Review the list again")
    assert "6 users found" in browser.text


def test_a_user_moved_meanwhile_refuses_the_whole_list_and_nobody_out_of_sight_is_named(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("priya.contact")
    search(browser)
    browser.press("Erase", within="#results")
    change(session, office.deleted(office.london)[0], domain_id=office.paris.id)
    browser.press("Erase 7 users", within="#popup")
    assert "1 of 7 users changed since you reviewed them." in browser.text
    assert "Farah" not in browser.soup.select_one("#popup").get_text()
    assert {state_of(session, person.account_id) for person in office.deleted(office.london)} == {
        State.DELETED
    }


def test_losing_the_permission_meanwhile_refuses_the_whole_list(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("priya.contact")
    search(browser)
    browser.press("Erase", within="#results")
    session.execute(
        update(Contact).where(Contact.domain_id == office.dublin.id).values(primary=False)
    )
    browser.press("Erase 7 users", within="#popup")
    assert (
        "Nobody has been erased; nothing has changed. "
        "You no longer hold the permission for 3 of 7 users." in browser.text
    )
    assert "changed since" not in browser.text
    assert {state_of(session, person.account_id) for person in office.deleted(office.london)} == {
        State.DELETED
    }
    browser.follow("Review the list again")
    assert "4 users found" in browser.text


def test_who_lost_the_permission_everywhere_is_led_home(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("priya.contact")
    search(browser)
    browser.press("Erase", within="#results")
    session.execute(update(Contact).values(primary=False))
    change(session, office.deleted(office.london)[0], state=State.ARCHIVED)
    browser.press("Erase 7 users", within="#popup")
    assert (
        "1 of 7 users changed since you reviewed them. "
        "You no longer hold the permission for 6 of 7 users." in browser.text
    )
    assert (
        "Ask an administrator if you think that you should hold "
        "the permission Erase deleted users ." in browser.text
    )
    browser.follow("Management Console", within="#popup")
    assert (browser.url, browser.status) == ("/", 200)


def test_confirming_twice_shows_the_same_result(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("priya.contact")
    search(browser)
    browser.press("Erase", within="#results")
    before = browser.soup
    browser.press("Erase 7 users", within="#popup")
    first = browser.text
    browser.soup = before
    browser.press("Erase 7 users", within="#popup")
    assert browser.text == first
    assert "7 users have been erased." in first


def test_an_expired_list_is_not_performed(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("priya.contact")
    search(browser)
    browser.press("Erase", within="#results")
    session.execute(update(Operation).values(expires_at=Operation.made_at))
    browser.press("Erase 7 users", within="#popup")
    assert "User operation not performed" in browser.text
    assert "expired" in browser.text
    assert {state_of(session, person.account_id) for person in office.deleted(office.london)} == {
        State.DELETED
    }


def test_the_pop_up_of_another_person_is_not_found(
    browser: Browser, session: Session, office: Office
) -> None:
    make_contact(session, office.rosa, office.london)
    browser.sign_in("priya.contact")
    search(browser)
    results = browser.url
    browser.press("Erase", within="#results")
    operation = session.scalars(select(Operation.id)).one()
    browser.sign_in("rosa.admin")
    browser.visit(f"/operations/{operation}")
    assert browser.status == 404
    browser.visit(results)
    assert browser.status == 404
    assert "no longer kept" in browser.text


def test_tampered_ticks_reach_nobody_outside_the_search(
    browser: Browser, session: Session, office: Office
) -> None:
    stranger = office.deleted(office.paris)[0]
    browser.sign_in("priya.contact")
    search(browser, keyword="walsh")
    for field in browser.soup.select("[name=was_ticked], [name=ticked]"):
        field["value"] = stranger.reference
    browser.press("Erase", within="#results")
    assert "Erase 1 user?" in browser.text
    assert "Oisín Walsh" in browser.soup.select_one("#popup").get_text()
    browser.press("Erase 1 user", within="#popup")
    assert state_of(session, stranger.account_id) == State.DELETED


def test_the_name_of_an_erased_user_can_be_used_again_and_inherits_nothing(
    browser: Browser, session: Session, office: Office
) -> None:
    erased = office.deleted(office.london)[0]
    name, email, account_id = erased.user_name, erased.email, erased.account_id
    browser.sign_in("priya.contact")
    search(browser)
    browser.press("Erase", within="#results")
    browser.press("Erase 7 users", within="#popup")
    anew = a_user(session, office.london, "Farah Anew", user_name=name, email=email)
    assert anew.account_id != account_id
    assert session.scalars(select(Grant).where(Grant.account_id == anew.account_id)).all() == []


def test_too_many_are_refused_with_the_limit(
    browser: Browser, session: Session, office: Office
) -> None:
    limit_operations(browser, 6)
    browser.sign_in("priya.contact")
    search(browser)
    browser.press("Erase", within="#results")
    assert "More than 6 users are chosen" in browser.text


def test_what_was_unticked_stays_so_where_the_list_is_refused(
    browser: Browser, office: Office
) -> None:
    limit_operations(browser, 5)
    browser.sign_in("priya.contact")
    search(browser)
    results = browser.url
    browser.tick("Farah", on=False)
    browser.press("Erase", within="#results")
    assert "More than 5 users are chosen" in browser.text
    browser.visit(results)
    assert "· 1 kept" in browser.text


def test_a_result_that_is_forgotten_is_not_told_and_does_no_harm(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("priya.contact")
    search(browser)
    browser.press("Erase", within="#results")
    browser.press("Erase 7 users", within="#popup")
    assert "7 users have been erased." in browser.text
    session.execute(delete(Operation))
    browser.visit(browser.url)
    assert browser.status == 200
    assert "erased." not in browser.text


def test_the_pop_up_says_until_when_it_can_be_confirmed(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("priya.contact")
    search(browser)
    browser.press("Erase", within="#results")
    until = session.scalars(select(Operation.expires_at)).one()
    assert f"This list can be confirmed until {until.day} {until:%b %Y, %H:%M} UTC." in browser.text


def test_a_search_that_is_gone_is_not_offered_again(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("priya.contact")
    search(browser, keyword="a")
    browser.press("Erase", within="#results")
    change(session, office.deleted(office.london)[0], state=State.ARCHIVED)
    session.execute(delete(Selection))
    browser.press("Erase ", within="#popup")
    assert "1 of " in browser.text
    browser.follow("Search again", within="#popup")
    assert (browser.url, browser.status) == (ERASE, 200)


def test_what_changes_after_a_refusal_is_not_told_as_its_reason(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("priya.contact")
    search(browser)
    browser.press("Erase", within="#results")
    session.execute(
        update(Contact).where(Contact.domain_id == office.dublin.id).values(primary=False)
    )
    browser.press("Erase 7 users", within="#popup")
    change(session, office.deleted(office.london)[0], state=State.ARCHIVED)
    browser.visit(f"/operations/{session.scalars(select(Operation.id)).one()}")
    assert "You no longer hold the permission for 3 of 7 users." in browser.text
    assert "Farah" not in browser.text
