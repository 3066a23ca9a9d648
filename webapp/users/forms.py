"""The search form of a page. Its fields are those of the criteria that the page asks for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any, ClassVar

from sqlalchemy import Row
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from webapp.models import Purpose, Selection
from webapp.searching.criteria import CRITERIA, Asked, Criterion, Kind
from webapp.searching.lists import entries
from webapp.web.filters import day
from webapp.web.forms import Choice, Day, Domains, Form
from webapp.words import listed

NAMED = 3  # domains


class SearchForm(Form):
    """What can be asked for on one page: see `_form`."""

    criteria: ClassVar[Sequence[Criterion]]

    @property
    def asked(self) -> dict[str, Any]:
        """What is asked for, by field, as a selection keeps it."""
        fields = (field for criterion in self.criteria for field in criterion.fields)
        given = {field: _as_kept(self[field].data) for field in fields}
        return {field: value for field, value in given.items() if value}

    def validate(self, extra_validators: Any = None) -> bool:
        """Tell whether every field can be read, and every criterion can be searched by."""
        checks = {each.fields[-1]: [partial(_check, each)] for each in self.criteria}
        return bool(super().validate(checks))


def search_form(
    purpose: Purpose, offered: Sequence[Row[int, str]], shown: Selection | None = None
) -> SearchForm:
    """Return the form of one page, filled with what the selection shown asks for."""
    form = FORMS[purpose](data=shown.asked if shown else None)
    for field in form:
        if isinstance(field, Domains):
            field.offer(offered)
    return form


def in_words(purpose: Purpose, asked: Asked, offered: Sequence[Row[int, str]]) -> str:
    """Return what is asked for as one reads it: `keyword “anna” · date deleted from 1 May 2025`."""
    said = [
        _in_words(criterion, asked, offered)
        for criterion in FORMS[purpose].criteria
        if any(field in asked for field in criterion.fields)
    ]
    return " · ".join(said) or "everyone in your domains"


def _in_words(criterion: Criterion, asked: Asked, offered: Sequence[Row[int, str]]) -> str:
    first: Any = asked.get(criterion.fields[0])
    match criterion.kind:
        case Kind.TEXT:
            return f"{criterion.label.lower()} “{first}”"
        case Kind.LIST:
            return f"a list of {len(entries(first)):,}"
        case Kind.PERIOD if first:
            return f"{criterion.label.lower()} {dict(criterion.choices)[first].lower()}"
        case Kind.PERIOD:
            days = [
                f"{word} {day(date.fromisoformat(asked[field]))}"
                for word, field in zip(("from", "to"), criterion.fields[1:], strict=True)
                if field in asked
            ]
            return f"{criterion.label.lower()} {' '.join(days)}"
        case Kind.CHOICE:
            return dict(criterion.choices)[first].lower()
        case Kind.DOMAINS:
            names = [name for domain_id, name in offered if domain_id in first]
            return listed(names) if 0 < len(names) <= NAMED else f"{len(names)} domains"


def _as_kept(data: Any) -> Any:
    if isinstance(data, date):
        return data.isoformat()
    return data.strip() if isinstance(data, str) else data


def _check(criterion: Criterion, form: SearchForm, _field: Any) -> None:
    if problem := criterion.problem(form.asked):
        raise ValidationError(problem)


def _form(purpose: Purpose) -> type[SearchForm]:
    """Make the class of one page's form, with a field for each name in `Criterion.fields`."""

    class Offered(SearchForm):
        criteria = tuple(criterion for criterion in CRITERIA if purpose in criterion.pages)

    for criterion in Offered.criteria:
        for name, field in zip(criterion.fields, _fields(criterion), strict=True):
            setattr(Offered, name, field)
    return Offered


def _fields(criterion: Criterion) -> Sequence[Any]:
    match criterion.kind:
        case Kind.TEXT:
            return (StringField(criterion.label),)
        case Kind.LIST:
            return (TextAreaField(criterion.label),)
        case Kind.PERIOD:
            return _choice(criterion), Day("From"), Day("To")
        case Kind.CHOICE:
            return (_choice(criterion),)
        case Kind.DOMAINS:
            return (Domains(criterion.label),)


def _choice(criterion: Criterion) -> Any:
    choices = [Choice(*choice) for choice in criterion.choices]
    return SelectField(criterion.label, default="", choices=choices)


FORMS = {purpose: _form(purpose) for purpose in Purpose}
