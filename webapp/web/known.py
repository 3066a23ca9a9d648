"""Browsers that have signed in as somebody before: a signed cookie says as whom, in hashes."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import current_app, request
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.wrappers import Response

from webapp.identity.attempts import hash_of
from webapp.models.names import key_of

KEPT = timedelta(days=400)  # the longest that browsers keep a cookie
MOST = 10  # people who share a browser; the one who signed in first is forgotten


def browser_of(user_name: str) -> str:
    """Return the random id of this browser where it has signed in as this person; empty if not."""
    browser, people = _cookie()
    return browser if _hashed(user_name) in people else ""


def remember(response: Response, user_name: str) -> None:
    """Let this browser be known as one of this person's."""
    browser, people = _cookie()
    others = [each for each in people if each != _hashed(user_name)]
    kept = (browser or secrets.token_urlsafe(16), [*others, _hashed(user_name)][-MOST:])
    response.set_cookie(
        current_app.config["KNOWN_COOKIE_NAME"],
        _signer().dumps(kept),
        max_age=KEPT,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def _cookie() -> tuple[str, list[str]]:
    try:
        browser, people = _signer().loads(
            request.cookies.get(current_app.config["KNOWN_COOKIE_NAME"], "")
        )
    except BadData:
        return "", []
    return browser, people


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="known browser")


def _hashed(user_name: str) -> str:
    return hash_of(str(current_app.secret_key), "known browser", key_of(user_name))[:22]
