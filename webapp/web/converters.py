"""Parts of URLs that are not plain text."""

from __future__ import annotations

from datetime import date

from flask import Flask
from werkzeug.routing import BaseConverter

from webapp.models import Verb


class VerbConverter(BaseConverter):
    regex = "|".join(verb.value for verb in Verb)

    def to_python(self, value: str) -> Verb:
        return Verb(value)


class MonthConverter(BaseConverter):
    """A month is written `2026-11`, and in Python is its first day."""

    regex = r"[12][0-9]{3}-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(f"{value}-01")

    def to_url(self, value: date) -> str:
        return f"{value:%Y-%m}"


def install(app: Flask) -> None:
    app.url_map.converters.update(verb=VerbConverter, month=MonthConverter)
