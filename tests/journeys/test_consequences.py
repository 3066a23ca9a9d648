"""The pop-up of every verb says what follows; one's own account is never ticked."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import ALL_OF_USERS, Office, a_domain, a_user, give, make_contact
from tests.journeys.browser import Browser
from webapp.models import Domain, Permission, Person, SignInSession, State
from webapp.times import now

LAST = "is the last primary contact of Northwind Tokyo: nobody could erase there."


def at_the_pop_up(browser: Browser, keyword: str, button: str) -> str:
    """Search in User Management, choose everyone found, and press a button of the menu."""
    browser.visit("/users/")
    browser.fill(keyword=keyword)
    browser.press("Search for users")
    browser.press("Create new selection")
    browser.press(button, within="aside")
    return " ".join(browser.soup.select_one("#popup").get_text(" ").split())


def somebody(session: Session, office: Office, state: State) -> Person:
    """The only primary contact of Tokyo, who holds a role there, and a colleague who holds one."""
    tokyo = a_domain(session, "Northwind Tokyo")
    for name in ("Kenji Stone", "Keiko Stone"):
        person = a_user(session, office.london, name, state=state)
        give(session, person, tokyo, *ALL_OF_USERS)
    make_contact(session, person, tokyo)
    make_contact(session, office.live(office.paris)[0], tokyo, primary=False)
    return person


def a_session(session: Session, person: Person, name: str, hours: int) -> None:
    at = now()
    session.add(
        SignInSession(
            token_hash=name * 64,
            reference=name * 16,
            account_id=person.account_id,
            opened_at=at,
            browser="Firefox on Linux",
            address="192.0.2.1",
            password_at=at,
            expires_at=at + timedelta(hours=hours),
        )
    )


def test_archiving_says_who_is_a_last_contact_holds_roles_and_is_signed_in(
    browser: Browser, session: Session, office: Office
) -> None:
    person = somebody(session, office, State.LIVE)
    for name, hours in (("a", 1), ("b", 2)):
        a_session(session, person, name, hours)
    a_session(session, office.live(office.london)[0], "c", -1)
    browser.sign_in("owen.contact")
    text = at_the_pop_up(browser, "", "Archive")
    assert f"1 of them {LAST}" in text
    assert "2 hold administrator roles." not in text  # Priya holds one as well
    assert "3 hold administrator roles." in text
    assert "1 is signed in now, and will be signed out." in text


def test_another_live_primary_contact_is_enough(
    browser: Browser, session: Session, office: Office
) -> None:
    somebody(session, office, State.ARCHIVED)
    tokyo = session.scalars(select(Domain).where(Domain.name == "Northwind Tokyo")).one()
    make_contact(session, office.deleted(office.paris)[0], tokyo)
    browser.sign_in("owen.contact")
    assert LAST in at_the_pop_up(browser, "stone", "Delete archived users")
    make_contact(session, office.live(office.london)[0], tokyo)
    assert LAST not in at_the_pop_up(browser, "stone", "Delete archived users")


def test_bringing_back_takes_nothing_away(
    browser: Browser, session: Session, office: Office
) -> None:
    somebody(session, office, State.ARCHIVED)
    browser.sign_in("owen.contact")
    text = at_the_pop_up(browser, "stone", "Reactivate")
    assert "last primary contact" not in text
    assert "2 hold administrator roles." in text


def test_erasing_says_it_too_and_nothing_where_nothing_follows(
    browser: Browser, session: Session, office: Office
) -> None:
    somebody(session, office, State.DELETED)
    browser.sign_in("priya.contact")
    for keyword, said in (("stone", True), ("farah", False)):
        browser.visit("/users/erase-deleted/")
        browser.fill(keyword=keyword)
        browser.press("Search for deleted users")
        browser.press("Erase", within="#results")
        assert (f"1 of them {LAST}" in browser.text) == said
        assert ("administrator roles" in browser.text) == said


def test_one_s_own_account_is_shown_and_never_ticked(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("owen.contact")
    browser.visit("/users/")
    browser.press("Search for users")
    everyone = len(browser.soup.select("#results tbody tr"))
    own = next(row for row in browser.soup.select("#results tbody tr") if "Owen" in row.get_text())
    assert own.select_one(".tick").get_text(strip=True) == "you"
    assert own.select("input") == []
    for button, ticked in (("Untick all", 0), ("Tick all", everyone - 1)):
        browser.press(button)
        assert len(browser.ticked()) == ticked
    assert f"{everyone - 1} ticked. 1 of {everyone} users left out" in browser.text
    token = str(browser.soup.select_one("#ticks [name=csrf_token]")["value"])
    own_ticked = {"was_unticked": office.owen.reference, "ticked": office.owen.reference}
    browser.web.post(f"{browser.url.partition('?')[0]}/ticks", own_ticked | {"csrf_token": token})
    browser.press("Create new selection")
    browser.press("Archive (", within="aside")
    assert "Owen Contact" not in browser.soup.select_one("#popup").get_text()


def test_searching_again_does_not_tick_oneself(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("owen.contact")
    browser.visit("/users/")
    browser.press("Search for users")
    browser.press("Untick all")
    a_user(session, office.london, "Grow Leaver")
    browser.visit(browser.url.partition("?")[0])
    browser.press("Search again")
    assert browser.ticked() == []
    browser.press("Tick all")
    a_user(session, office.london, "Grow Again")
    browser.visit(browser.url.partition("?")[0])
    browser.press("Search again")
    assert "1 of" in browser.text
    assert "Owen Contact" not in browser.ticked()


def test_whoever_holds_the_permission_but_is_no_primary_contact_reads_that(
    browser: Browser, session: Session, office: Office
) -> None:
    browser.sign_in("owen.contact")
    browser.visit("/users/erase-deleted/")
    assert browser.status == 403
    assert (
        "You hold the permission “Erase deleted users” in Northwind London, "
        "but are no primary contact there. Ask an administrator to name you as one" in browser.text
    )
    browser.follow("Why can I not erase?")
    assert "Northwind London: you cannot erase" in browser.text
    assert "One of your roles has the permission. You are no primary contact." in browser.text
    assert "or ask to erase for you: Priya Contact ." in browser.text


def test_each_condition_is_listed_for_each_domain(
    browser: Browser, session: Session, office: Office
) -> None:
    give(session, office.nadia, office.dublin, Permission.ERASE_DELETED_USERS)
    make_contact(session, office.nadia, office.dublin)
    browser.sign_in("nadia.contact")
    browser.visit("/help")
    browser.follow("Why can I not erase?")
    assert "Northwind Dublin: you can erase" in browser.text
    assert (
        "Northwind Paris: you cannot erase None of your roles has the permission. "
        "You are a primary contact. Ask an administrator for what is missing." in browser.text
    )
    assert "Northwind London" not in browser.text


def test_whoever_lacks_another_permission_reads_which(browser: Browser, office: Office) -> None:
    browser.sign_in("max.reader")
    browser.visit("/users/")
    assert "You do not hold the permission “User Management” in any domain." in browser.text
    assert "Why can I not erase?" not in browser.text
