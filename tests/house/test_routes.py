"""Every route: who may enter it, and how it is asked for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from tests.conftest import Client, form_with
from tests.factories import Office
from webapp.errors import ConfigurationRefused
from webapp.models import Permission, Person, Verb
from webapp.permissions import permissions_of
from webapp.web import guard
from webapp.web.guard import Everyone, what_is_needed

PUBLIC = {
    "static",
    "console.help_page",
    "console.ready",
    "console.live",
    "sign_in.show",
    "sign_in.try_password",
    # These answer while there is no administrator, and only then.
    "first_start.show",
    "first_start.write_code",
    "first_start.begin",
}
SIGNED_IN = {
    "console.home",
    "console.why_not_erase",
    "console.you",
    "console.choose",
    "sign_in.end",
    "sign_in.password",
    "sign_in.change_password",
    "second_factor.show",
    "second_factor.begin_app",
    "second_factor.confirm_app",
    "second_factor.remove_app",
    "second_factor.begin_passkey",
    "second_factor.add_passkey",
    "second_factor.remove_passkey",
    "second_factor.ask",
    "sign_in.end_session",
    "sign_in.end_others",
    # These ask whose list or receipt it is.
    "operations.show",
    "operations.confirm",
    "operations.receipt",
    "operations.receipts",
}
EXAMPLES = {
    "attribute_id": 1,
    "domain_id": 1,
    "role_id": 1,
    "month": date(2025, 5, 1),
    "operation_id": "x",
    "reference": "x",
    "selection_id": "x",
    "verb": Verb.ERASE,
}


def test_every_route_names_its_permission(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    needed = {name: need for name in endpoints if (need := what_is_needed(app, name))}
    assert needed.keys() == endpoints
    assert {
        endpoint for endpoint, need in needed.items() if need.to_enter is Everyone.PUBLIC
    } == PUBLIC
    assert {
        endpoint for endpoint, need in needed.items() if need.to_enter is Everyone.SIGNED_IN
    } == SIGNED_IN
    assert all(
        isinstance(need.to_enter, Permission)
        for endpoint, need in needed.items()
        if endpoint not in PUBLIC | SIGNED_IN
    )


def test_an_application_with_a_route_that_does_not_say_what_it_needs_does_not_start() -> None:
    careless = Flask("careless")
    careless.add_url_rule("/secrets", view_func=lambda: "secrets", endpoint="secrets")
    with pytest.raises(ConfigurationRefused, match="/secrets"):
        guard.install(careless)


def test_every_route_is_either_read_or_sent(app: Flask) -> None:
    asked = {rule.endpoint: methods(rule) for rule in app.url_map.iter_rules()}
    assert {
        endpoint: named for endpoint, named in asked.items() if named not in ({"GET"}, {"POST"})
    } == {}


def methods(rule: Rule) -> set[str]:
    return (rule.methods or set()) - {"HEAD", "OPTIONS"}


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["whole page", "htmx"])
def test_an_anonymous_visitor_is_sent_to_sign_in_from_everywhere(
    app: Flask, web: Client, office: Office, headers: dict[str, str]
) -> None:
    token = form_with(web.get("/sign-in"), "user_name")["csrf_token"].value
    closed = [rule for rule in app.url_map.iter_rules() if rule.endpoint not in PUBLIC]
    let_in = [
        rule.rule for rule in closed if not sent_to_sign_in(ask(app, web, rule, token, headers))
    ]
    assert closed
    assert let_in == []


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["whole page", "htmx"])
@pytest.mark.parametrize("name", ["priya", "owen", "nadia", "rosa", "max"])
def test_every_person_enters_what_their_permissions_open_and_nothing_else(
    app: Flask,
    web: Client,
    session: Session,
    office: Office,
    name: str,
    headers: dict[str, str],
) -> None:
    person: Person = getattr(office, name)
    held = permissions_of(session, person.account_id)
    web.sign_in(person.user_name)
    token = str(web.get("/password").html.select_one("[name=csrf_token]")["value"])
    entered, refused, wrong = 0, 0, []
    for rule in app.url_map.iter_rules():
        need = what_is_needed(app, rule.endpoint)
        if need is None or isinstance(need.to_enter, Everyone):
            continue
        status = ask(app, web, rule, token, headers).status_int
        entered, refused = entered + (need.to_enter in held), refused + (status == 403)
        # A right in some domain opens the route; what is asked for there may belong to another.
        fits = status == 403 if need.to_enter not in held else status < 500 and status != 403
        if not fits:
            wrong.append((rule.rule, status))
    assert wrong == []
    assert entered
    assert refused


def ask(app: Flask, web: Client, rule: Rule, token: str, headers: dict[str, str]) -> Any:
    url = app.url_map.bind("localhost").build(
        rule.endpoint, {name: EXAMPLES[name] for name in rule.arguments}
    )
    if "POST" in methods(rule):
        return web.post(url, {"csrf_token": token}, headers=headers, expect_errors=True)
    return web.get(url, headers=headers, expect_errors=True)


def sent_to_sign_in(response: Any) -> bool:
    where = (
        response.headers.get("HX-Redirect")
        or (response.status_int == 303 and response.headers["Location"])
        or ""
    )
    return bool(where.removeprefix("http://localhost").partition("?")[0] == "/sign-in")
