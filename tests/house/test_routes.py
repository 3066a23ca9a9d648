"""Every route: who may enter it, and how it is asked for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.conftest import Client, form_with
from webapp.errors import ConfigurationRefused
from webapp.models import Permission, Verb
from webapp.web import guard
from webapp.web.guard import Everyone, what_is_needed

PUBLIC = {
    "static",
    "console.help_page",
    "console.ready",
    "console.live",
    "sign_in.show",
    "sign_in.try_password",
}
SIGNED_IN = {
    "console.home",
    "console.why_not_erase",
    "sign_in.end",
    "sign_in.password",
    "sign_in.change_password",
    "sign_in.second_factor_page",
    "sign_in.begin_second_factor",
    "sign_in.confirm_second_factor",
    "sign_in.remove_second_factor",
    "sign_in.end_session",
    "sign_in.end_others",
    # These ask whose list or receipt it is.
    "operations.show",
    "operations.download",
    "operations.confirm",
    "operations.receipt",
}
EXAMPLES = {
    "domain_id": 1,
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
    app: Flask, web: Client, headers: dict[str, str]
) -> None:
    token = form_with(web.get("/sign-in"), "user_name")["csrf_token"].value
    closed = [rule for rule in app.url_map.iter_rules() if rule.endpoint not in PUBLIC]
    let_in = [
        rule.rule for rule in closed if not sent_to_sign_in(ask(app, web, rule, token, headers))
    ]
    assert closed
    assert let_in == []


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
