"""How values read on a page."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from flask import Flask, current_app, url_for
from jinja2 import StrictUndefined
from jinja2.runtime import Macro
from markupsafe import Markup, escape

from webapp.web.guard import zone
from webapp.words import ERASED, users

MONTHS = [  # English on every machine
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
]  # fmt: skip
ADDRESS = re.compile(r"[^@.]*-[^@.]*|[@.]")  # its parts that hold a hyphen, and its joints


class Named(Protocol):
    """A person, or the columns of one."""

    display_name: str
    user_name: str


class Addressed(Named, Protocol):
    email: str


MACROS = (
    "macros/fields.html",
    "macros/tables.html",
    "macros/ticks.html",
    "macros/access.html",
)  # globals: a fragment does not run its template's imports


def install(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        day=day,
        moment=moment,
        number=number,
        month=month,
        users=users,
        name_of=name_of,
        written=written,
        address=address,
        addresses=addresses,
    )
    app.jinja_env.globals.update(ERASED=ERASED, asset=asset, page_url=page_url, under=under)
    for template in MACROS:
        macros = vars(app.jinja_env.get_template(template).module)
        app.jinja_env.globals.update(
            {name: macro for name, macro in macros.items() if isinstance(macro, Macro)}
        )


def name_of(person: Named | None) -> str:
    """Return how a person is called; whoever is no more has been erased."""
    return written(person.display_name or person.user_name) if person else ERASED


def written(text: str) -> Markup:
    """Mark text as written by someone: its blanks are kept, and its direction to itself."""
    return Markup(f'<bdi class="written">{escape(text)}</bdi>')  # noqa: S704  # what is written is escaped


def addresses(person: Addressed) -> Markup:
    """Write under a person's name: see `under`."""
    return under(person.display_name, person.user_name, person.email)


def under(display_name: str, user_name: str, email: str) -> Markup:
    """Write under a name what the person signs in with, and the e-mail address that differs."""
    shown = [user_name] if display_name else []
    if email and email.casefold() != user_name.casefold():
        shown.append(email)
    if not shown:
        return Markup()
    return Markup(f'<div class="under">{" ".join(map(address, shown))}</div>')  # noqa: S704  # as above


def address(text: str) -> Markup:
    """Mark an address or a user name, so that a line ends before `@` and `.` only."""
    return Markup(f'<bdi class="address">{ADDRESS.sub(_joint, escape(text))}</bdi>')  # noqa: S704  # what is written is escaped


def _joint(found: re.Match[str]) -> str:
    part = found[0]
    return f"<wbr>{part}" if part in "@." else f"<span>{part}</span>"


@cache
def page_url(endpoint: str) -> str:
    """Return the URL of a page without arguments, worked out once: every page has many of them."""
    return url_for(endpoint)


@cache
def asset(name: str) -> str:
    """Return the URL of a file of `static/`.

    It changes when the file does, so that browsers may keep what they have.
    """
    return url_for(
        "static", filename=name, v=checksum(Path(current_app.static_folder or "") / name)
    )


@cache
def checksum(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:8]


def day(value: date | datetime | None) -> str:
    return f"{value.day} {month(value)}" if value else ""


def moment(value: datetime | None) -> str:
    """Write a moment in the reader's time zone. The foot of each page says which that is."""
    if value is None:
        return ""
    value = value.astimezone(zone())
    return f"{day(value)}, {value.hour:02}:{value.minute:02}"


def month(value: date) -> str:
    return f"{MONTHS[value.month - 1]} {value.year}"


def number(value: int) -> str:
    return f"{value:,}"


def waiting(wait: timedelta) -> str:
    """Return the sentence that asks to wait before the next attempt; empty where none is due."""
    seconds = -(-wait // timedelta(seconds=1))
    if seconds <= 0:
        return ""
    return (
        f"Too many tries. Wait {seconds} seconds, then try again."
        if seconds != 1
        else "Too many tries. Wait a second, then try again."
    )
