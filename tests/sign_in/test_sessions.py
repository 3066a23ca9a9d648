"""Sessions: what opens and ends them, how attempts are slowed down, where signing in leads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Client, form_with
from tests.factories import PASSWORD, Office, erased, make_contact
from tests.journeys.browser import Browser
from webapp.identity.attempts import OF_NAME, counters
from webapp.identity.passwords import check_password
from webapp.models import Account, Person, SignInSession, State
from webapp.times import now

WRONG = "The user name or the password is not right."
NEW = "twelve chars"


def signed_in(web: Client) -> bool:
    return bool(web.get("/").status_int == 200)


def refused(answer: Any) -> str:
    """Return the words of the sign-in page's refusal."""
    problem = answer.html.select_one(".problem")
    return " ".join(problem.get_text(" ").split())


def test_an_erased_user_reads_the_same_as_one_who_never_was(
    web: Client, session: Session, office: Office
) -> None:
    farah = office.deleted(office.london)[0]
    farah.password_hash = office.priya.password_hash
    name = farah.user_name
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    browser.press("Erase 7 users", within="#popup")
    fresh = Client(web.app, session)
    assert (
        refused(fresh.sign_in(name)) == refused(fresh.sign_in("nobody.here")) == f"Error: {WRONG}"
    )
    assert not signed_in(fresh)


def test_who_is_not_live_reads_the_same_as_a_wrong_password(
    web: Client, session: Session, office: Office
) -> None:
    wrong = web.sign_in("priya.contact", "wrong")
    for state in (State.ARCHIVED, State.DELETED):
        session.execute(
            update(Account).where(Account.id == office.priya.account_id).values(state=state)
        )
        right = web.sign_in("priya.contact")
        assert (
            (refused(right), right.status_int)
            == (refused(wrong), wrong.status_int)
            == (f"Error: {WRONG}", 422)
        )


@pytest.mark.usefixtures("long_waits")
def test_who_may_not_sign_in_still_gets_slower(
    web: Client, session: Session, office: Office
) -> None:
    session.execute(
        update(Account).where(Account.id == office.priya.account_id).values(state=State.ARCHIVED)
    )
    for _ in range(OF_NAME.free + 1):
        web.sign_in("priya.contact")
    assert "Too many tries." in web.sign_in("priya.contact")


def test_each_further_failure_doubles_the_wait_up_to_five_minutes(
    session: Session, office: Office
) -> None:
    at, waits = now(), []
    counted = counters("a key for tests that is long enough", "priya.contact", "192.0.2.1")

    def wait_for(password: str) -> timedelta:
        tried = check_password(session, "priya.contact", password, at, counted)
        assert tried.account_id is None
        return tried.wait

    for _ in range(OF_NAME.free):
        assert not wait_for("wrong")
    for _ in range(9):
        assert not wait_for("wrong")
        waits.append(wait_for(PASSWORD))
        at += waits[-1]
    assert [wait.seconds for wait in waits] == [5, 10, 20, 40, 80, 160, 300, 300, 300]


def test_one_person_s_failures_slow_nobody_else(web: Client, office: Office) -> None:
    for _ in range(OF_NAME.free + 2):
        web.sign_in("priya.contact", "wrong")
    assert "Owen Contact" in web.sign_in("owen.contact")


@pytest.mark.usefixtures("long_waits")
def test_capitals_do_not_make_a_new_name_to_try(web: Client, office: Office) -> None:
    for number in range(OF_NAME.free + 1):
        web.sign_in(("priya.contact", "PRIYA.CONTACT", " Priya.Contact ")[number % 3], "wrong")
    assert "Too many tries." in web.sign_in("priya.Contact")


def opens(web: Client, cookie: str) -> bool:
    """Tell whether a browser that has nothing but this cookie is signed in."""
    other = Client(web.app, web.session)
    other.set_cookie("console", cookie)
    return signed_in(other)


def test_a_cookie_from_before_signing_in_opens_nothing(web: Client, office: Office) -> None:
    web.get("/sign-in")
    before = web.cookies["console"]
    web.sign_in("priya.contact")
    assert opens(web, web.cookies["console"])
    assert not opens(web, before)


def test_a_cookie_that_was_changed_opens_nothing(web: Client, office: Office) -> None:
    web.sign_in("priya.contact")
    content, _, signature = web.cookies["console"].partition(".")
    assert not opens(web, f"{content}A.{signature}")


def test_the_cookie_is_for_this_site_s_pages_only(web: Client, office: Office) -> None:
    form = form_with(web.get("/sign-in"), "user_name")
    form["user_name"], form["password"] = "priya.contact", PASSWORD
    cookie = form.submit().headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_over_https_the_cookie_never_travels_without(
    anew: Callable[..., Flask], session: Session, office: Office
) -> None:
    web = Client(anew(https=True), session)
    web.extra_environ = {"wsgi.url_scheme": "https", "HTTP_REFERER": "https://localhost/"}
    form = form_with(web.get("/sign-in"), "user_name")
    form["user_name"], form["password"] = "priya.contact", PASSWORD
    answer = form.submit(status=303)
    cookies = answer.headers.getall("Set-Cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        assert cookie.startswith("__Host-console")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"]


def test_a_session_ends_after_the_hours_that_are_set(
    anew: Callable[..., Flask], session: Session, office: Office
) -> None:
    web = Client(anew(session_hours=3), session)
    web.sign_in("priya.contact")
    left = session.scalars(select(SignInSession.expires_at)).one() - now()
    assert timedelta(hours=2, minutes=59) < left <= timedelta(hours=3)
    session.execute(update(SignInSession).values(expires_at=now() + timedelta(minutes=1)))
    assert signed_in(web)
    session.execute(update(SignInSession).values(expires_at=now() - timedelta(seconds=1)))
    assert web.get("/users/").location == "/sign-in?next=/users/"


def test_a_form_sent_after_the_session_has_ended_does_nothing(
    web: Client, session: Session, office: Office
) -> None:
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    session.execute(update(SignInSession).values(expires_at=now()))
    browser.press("Erase 7 users", within="#popup")
    assert browser.url.startswith("/sign-in")
    session.commit()
    assert not erased(session)


def test_signing_out_ends_this_browser_s_session_only(
    web: Client, session: Session, office: Office
) -> None:
    elsewhere = Client(web.app, session)
    for browser in (elsewhere, web):
        browser.sign_in("priya.contact")
    next(form for form in web.get("/").forms.values() if form.action == "/sign-out").submit()
    assert not signed_in(web)
    assert signed_in(elsewhere)


def test_after_a_password_change_the_old_cookie_of_this_browser_is_refused_too(
    web: Client, session: Session, office: Office
) -> None:
    web.sign_in("priya.contact")
    old = web.cookies["console"]
    assert opens(web, old)
    assert "has been changed" in change(web, PASSWORD, NEW)
    assert not opens(web, old)
    assert opens(web, web.cookies["console"])


def test_a_new_password_has_twelve_characters_or_more(
    web: Client, session: Session, office: Office
) -> None:
    web.sign_in("priya.contact")
    account_id, before = office.priya.account_id, office.priya.password_hash
    for new, accepted in (("", False), ("eleven char", False), (NEW, True)):
        change(web, PASSWORD, new)
        session.expire_all()
        assert (session.get_one(Person, account_id).password_hash != before) is accepted


def change(web: Client, present: str, new: str) -> Any:
    form = form_with(web.get("/password"), "present", "new")
    form["present"], form["new"], form["again"] = present, new, new
    return form.submit(expect_errors=True).maybe_follow()


ELSEWHERE = (
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\\\\evil.example",
    "evil.example",
    "http:evil.example",
    " //evil.example",
)


def test_no_way_of_writing_it_leads_to_another_site(web: Client, office: Office) -> None:
    """Try what browsers read otherwise: they drop tabs and line breaks from an address.

    To them `/<tab>/evil.example` is `//evil.example`.
    """
    for elsewhere in ELSEWHERE:
        form = form_with(web.get("/sign-in", {"next": elsewhere}), "user_name")
        form["user_name"], form["password"] = "priya.contact", PASSWORD
        answer = form.submit(expect_errors=True)
        assert (answer.status_int, answer.headers.get("Location")) == (303, "/"), elsewhere


def test_an_address_in_any_script_can_be_led_to_out_of_a_fragment(
    web: Client, office: Office
) -> None:
    form = form_with(web.get("/sign-in", {"next": "/é田"}), "user_name")
    form["user_name"], form["password"] = "priya.contact", PASSWORD
    answer = form.submit(headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/%C3%A9%E7%94%B0"


def test_an_address_that_cannot_be_read_still_leads_to_the_sign_in_page(
    web: Client, office: Office
) -> None:
    answer = web.get(
        "/users/",
        headers={"HX-Request": "true", "HX-Current-URL": "http://[evil"},
        expect_errors=True,
    )
    assert str(answer.headers.get("HX-Redirect")).startswith("/sign-in")


def test_the_page_wanted_survives_a_wrong_password(web: Client, office: Office) -> None:
    form = form_with(web.get("/users/restore-deleted/").follow(), "user_name")
    form["user_name"], form["password"] = "priya.contact", "wrong"
    form = form_with(form.submit(status=422), "user_name")
    form["user_name"], form["password"] = "priya.contact", PASSWORD
    assert form.submit().location == "/users/restore-deleted/"


@pytest.mark.usefixtures("long_waits")
def test_wrong_passwords_in_the_pop_up_are_slowed_down_as_well(
    web: Client, session: Session, office: Office
) -> None:
    make_contact(session, office.rosa, office.london)
    browser = Browser(web, htmx=False)
    browser.sign_in("rosa.admin")
    browser.visit("/users/erase-deleted/")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    session.execute(update(SignInSession).values(password_at=now() - timedelta(minutes=16)))
    for password in (*["wrong"] * (OF_NAME.free + 2), PASSWORD):
        if browser.soup.select("[name=password]"):
            browser.fill(password=password)
        browser.press("Erase 4 users", within="#popup")
    assert browser.status == 422
    assert "Too many tries. Wait" in browser.text
