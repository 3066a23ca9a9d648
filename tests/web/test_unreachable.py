"""With the database out of reach, every page is one sentence and claims nothing unknown."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp import create_app
from webapp.config import Settings
from webapp.times import now

NOWHERE = ("sqlite:////nowhere/console.sqlite", "postgresql+psycopg://127.0.0.1:9/console")


@pytest.fixture(params=NOWHERE, ids=["sqlite", "postgresql"])
def cut_off(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    return create_app(Settings(database_url=request.param, instance_path=str(tmp_path)))


def someone(app: Flask) -> FlaskClient:
    """Open a browser that was signed in before."""
    browser = app.test_client()
    with browser.session_transaction() as cookie:
        cookie["_user_id"], cookie["seen"] = "a token", now().timestamp()
    return browser


@pytest.mark.parametrize("path", ["/", "/users/erase-deleted/", "/nowhere", "/help", "/health"])
def test_a_page_says_so_without_asking_who_reads_it(
    cut_off: Flask, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = someone(cut_off).get(path)
    assert answer.status_code in (500, 503)
    assert b">The console cannot be used just now</h1>" in answer.data
    assert b"Nothing has changed" not in answer.data
    assert "OperationalError at" in caplog.text


def test_the_sign_in_page_still_opens_and_its_form_says_so(cut_off: Flask) -> None:
    cut_off.config["WTF_CSRF_ENABLED"] = False
    browser = cut_off.test_client()
    assert browser.get("/sign-in").status_code == 200
    answer = browser.post("/sign-in", data={"user_name": "priya.contact", "password": "a password"})
    assert (answer.status_code, b"Its database does not answer" in answer.data) == (503, True)


def test_a_process_whose_database_is_out_of_reach_is_alive_but_not_ready(cut_off: Flask) -> None:
    browser = cut_off.test_client()
    assert browser.get("/health/live").text == "well\n"
    assert browser.get("/health").status_code == 503
