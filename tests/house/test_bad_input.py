"""Input that nobody types: every page answers with a sentence, never with an error of ours."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from tests.conftest import Client
from tests.factories import Office, make_contact
from tests.house.walk import pages
from tests.journeys.browser import Browser

ODD = (
    "\0",
    "9" * 30,
    "-1",
    "'; DROP TABLE person;--",
    "\ud7ff\u202e",
    "%",
    "x" * 3000,
    "../../etc/passwd",
    "{{7*7}}",
    "",
)


@pytest.mark.parametrize("odd", ODD)
def test_odd_addresses_are_answered_with_a_sentence(web: Client, office: Office, odd: str) -> None:
    make_contact(web.session, office.rosa, office.london)
    web.sign_in("rosa.admin")
    value = quote(odd, safe="")
    for rule in pages(web.app):
        path = re.sub("<[^>]+>", value or "-", rule.rule)
        for query in (
            "",
            f"?page={value}&size={value}&done={value}&year={value}&since={value}&what={value}&domains={value}&state={value}&csv=",
        ):
            answer = web.get(path + query, expect_errors=True)
            assert answer.status_int in (200, 303, 400, 404, 422), (path + query, answer.status)


@pytest.mark.parametrize("odd", ODD)
def test_odd_words_in_forms_are_answered_with_a_sentence(
    web: Client, office: Office, odd: str
) -> None:
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    token = str(browser.soup.select_one("[name=csrf_token]")["value"])
    browser.press("Search for deleted users")
    results = browser.url
    for path in (
        "/users/erase-deleted/",
        f"{results}/ticks",
        f"{results}/freeze/erase",
        "/password",
        "/sign-in",
        f"{results}/freeze/reactivate",
    ):
        fields = dict.fromkeys(
            (
                "keyword",
                "since_from",
                "domains",
                "then",
                "was_ticked",
                "was_unticked",
                "ticked",
                "present",
                "new",
                "again",
                "user_name",
                "password",
                "next",
            ),
            odd,
        )
        answer = web.post(path, {"csrf_token": token, **fields}, expect_errors=True)
        assert answer.status_int in (303, 400, 404, 409, 422), (path, answer.status)


def test_a_form_without_its_fields_is_answered_with_a_sentence(web: Client, office: Office) -> None:
    web.sign_in("priya.contact")
    token = str(web.get("/users/").html.select_one("[name=csrf_token]")["value"])
    for path in ("/users/", "/users/erase-deleted/", "/password", "/sign-in"):
        assert web.post(path, {"csrf_token": token}, expect_errors=True).status_int in (303, 422)
        assert web.post(path, {}, expect_errors=True).status_int == 400
