"""From an empty database to a console that is set up, on pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office, a_domain, a_user, give
from tests.journeys.browser import Browser
from tests.together import at_once
from webapp.db import begin_writing
from webapp.errors import Refused
from webapp.lifecycle import first_administrator
from webapp.lifecycle.first_administrator import CODE_BYTES, New
from webapp.models import (
    Account,
    BilledSpan,
    Domain,
    Event,
    FirstStart,
    Grant,
    Permission,
    Person,
    SignInFailure,
)
from webapp.permissions import held_by
from webapp.times import now

PASSWORD = "a long enough secret"
WHO = New("rosa@nw.example", "Rosa Admin", "Northwind London")


@pytest.fixture(params=["plain", "htmx"])
def browser(request: pytest.FixtureRequest, web: Client) -> Browser:
    """Open a browser on an empty database."""
    return Browser(web, htmx=request.param == "htmx")


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level("WARNING"):
        yield caplog


def code_in(log: pytest.LogCaptureFixture) -> str:
    return str(re.findall(rf"[0-9a-f]{{{2 * CODE_BYTES}}}", log.text)[-1])


def a_code(session: Session) -> str:
    code = first_administrator.new_code(session, now())
    assert code
    session.commit()
    return code


def fill_in(browser: Browser, code: str, **other: str) -> None:
    fields = {
        "code": code,
        "domain": WHO.domain,
        "display_name": WHO.display_name,
        "user_name": WHO.user_name,
        "new": PASSWORD,
        "again": PASSWORD,
    }
    browser.fill(**fields | other)
    browser.press("Become the first administrator")


def test_an_empty_database_leads_to_its_first_administrator_and_on(
    browser: Browser, session: Session, log: pytest.LogCaptureFixture
) -> None:
    browser.visit("/")
    assert "Nobody administers this console yet." in browser.text
    browser.press("Write a code to the log")
    assert "A code has been written" in browser.text
    code = code_in(log)
    assert code not in browser.text
    browser.press("Write a code to the log")
    assert "before still counts" in browser.text
    assert code_in(log) == code
    fill_in(browser, code)
    assert "You are the first administrator." in browser.text
    rosa = session.scalars(select(Person)).one()
    domain_id = session.scalars(select(Domain.id)).one()
    held = held_by(session, rosa.account_id)
    assert held == {
        (domain_id, each) for each in Permission if each is not Permission.ERASE_DELETED_USERS
    }
    assert session.scalars(select(BilledSpan.account_id)).all() == [rosa.account_id]
    keys = set(session.scalars(select(Event.key)))
    assert keys == {"DOMAIN_ADDED", "ROLE_ADDED", "FIRST_ADMINISTRATOR"}
    for step in ("Add domains", "Add roles", "give them", "Name contacts"):
        browser.visit("/first-start")
        browser.follow("Go on with the first steps")
        browser.follow(step)
        assert browser.status == 200
    browser.press("Sign out")
    browser.sign_in(WHO.user_name, PASSWORD)
    browser.visit("/roles/")
    assert browser.status == 200


def test_only_the_hash_of_the_code_is_kept(session: Session) -> None:
    code = a_code(session)
    assert session.scalars(select(FirstStart.code_hash)).one() not in (code, "")
    assert len(code) == 2 * CODE_BYTES


def test_a_code_counts_once_and_not_for_long(session: Session) -> None:
    code = a_code(session)
    session.execute(update(FirstStart).values(expires_at=now() - timedelta(seconds=1)))
    with pytest.raises(Refused, match="counts no more"):
        first_administrator.make(session, code, WHO, "hash", now())
    code = a_code(session)  # where the earlier one counts no more
    first_administrator.make(session, code, WHO, "hash", now())
    with pytest.raises(Refused, match="has been used"):
        first_administrator.make(session, code, WHO, "hash", now())
    assert first_administrator.new_code(session, now()) is None


def test_where_there_is_an_administrator_there_is_no_first_start(
    web: Client, session: Session, office: Office, log: pytest.LogCaptureFixture
) -> None:
    browser = Browser(web, htmx=False)
    browser.visit("/first-start")
    assert "Become" not in browser.text
    browser.visit("/sign-in")
    token = str(browser.soup.select_one("[name=csrf_token]")["value"])
    for path in ("/first-start", "/first-start/code"):
        assert web.post(path, {"csrf_token": token}, expect_errors=True).status_int == 404
    assert session.scalars(select(FirstStart)).all() == []
    assert log.text == ""


def test_a_database_with_users_and_no_administrator_gets_one_everywhere(
    web: Client, session: Session
) -> None:
    london, dublin = a_domain(session), a_domain(session, "Northwind Dublin")
    give(session, a_user(session, london), london, Permission.BILLING)
    code = a_code(session)
    browser = Browser(web, htmx=False)
    browser.visit("/sign-in")
    assert "User name" in browser.text
    browser.visit("/first-start")
    fill_in(browser, code, user_name="anna.archer")
    assert (browser.status, "There is a user of this name already." in browser.text) == (422, True)
    fill_in(browser, code)
    rosa = session.scalars(select(Grant.account_id).where(Grant.domain_id == dublin.id)).one()
    assert (london.id, Permission.GIVE_ROLES) in held_by(session, rosa)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"code": ""}, "Enter the code."),
        ({"code": "0" * 28}, "This is not the code in the log"),
        ({"new": "short", "again": "short"}, "Use 12 characters or more."),
        ({"again": "another long secret"}, "The two passwords differ."),
        ({"domain": "\u200b"}, "The name of the domain is blank."),
        ({"user_name": "x" * 201}, "longer than 200 characters"),
    ],
)
def test_a_mistake_is_said_and_nothing_is_made(
    web: Client, session: Session, wrong: dict[str, str], said: str
) -> None:
    browser = Browser(web, htmx=False)
    code = a_code(session)
    browser.visit("/first-start")
    fill_in(browser, **{"code": code} | wrong)
    assert (browser.status, said in browser.text) == (422, True)
    assert session.scalar(select(func.count()).select_from(Account)) == 0
    browser.visit("/first-start")
    fill_in(browser, code)
    assert "You are the first administrator." in browser.text


def test_whoever_guesses_codes_is_slowed(web: Client, session: Session) -> None:
    browser = Browser(web, htmx=False)
    code = a_code(session)
    browser.visit("/first-start")
    for _ in range(2):
        fill_in(browser, "0" * 28)
    assert "This is not the code" in browser.text
    session.execute(update(SignInFailure).values(failures=1000, last_at=now()))
    fill_in(browser, code)
    assert (browser.status, "Too many tries." in browser.text) == (422, True)
    assert session.scalar(select(func.count()).select_from(Account)) == 0


def test_of_two_with_the_same_code_one_becomes_administrator(
    engine: Engine, session: Session
) -> None:
    code, together = a_code(session), Barrier(2)
    answers: list[str] = []

    def become(name: str) -> None:
        with Session(engine) as own:
            together.wait(30)
            begin_writing(own)
            try:
                new = New(f"{name}@nw.example", name, "Northwind London")
                first_administrator.make(own, code, new, "hash", now())
                answers.append("made")
            except Refused as refused:
                own.rollback()
                answers.append(refused.sentence)
            own.commit()

    at_once(partial(become, "Rosa"), partial(become, "Eve"))
    assert sorted(answers) == ["This code has been used, or counts no more.", "made"]
    assert session.scalar(select(func.count()).select_from(Account)) == 1
