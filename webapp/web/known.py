"""Which browser it is: in words, and whether somebody has signed in with it before.

A signed cookie says who has, in hashes.
"""

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


# What browsers call themselves; most name others as well, so the first that is found counts.
BROWSERS = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Mac OS X", "CrOS", "Linux")
WORDS = {"Edg": "Edge", "OPR": "Opera", "Mac OS X": "macOS", "CrOS": "ChromeOS"}


def browser_in_words(agent: str) -> str:
    """Say which browser this header names, such as `Firefox on Windows`."""
    browser = next((name for name in BROWSERS if f"{name}/" in agent), "")
    system = next((name for name in SYSTEMS if name in agent), "")
    if not browser:
        return "Another browser"
    return WORDS.get(browser, browser) + (f" on {WORDS.get(system, system)}" if system else "")


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
