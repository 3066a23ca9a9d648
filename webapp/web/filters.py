"""How values read on a page."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from flask import Flask, current_app, url_for
from jinja2 import StrictUndefined
from jinja2.runtime import Macro
from markupsafe import Markup, escape

from webapp.words import ERASED, users

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]  # English on every machine


class Named(Protocol):
    """A person, or the columns of one."""

    display_name: str
    user_name: str


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
    )
    app.jinja_env.globals.update(ERASED=ERASED, asset=asset)
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
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}" if value else ""


def moment(value: datetime | None) -> str:
    """Write a UTC moment. The page says once that times are UTC."""
    return f"{value.day} {month(value)}, {value.hour:02}:{value.minute:02}" if value else ""


def month(value: date) -> str:
    return f"{MONTHS[value.month - 1][:3]} {value.year}"


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
