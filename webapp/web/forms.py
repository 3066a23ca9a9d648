"""Forms: dates as people write them, and choices of domains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from sqlalchemy import Row
from wtforms import DateField, SelectMultipleField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import Optional, ValidationError

from webapp.db import db
from webapp.errors import Gone, NotAllowed, Refused

Choice = SelectChoice
LARGEST = 2**31 - 1  # of an id
NO_DATE = "Enter a date that exists, such as 24/11/2026."
FIRST_YEAR, LAST_YEAR = 1900, 2999
FAR_AWAY = f"Enter a date between the years {FIRST_YEAR} and {LAST_YEAR}."
FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"]


class Form(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """A form that is sent by POST. Its fields are text: a file part and JSON are none of them."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # as above
        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Read the text that was sent; flask-wtf would read files and JSON into any field."""
            return request.form if request.method == "POST" else None


@contextmanager
def said_at(field: Any) -> Iterator[None]:
    """Say what is refused in this block beside the field, so that what was typed is not lost.

    What had been changed in the block is undone. That somebody may not do it, or that something is
    not there any more, is no mistake of the field.
    """
    try:
        with db.session.begin_nested():
            yield
    except (Gone, NotAllowed):
        raise
    except Refused as refused:
        field.errors = [f"{refused.sentence} {refused.next_step}".rstrip()]


def number_sent(name: str) -> int:
    """Return the whole number in a field that nobody types in; Gone where it is none."""
    number = request.form.get(name, type=int)
    if number is None or not 0 < number <= LARGEST:
        raise Gone("There is no such thing, or not any more.", "Load the page again.")
    return number


class FilterForm(FlaskForm):  # type: ignore[misc]  # as above
    """A form that is sent by GET. It changes nothing and holds nothing personal: no token."""

    class Meta:
        csrf = False

    @property
    def arguments(self) -> dict[str, list[str]]:
        """Return the part of the URL that says what is filtered for."""
        return {name: request.args.getlist(name) for name in self._fields if name in request.args}


class Day(DateField):
    """A whole day, or nothing."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, [Optional()], format=FORMATS, **options)

    def process_data(self, value: Any) -> None:
        """Take a day that is kept as text, too."""
        super().process_data(date.fromisoformat(value) if isinstance(value, str) else value)

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(NO_DATE) from error
        if self.data and not FIRST_YEAR <= self.data.year <= LAST_YEAR:
            self.data = None
            raise ValueError(FAR_AWAY)


class Domains(SelectMultipleField):
    """Some of the domains that the reader may choose from; none ticked means all of them."""

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, coerce=int, **options)

    def offer(self, domains: Sequence[Row[int, str]]) -> None:
        self.offered = domains

    @property
    def ticked(self) -> set[int]:
        return set(self.data or ())

    @property
    def asked_for(self) -> list[int]:
        """The ids of the domains ticked; of all that are offered where none is."""
        ticked = self.ticked
        return [domain.id for domain in self.offered if not ticked or domain.id in ticked]

    def pre_validate(self, form: Any) -> None:
        if not self.ticked <= {domain.id for domain in self.offered}:
            raise ValidationError("Choose from the domains shown.")


def in_order(earlier: date | None, later: date | None) -> bool:
    return earlier is None or later is None or earlier <= later
