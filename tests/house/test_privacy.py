"""Names, addresses and search words are in no URL, no log line and no page of an error."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office
from tests.house.walk import (
    address_of,
    all_rights,
    erase_somebody,
    everything,
    pages,
    search_everywhere,
)
from tests.journeys.browser import Browser
from webapp.db import db
from webapp.models import Person
from webapp.web.guard import Everyone, needs

REFERENCE = re.compile(r"(?<=[/=])[\w-]{22}(?![\w-])")  # what secrets.token_urlsafe(16) makes


def urls(answer: Any) -> set[str]:
    """Return every address that a page leads to."""
    attributes = ("href", "action", "formaction", "hx-get", "hx-post", "src")
    return {str(each[name]) for name in attributes for each in answer.html.select(f"[{name}]")}


def test_no_url_holds_anything_personal(
    web: Client, session: Session, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    people = session.execute(select(Person.display_name, Person.user_name, Person.email)).all()
    all_rights(session, office, office.priya)
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    erase_somebody(browser)
    seen = {browser.url, *search_everywhere(browser, "a")}
    for url, answer in everything(web, session):
        seen |= {url, answer.location or ""}
        if answer.content_type == "text/html":
            seen |= urls(answer)
    assert len(seen) > 40
    told = {word for person in people for word in (*person, person.display_name.split()[0])}
    said = {REFERENCE.sub("", url) for url in seen}  # random letters sometimes spell a short name
    assert [url for url in said if any(word.casefold() in url.casefold() for word in told)] == []
    assert not any(word in caplog.text for person in people for word in person)


def test_no_statement_that_is_kept_holds_what_was_typed(
    app: Flask, web: Client, office: Office
) -> None:
    """Look into what SQLAlchemy keeps until the process ends.

    That is the first statement of each kind, with the values written into it.
    """
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    for path, action in (("/users/", "Create new selection"), ("/users/erase-deleted/", "Erase")):
        browser.visit(path)
        browser.fill(keyword="zyxwvu or")
        browser.press("Search for", within="#search")
        browser.visit(path)
        browser.fill(keyword="a")
        browser.press("Search for", within="#search")
        browser.press(action, within="#results")
    with app.app_context():
        kept = [compiled.cache_key for compiled in (db.engine._compiled_cache or {}).values()]
    assert len(kept) > 10
    values = [
        value
        for key in kept
        if key
        for value in (*(each.value for each in key.bindparams), *(key.params or {}).values())
    ]
    assert {"a", "or", "zyxwvu", "priya.contact"} & {
        value for value in values if isinstance(value, str)
    } == set()


def test_what_an_unexpected_error_says_is_neither_logged_nor_shown(
    app: Flask, web: Client, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> str:
        raise RuntimeError("Farah Haddad, farah@example.org")

    app.add_url_rule("/broken", view_func=needs(Everyone.PUBLIC)(broken))
    answer = web.get("/broken", status=500)
    assert "The fault is ours. If you have just pressed a button" in answer
    assert "RuntimeError at broken" in caplog.text
    assert "farah" not in (caplog.text + answer.text).casefold()


@pytest.mark.parametrize(
    ("target", "shown_in", "swap"),
    [
        ("div#popup", "#popup", "outerHTML"),
        ("div#listed", "#popup", "outerHTML"),
        ("p#chosen", "#said", "innerHTML"),
        ("section#results", "#said", "innerHTML"),
        ("div#elsewhere", "body", "innerHTML"),
    ],
)
def test_an_error_in_a_fragment_is_shown_where_the_reader_is(
    web: Client, office: Office, target: str, shown_in: str, swap: str
) -> None:
    web.sign_in("priya.contact")
    headers = {"HX-Request": "true", "HX-Target": target}
    answer = web.get("/operations/nowhere", headers=headers, status=404)
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == (shown_in, swap)
    assert "Search again and review a new list." in answer
    assert ("<html" in answer) == (shown_in == "body")


def test_pages_are_never_stored_and_never_framed(
    web: Client, session: Session, office: Office
) -> None:
    all_rights(session, office, office.priya)
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    erase_somebody(browser)
    search_everywhere(browser)
    paths = [address_of(web.app, rule, session) for rule in pages(web.app)]
    for url in (*paths, "/nowhere"):
        headers = web.get(url, expect_errors=True).headers
        assert headers["Cache-Control"] == "no-store", url
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], url
        assert "unsafe" not in headers["Content-Security-Policy"], url
