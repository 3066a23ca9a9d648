"""What a route declares with @needs is all that decides whose users it shows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import PASSWORD, Office, a_user, give, make_contact
from tests.house.walk import addresses
from tests.journeys.browser import Browser
from webapp.models import Permission, Person, Purpose
from webapp.states import SEARCHES
from webapp.web.guard import what_is_needed
from webapp.web.menu import AREAS

HERE, ELSEWHERE = "Hélène", "Zacharias"  # given names of one user in every state of each domain

ROLES_ARE_LISTED = "/users/person/"  # with their domains, which may be any


def routes_by_need(app: Flask) -> Iterator[tuple[Permission, str]]:
    for rule in app.url_map.iter_rules():
        need = what_is_needed(app, rule.endpoint)
        if need and need.within and "GET" in (rule.methods or ()):
            yield need.within, rule.endpoint


@pytest.fixture(params=Permission)
def permission(request: pytest.FixtureRequest) -> Permission:
    assert isinstance(request.param, Permission)
    return request.param


@pytest.fixture
def split(session: Session, office: Office, permission: Permission) -> Person:
    """Give someone one permission in Dublin only, and in London and Paris all the others."""
    for domain, name in (
        (office.dublin, HERE),
        (office.london, ELSEWHERE),
        (office.paris, ELSEWHERE),
    ):
        for state in dict.fromkeys(
            state for search in SEARCHES.values() for state in search.states
        ):
            a_user(session, domain, f"{name} {state} {domain.id}", state=state)
    split = a_user(session, office.dublin, "Sol Split", password=PASSWORD)
    give(session, split, office.dublin, permission)
    make_contact(session, split, office.dublin)
    for domain in (office.london, office.paris):
        give(session, split, domain, *(each for each in Permission if each is not permission))
        make_contact(session, split, domain)
    session.commit()
    return split


def test_a_page_shows_the_domains_of_its_own_permission_and_no_other(
    app: Flask, web: Client, session: Session, split: Person, permission: Permission
) -> None:
    """Look for other domains, which a permission stated in two places could show."""
    web.sign_in(split.user_name)
    mine = {endpoint for need, endpoint in routes_by_need(app) if need is permission}
    assert mine
    answers = {
        url: web.get(url, expect_errors=True).text
        for url in addresses(app, session)
        if app.url_map.bind("localhost").match(url.partition("?")[0])[0] in mine
    }
    assert answers
    assert [url for url, text in answers.items() if ELSEWHERE in text] == []
    elsewhere = {url for url, text in answers.items() if "Northwind London" in text}
    assert {url for url in elsewhere if not url.startswith(ROLES_ARE_LISTED)} == set()


@pytest.mark.parametrize("purpose", Purpose)
def test_a_search_finds_the_domains_of_its_own_permission_and_no_other(
    web: Client, session: Session, split: Person, permission: Permission, purpose: Purpose
) -> None:
    browser = Browser(web, htmx=False)
    browser.sign_in(split.user_name)
    browser.visit(web.app.url_map.bind("localhost").build(f"{purpose}.start"))
    browser.press("Search for", within="#search")
    found = {name for name in (HERE, ELSEWHERE) if name in browser.text}
    assert found == ({HERE} if SEARCHES[purpose].permission is permission else {ELSEWHERE})


def test_every_entry_of_the_menu_leads_to_a_page_that_names_a_permission(app: Flask) -> None:
    needs = [what_is_needed(app, entry.endpoint) for area in AREAS for entry in area.entries]
    assert needs
    assert all(need and isinstance(need.to_enter, Permission) for need in needs)
