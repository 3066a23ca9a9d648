"""Who may enter. The application does not start with a route that does not say what it needs."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import compress
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import flask
from flask import Flask, current_app, request
from flask_login import LoginManager, UserMixin, current_user, login_user
from sqlalchemy import Row, select
from werkzeug.exceptions import BadRequest, Unauthorized
from werkzeug.wrappers import Response

from webapp.config import Settings
from webapp.db import begin_writing, db
from webapp.errors import Busy, ConfigurationRefused, Gone, NotAllowed
from webapp.events import Recorded, record
from webapp.evidence.replay import Watch
from webapp.identity import attempts, passwords, sessions
from webapp.identity.sessions import Where
from webapp.models import Account, Permission
from webapp.permissions import (
    ONLY_FOR_PRIMARY_CONTACTS,
    domains_with,
    held_by,
    missing,
)
from webapp.times import now, zone_of
from webapp.web.known import browser_in_words, browser_of

LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = {
    "Forwarded",
    "X-Forwarded-For",
    "X-Forwarded-Host",
}  # what a proxy says, whose own address is no use
LONGEST_ADDRESS = 45  # characters of an IPv6 address that holds an IPv4 one
SEEN, SEEN_EVERY = "seen", 60  # seconds after which the cookie says anew when it was last seen
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
    code_at: datetime | None  # when a code of the second factor was last given
    time_zone: str | None
    page_size: int | None
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
    return domains_with(db.session, reader().account_id, _within(request.endpoint or ""))


def open_domain_ids() -> list[int]:
    """Return their ids alone."""
    return [domain.id for domain in open_domains()]


def open_elsewhere(*endpoints: str) -> list[set[int]]:
    """Return, for each of these other routes, the ids of the domains that it may show."""
    held = held_by(db.session, reader().account_id)
    return [{domain_id for domain_id, what in held if what is _within(e)} for e in endpoints]


def open_domain(domain_id: int) -> Row[int, str]:
    """Return id and name of the one of them that has this id; Gone where none has."""
    for domain in open_domains():
        if domain.id == domain_id:
            return domain
    raise Gone("There is no such domain, or none that you may see here.")


def _within(endpoint: str) -> Permission:
    need = what_is_needed(current_app, endpoint)
    if need is None or need.within is None:
        raise RuntimeError(f"The route {endpoint} names no permission for its domains.")
    return need.within


def reader() -> Reader:
    """Return the person who is signed in, behind a route that needs a sign-in."""
    return cast(Reader, current_user)


def zone() -> ZoneInfo:
    """Return the time zone of the reader: what they chose, or what the installation says."""
    chosen = reader().time_zone if current_user.is_authenticated else None
    return zone_of(chosen or settings().time_zone)


def settings() -> Settings:
    return cast(Settings, current_app.config["SETTINGS"])


def check_password(user_name: str | None, password: str | None) -> passwords.Attempt:
    """Find whose password this is, or how long to wait before the next attempt.

    Who is signed in, and a browser that has signed in as this person before, are counted apart
    from strangers, who may be guessing.
    """
    name, key = user_name or "", str(current_app.secret_key)
    signed_in = current_user.is_authenticated and reader().user_name == name
    own = reader().token if signed_in else browser_of(name)
    counted = attempts.counters(key, name, request.remote_addr or "", own)
    actor_id = reader().account_id if signed_in else None
    return passwords.check_password(
        db.session, name, password or "", now(), counted, actor_id=actor_id
    )


def sign_in(account_id: int) -> None:
    """Open a session for this account in this browser; the one that it had ends."""
    sessions.close_session(db.session, str(flask.session.get("_user_id")))
    agent, address = request.headers.get("User-Agent", ""), request.remote_addr or ""
    where = Where(browser_in_words(agent), address[:LONGEST_ADDRESS])
    lifetime, folder = settings().session_lifetime, settings().instance_path
    token = sessions.open_session(db.session, account_id, now(), lifetime, where, folder)
    flask.session.clear()
    flask.session[SEEN] = int(now().timestamp())
    login_user(_load(token), force=True)


def record_refusal() -> None:
    """Record that the reader, if somebody is signed in, was refused what they asked for."""
    if not current_user.is_authenticated:
        return
    account_id = reader().account_id
    db.session.rollback()
    with suppress(Busy):  # whoever only reads does not wait for whoever writes
        begin_writing(db.session)
        record(
            db.session,
            Recorded.REFUSED,
            now(),
            actor_id=account_id,
            domain_id=db.session.scalar(select(Account.domain_id).filter_by(id=account_id)),
        )
        db.session.commit()


def forget_kept_pages() -> None:
    """Change this browser's cookie, so that it loads the pages anew that its back button keeps."""
    flask.session["changed"] = secrets.token_urlsafe(4)


def refuse_restored() -> None:
    """Raise Restored, for any page, while the database is a backup that was not brought up to date.

    Whether the process answers can still be asked, and files are sent.
    """
    if request.endpoint not in ("static", "console.live"):
        watch: Watch = current_app.extensions["watch"]
        watch.refuse_restored(at_once=request.endpoint == "console.ready")


def refuse_unreadable() -> None:
    """Raise BadRequest for a NUL, a field without a name, and a Referer that is no address."""
    fields = [*request.args.items(multi=True), *request.form.items(multi=True)]
    if "\0" in request.path or any(name is None or "\0" in value for name, value in fields):
        raise BadRequest
    try:
        urlsplit(request.referrer or "")  # flask-wtf compares it without looking
    except ValueError:
        raise BadRequest from None


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
    app.jinja_env.globals.update(current_user=current_user, may_open=may_open, zone=zone)
    login_manager.user_loader(_load)
    app.before_request(_guard)


def _load(token: str) -> Reader | None:
    """Return who is signed in with this token; None where it has ended or was idle for too long.

    When a browser was last seen stands in its signed cookie, so that reading writes nothing.
    """
    idle = int(now().timestamp()) - int(flask.session.get(SEEN, 0))
    if idle > settings().idle.total_seconds():
        return None
    if idle >= SEEN_EVERY:
        flask.session[SEEN] = int(now().timestamp())
    found = sessions.reader_of(db.session, token, now(), settings().instance_path)
    if found is None:
        return None
    account_id, display_name, user_name, password_at, code_at, time_zone, page_size, *held = found
    return Reader(
        token,
        account_id,
        display_name or user_name,
        user_name,
        password_at,
        code_at,
        time_zone,
        page_size,
        frozenset(compress(Permission, held)),
    )


def _guard() -> Response | None:
    if request.endpoint is None:
        return None
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
    if need.to_enter is Everyone.PUBLIC:
        return None  # the one public form, signing in, writes when its turn has come
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        begin_writing(db.session)
    if not current_user.is_authenticated:
        raise Unauthorized
    if isinstance(need.to_enter, Permission) and not may_open(request.endpoint):
        why = "console.why_not_erase" if need.to_enter in ONLY_FOR_PRIMARY_CONTACTS else ""
        lacks = missing(db.session, reader().account_id, need.to_enter)
        raise NotAllowed(*lacks, explained_at=why)
    return None
