"""Odd requests: whatever is sent, the answer is a sentence and never an error of ours."""

from __future__ import annotations

import os
from random import Random

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import PASSWORD, Office
from tests.faults.sender import BOUNDARY, Asked, Sender
from tests.house.walk import all_rights, erase_somebody, pages, search_everywhere
from tests.journeys.browser import Browser
from webapp.models import SignInFailure

REQUESTS = int(os.environ.get("FAULTS", "300"))  # for each of two visitors
SEED = int(os.environ.get("FAULTS_SEED", "12"))
TEXT = {"user_name": "priya.contact", "password": PASSWORD}


@pytest.fixture
def used(web: Client, session: Session, office: Office) -> None:
    """Let there be a selection, an open list, a performed one and a receipt, all Priya's."""
    all_rights(session, office, office.priya)
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    erase_somebody(browser)
    search_everywhere(browser)
    browser.visit("/users/erase-deleted/")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    session.commit()


@pytest.mark.parametrize("visitor", ["signed in", "anonymous"])
def test_no_request_is_answered_with_an_error_of_ours(
    app: Flask, session: Session, used: None, visitor: str
) -> None:
    asked = Asked()
    asked.watch(app)

    def sign_in(browser: FlaskClient) -> None:
        if visitor == "signed in":
            session.execute(update(SignInFailure).values(failures=0))
            session.commit()
            page = browser.get("/sign-in").text
            token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
            sent = browser.post("/sign-in", data={**TEXT, "csrf_token": token})
            assert sent.status_code == 303

    sender = Sender(app, Random(SEED), app.test_client(), sign_in, asked)
    seen = set()
    for number in range(REQUESTS):
        sent, status = sender.send(session)
        session.rollback()
        assert status < 500, f"Request {number} of seed {SEED}: {sent}"
        seen.add(status)
    assert {"user_name", "password", "next"} <= asked.fields
    assert {"HTTP_HX_TARGET", "HTTP_REFERER", "HTTP_HOST"} <= asked.headers
    if visitor == "signed in":
        assert {"keyword", "page"} <= asked.fields
        assert {200, 303, 400, 404, 405} <= seen


@pytest.mark.parametrize("name", ["user_name", "password", "next"])
def test_a_file_where_a_form_has_text_is_not_read(web: Client, office: Office, name: str) -> None:
    token = str(web.get("/sign-in").html.select_one("[name=csrf_token]")["value"])
    fields = {**TEXT, "csrf_token": token}
    fields.pop(name, None)
    parts = [f'name="{each}"\r\n\r\n{value}' for each, value in fields.items()]
    parts.append(f'name="{name}"; filename="a\0.txt"\r\n\r\npriya\0contact')
    head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; "
    body = "".join(f"{head}{part}\r\n" for part in parts) + f"--{BOUNDARY}--\r\n"
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    answer = web.request(
        "/sign-in", method="POST", body=body.encode(), headers=headers, expect_errors=True
    )
    assert answer.status_int == (303 if name == "next" else 422)


def test_a_part_without_a_name_is_refused(web: Client) -> None:
    body = f"--{BOUNDARY}\r\nContent-Disposition: form-data\r\n\r\nx\r\n--{BOUNDARY}--\r\n"
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    web.request("/sign-in", method="POST", body=body.encode(), headers=headers, status=400)


@pytest.mark.parametrize("host", ["x" * 64, "localhost:99999", "[::1", "a b", "é.example", ".."])
def test_an_address_that_is_none_is_refused(web: Client, host: str) -> None:
    for path in ("/", "/sign-in", "/nowhere", "/static/console.css"):
        assert web.get(path, headers={"Host": host}, expect_errors=True).status_int < 500


def test_json_is_not_read_into_a_form(web: Client, office: Office) -> None:
    token = str(web.get("/sign-in").html.select_one("[name=csrf_token]")["value"])
    headers = {"X-CSRFToken": token}
    sent = {"user_name": 5, "password": ["x"]}
    assert "Enter your user name." in web.post_json("/sign-in", sent, headers=headers, status=422)


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost", 200), ("localhost:8000", 200), ("127.0.0.1", 200), ("evil.example", 400)],
)
def test_the_console_answers_under_its_own_names_only(
    web: Client, office: Office, host: str, status: int
) -> None:
    web.get("/sign-in", headers={"Host": host}, status=status)


@pytest.mark.parametrize("target", ["section#results", "p#chosen", "section#selection"])
def test_a_part_that_a_page_does_not_have_is_answered_with_the_page(
    web: Client, session: Session, office: Office, target: str
) -> None:
    all_rights(session, office, office.priya)
    web.sign_in("priya.contact")
    headers = {"HX-Request": "true", "HX-Target": target}
    for rule in pages(web.app):
        if not rule.arguments and not rule.rule.startswith("/health"):
            answer = web.get(rule.rule, headers=headers)
            assert "<html" in answer or "HX-Redirect" in answer.headers, rule.rule
