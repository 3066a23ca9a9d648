"""Who may enter. The application does not start with a route that does not say what it needs."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar, cast

import flask
from flask import Flask, current_app, request
from flask_login import LoginManager, UserMixin, current_user, login_user
from sqlalchemy import Row
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from webapp.config import Settings
from webapp.db import begin_writing, db
from webapp.errors import ConfigurationRefused, NotAllowed
from webapp.identity import passwords, sessions
from webapp.models import Permission
from webapp.permissions import (
    ONLY_FOR_PRIMARY_CONTACTS,
    domains_with,
    missing,
    permissions_of,
)
from webapp.times import now
from webapp.web.error_pages import ask_to_sign_in

LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = {
    "Forwarded",
    "X-Forwarded-For",
    "X-Forwarded-Host",
}  # what a proxy says, whose own address is no use
View = TypeVar("View", bound=Callable[..., Any])
login_manager = LoginManager()


class Everyone(Enum):
    """Routes that need no permission: open to the world, or to whoever is signed in."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"


@dataclass(frozen=True)
class Reader(UserMixin):  # type: ignore[misc]  # flask-login has no types
    """The person who is signed in."""

    token: str
    account_id: int
    name: str
    user_name: str
    password_at: datetime
    permissions: frozenset[Permission]

    def get_id(self) -> str:
        return self.token


@dataclass(frozen=True)
class Need:
    """What a route asks of its reader, and the permission that says whose domains it may show."""

    to_enter: Permission | Everyone
    within: Permission | None


def needs(
    need: Permission | Everyone, *, within: Permission | None = None
) -> Callable[[View], View]:
    """Declare what a view needs; written directly above its function.

    This is the only place that names a route's permission: `may_open` and `open_domains` follow
    from it, and so do the menu and every query. `within` is for a route that lets everyone in who
    is signed in, and shows some domains all the same.
    """
    shown = need if isinstance(need, Permission) else within

    def declare(view: View) -> View:
        view.needs = Need(need, shown)  # type: ignore[attr-defined]  # read by what_is_needed
        return view

    return declare


def what_is_needed(app: Flask, endpoint: str) -> Need | None:
    """Return what this route declares; None where it declares nothing."""
    if endpoint == "static":
        return Need(Everyone.PUBLIC, None)
    return getattr(app.view_functions[endpoint], "needs", None)


def may_open(endpoint: str) -> bool:
    """Tell whether the reader may enter this route."""
    need = what_is_needed(current_app, endpoint)
    if need is None:
        return False
    return isinstance(need.to_enter, Everyone) or need.to_enter in reader().permissions


def open_domains() -> Sequence[Row[int, str]]:
    """Return id and name, by name, of the domains that this request may show.

    They are those in which the reader holds the permission of the route. Asked anew at each call.
    """
    need = what_is_needed(current_app, request.endpoint or "")
    if need is None or need.within is None:
        raise RuntimeError(f"The route {request.endpoint} names no permission for its domains.")
    return domains_with(db.session, reader().account_id, need.within)


def open_domain_ids() -> list[int]:
    """Return their ids alone."""
    return [domain.id for domain in open_domains()]


def reader() -> Reader:
    """Return the person who is signed in, behind a route that needs a sign-in."""
    return cast(Reader, current_user)


def settings() -> Settings:
    return cast(Settings, current_app.config["SETTINGS"])


def check_password(user_name: str | None, password: str | None) -> passwords.Attempt:
    """Find whose password this is, or how long to wait before the next attempt."""
    return passwords.check_password(
        db.session, user_name or "", password or "", now(), str(current_app.secret_key)
    )


def sign_in(account_id: int) -> None:
    """Open a session: from the next request on, this browser belongs to this person."""
    lifetime, folder = settings().session_lifetime, settings().instance_path
    token = sessions.open_session(db.session, account_id, now(), lifetime, folder)
    flask.session.clear()
    login_user(_load(token), force=True)


def forget_kept_pages() -> None:
    """Change this browser's cookie, so that it loads the pages anew that its back button keeps."""
    flask.session["changed"] = secrets.token_urlsafe(4)


def install(app: Flask) -> None:
    """Guard every route of the finished application.

    Raise ConfigurationRefused where one does not say what it needs.
    """
    for rule in app.url_map.iter_rules():
        if what_is_needed(app, rule.endpoint) is None:
            raise ConfigurationRefused(f"The route {rule.rule} does not say what it needs.")
    login_manager.session_protection = None
    login_manager.init_app(
        app, add_context_processor=False
    )  # it would ask who is signed in even for a page that does not
    app.jinja_env.globals.update(current_user=current_user, may_open=may_open)
    login_manager.user_loader(_load)
    app.before_request(_guard)


def _load(token: str) -> Reader | None:
    found = sessions.reader_of(db.session, token, now(), settings().instance_path)
    if found is None:
        return None
    account_id, display_name, user_name, password_at = found
    return Reader(
        token,
        account_id,
        display_name or user_name,
        user_name,
        password_at,
        permissions_of(db.session, account_id),
    )


def _guard() -> Response | None:
    if request.endpoint is None:
        return None
    if "\0" in request.path or any(
        "\0" in value for values in request.values.listvalues() for value in values
    ):
        raise BadRequest  # no database text can hold it
    if settings().demo and (
        request.remote_addr not in LOOPBACK or FORWARDED & set(request.headers.keys())
    ):
        raise NotAllowed(
            "The demo shows everyone its passwords, "
            "so it answers only to the machine that it runs on.",
            "Open it there.",
        )
    need = what_is_needed(current_app, request.endpoint)
    if need is None:
        raise NotAllowed("This page does not say who may open it.")
    if request.endpoint != "static" and request.method not in ("GET", "HEAD", "OPTIONS"):
        begin_writing(db.session)
    if need.to_enter is Everyone.PUBLIC:
        return None
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    if isinstance(need.to_enter, Permission) and not may_open(request.endpoint):
        why = "console.why_not_erase" if need.to_enter in ONLY_FOR_PRIMARY_CONTACTS else ""
        lacks = missing(db.session, reader().account_id, need.to_enter)
        raise NotAllowed(*lacks, explained_at=why)
    return None
