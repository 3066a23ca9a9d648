"""How values read on a page."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from flask import Flask

ERASED = "Erased user"


def install(app: Flask) -> None:
    app.jinja_env.filters.update(day=day, moment=moment, number=number, month=month, users=users)
    app.jinja_env.globals["ERASED"] = ERASED


def day(value: date | datetime | None) -> str:
    return f"{value.day} {value:%B %Y}" if value else ""


def moment(value: datetime | None) -> str:
    """A UTC moment; the page says once that times are UTC."""
    return f"{value.day} {value:%b %Y, %H:%M}" if value else ""


def month(value: date) -> str:
    return f"{value:%b %Y}"


def number(value: int) -> str:
    return f"{value:,}"


def users(value: int) -> str:
    return "1 user" if value == 1 else f"{value:,} users"


def waiting(wait: timedelta) -> str:
    """The sentence that asks to wait before the next try; empty where there is nothing to wait for."""
    seconds = -(-wait // timedelta(seconds=1))
    if seconds <= 0:
        return ""
    return f"Too many tries. Wait {seconds} seconds, then try again." if seconds != 1 else "Too many tries. Wait a second, then try again."
