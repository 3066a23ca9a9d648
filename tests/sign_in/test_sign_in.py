"""Signing in and out, what slows it down, and what ends it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import PASSWORD, Office
from webapp.identity.attempts import OF_NAME
from webapp.models import Account, Person, SignIn, SignInFailure, SignInSession, State
from webapp.times import now

WRONG = "The user name or the password is not right."


def signed_in(web: Client) -> bool:
    return bool(web.get("/").status_int == 200)


def put_into(session: Session, person: Person, state: State) -> None:
    session.execute(update(Account).where(Account.id == person.account_id).values(state=state))


def test_the_right_password_opens_the_console_and_is_recorded(
    web: Client, session: Session, office: Office
) -> None:
    assert "Management Console" in web.sign_in("priya.contact")
    assert session.scalars(select(SignIn.account_id)).all() == [office.priya.account_id]


def test_user_names_are_compared_without_capitals(web: Client, office: Office) -> None:
    assert "Priya Contact" in web.sign_in("PRIYA.Contact ")


@pytest.mark.parametrize(
    ("name", "password"),
    [("priya.contact", "wrong"), ("nobody.here", "wrong"), ("anna.archer", "wrong")],
)
def test_a_wrong_password_and_an_unknown_name_read_the_same(
    web: Client, office: Office, name: str, password: str
) -> None:
    answer = web.sign_in(name, password)
    assert answer.status_int == 422
    assert WRONG in answer
    assert not signed_in(web)


@pytest.mark.parametrize("state", [State.ARCHIVED, State.DELETED])
def test_who_is_not_live_cannot_sign_in(
    web: Client, session: Session, office: Office, state: State
) -> None:
    put_into(session, office.priya, state)
    assert WRONG in web.sign_in("priya.contact")


@pytest.mark.usefixtures("long_waits")
@pytest.mark.parametrize("name", ["priya.contact", "nobody.here"])
def test_failures_slow_the_next_attempt_even_with_the_right_password(
    web: Client, session: Session, office: Office, name: str
) -> None:
    for _ in range(OF_NAME.free + 1):
        assert WRONG in web.sign_in(name, "wrong")
    assert re.search(r"Too many tries\. Wait \d{2,3} seconds", web.sign_in(name).text)
    session.execute(update(SignInFailure).values(last_at=now() - timedelta(minutes=6)))
    answer = web.sign_in(name)
    assert ("Priya Contact" in answer) == (name == "priya.contact")


def test_success_forgets_the_failures(web: Client, session: Session, office: Office) -> None:
    for _ in range(OF_NAME.free):
        web.sign_in("priya.contact", "wrong")
    web.sign_in("priya.contact")
    fresh = Client(web.app, session)
    for _ in range(OF_NAME.free + 1):
        assert WRONG in fresh.sign_in("priya.contact", "wrong")


def test_signing_out_ends_the_session_on_the_server_too(web: Client, office: Office) -> None:
    web.sign_in("priya.contact")
    cookie = web.cookies["console"]
    form = next(form for form in web.get("/").forms.values() if form.action == "/sign-out")
    form.submit()
    web.set_cookie("console", cookie)
    assert not signed_in(web)


@pytest.mark.parametrize("state", [State.ARCHIVED, State.DELETED])
def test_a_session_counts_only_while_the_account_is_live(
    web: Client, session: Session, office: Office, state: State
) -> None:
    web.sign_in("priya.contact")
    put_into(session, office.priya, state)
    assert not signed_in(web)


def test_a_session_ends_by_itself(web: Client, session: Session, office: Office) -> None:
    web.sign_in("priya.contact")
    session.execute(update(SignInSession).values(expires_at=now()))
    assert not signed_in(web)


def test_changing_the_password_signs_out_everywhere_else(
    web: Client, session: Session, office: Office
) -> None:
    elsewhere = Client(web.app, session)
    for browser in (elsewhere, web):
        browser.sign_in("priya.contact")
    form = next(form for form in web.get("/password").forms.values() if form.action == "/password")
    form["present"], form["new"], form["again"] = PASSWORD, "short", "short"
    assert "Use 12 characters or more." in form.submit(status=422)
    form["present"], form["new"], form["again"] = (
        "wrong",
        "a new long password",
        "a new long password",
    )
    assert "This is not your present password." in form.submit(status=422)
    form["present"], form["new"], form["again"] = (
        PASSWORD,
        "a new long password",
        "another long password",
    )
    assert "The two new passwords differ." in form.submit(status=422)
    form["present"], form["new"], form["again"] = (
        PASSWORD,
        "a new long password",
        "a new long password",
    )
    assert "Your password has been changed." in form.submit().follow()
    assert "Your password has been changed." not in web.get("/password")
    assert "Your password has been changed." not in web.get("/password?changed=")
    assert signed_in(web)
    assert not signed_in(elsewhere)
    assert WRONG in web.sign_in("priya.contact")
    assert "Priya Contact" in web.sign_in("priya.contact", "a new long password")


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/a\nb",
    ],
)
def test_after_signing_in_nobody_is_sent_to_another_site(
    web: Client, office: Office, elsewhere: str
) -> None:
    page = web.get("/sign-in", {"next": elsewhere})
    form = next(form for form in page.forms.values() if "user_name" in form.fields)
    form["user_name"], form["password"] = "priya.contact", PASSWORD
    assert form.submit().location == "/"


def test_after_signing_in_one_is_where_one_wanted_to_be(web: Client, office: Office) -> None:
    page = web.get("/users/erase-deleted/").follow()
    form = next(form for form in page.forms.values() if "user_name" in form.fields)
    form["user_name"], form["password"] = "priya.contact", PASSWORD
    assert form.submit().location == "/users/erase-deleted/"


def test_names_typed_are_kept_hashed_only(web: Client, session: Session, office: Office) -> None:
    web.sign_in("priya.contact", "wrong")
    kept = session.scalars(select(SignInFailure.what_hash)).all()
    assert kept
    assert all(len(each) == 64 and set(each) <= set("0123456789abcdef") for each in kept)
