"""What htmx is sent is the element of the whole page, and every hx- attribute has the address that works without it."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office, many_users
from tests.journeys.browser import Browser
from webapp.models import Operation, State

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def places(web: Client, session: Session, office: Office) -> dict[str, list[str]]:
    """The page and the ids of the elements that it can be asked for."""
    many_users(session, office.london, 150, State.DELETED)
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.press("Search for deleted users")
    results = browser.url
    browser.press("Erase", within="#results")
    operation_id = session.scalars(select(Operation.id)).one()
    return {
        results: ["results", "chosen"],
        f"/operations/{operation_id}": ["popup", "listed"],
        f"/operations/{operation_id}?page=2": ["listed"],
    }


def element(text: str, name: str) -> str:
    found = BeautifulSoup(text, "html.parser").select_one(f"#{name}")
    assert found is not None
    for token in found.select("[name=csrf_token]"):
        token.decompose()
    return " ".join(found.prettify().split())


def test_a_fragment_is_the_element_of_the_page(web: Client, places: dict[str, list[str]]) -> None:
    for path, names in places.items():
        whole = web.get(path)
        for name in names:
            fragment = web.get(path, headers={**HTMX, "HX-Target": f"div#{name}"})
            assert "<html" not in fragment
            assert element(fragment.text, name) == element(whole.text, name)
            assert "HX-Target" in fragment.headers["Vary"]


@pytest.mark.parametrize(
    "headers",
    [
        {"HX-Boosted": "true"},
        {"HX-History-Restore-Request": "true"},
        {"HX-Target": "div#elsewhere"},
        {"HX-Request-Type": "full"},
    ],
)
def test_anything_else_gets_the_whole_page(
    web: Client, places: dict[str, list[str]], headers: dict[str, str]
) -> None:
    for path in places:
        assert "<html" in web.get(path, headers={**HTMX, "HX-Target": "section#results", **headers})


def test_every_hx_attribute_has_the_same_address_without_it(
    web: Client, places: dict[str, list[str]]
) -> None:
    seen = 0
    for path in [*places, "/users/", "/users/restore-deleted/"]:
        for each in web.get(path).html.select("[hx-get], [hx-post]"):
            assert each.name in ("a", "form", "button")
            assert address(each) == (each.get("hx-get") or each.get("hx-post"))
            seen += 1
    assert seen > 10


def address(each: Any) -> str:
    return str(
        each.get("href")
        if each.name == "a"
        else each.get("action")
        if each.name == "form"
        else each.get("formaction")
    )
