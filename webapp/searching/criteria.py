"""What users can be searched by. Each criterion is one object, and CRITERIA lists them.

A criterion says how the form asks for it, and what that means in SQL. What is asked for is a
mapping by field of the form, without the fields left empty, and is kept as it is: text, numbers,
lists of them, and days as 2025-05-20.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam
from sqlalchemy.orm import InstrumentedAttribute

from webapp.db import Base, Moment
from webapp.models import Account, Person, Purpose, State
from webapp.models.person import searchable
from webapp.states import MANAGED
from webapp.times import start_of
from webapp.words import listed

LONGEST = 200  # characters of a keyword

Asked = Mapping[str, Any]


class Kind(StrEnum):
    """How the form asks: `users/forms.py` makes the fields, `macros/fields.html` draws them."""

    TEXT = "text"
    PERIOD = "period"
    CHOICE = "choice"
    DOMAINS = "domains"


@dataclass(frozen=True)
class Scope:
    """The states and the domains that a search looks in, whatever else is asked for."""

    states: tuple[State, ...]
    domain_ids: Sequence[int]


class Criterion:
    """One thing that can be asked for: it narrows the scope, or sets conditions, or both.

    There is one condition for each of its parameters. Their names alone decide the SQL, so that it
    is put together once for each set of names; their values are passed beside it.
    """

    name: str
    kind: Kind
    label: str
    hint: str = ""
    choices: Sequence[tuple[str, str]] = ()  # value and label, where the kind is CHOICE
    pages: Sequence[Purpose] = tuple(Purpose)
    names_people: bool = True  # whether what is asked for may name somebody: see Selection
    table: type[Base] = Account  # what its conditions look at; Person is joined where one does

    @property
    def fields(self) -> Sequence[str]:
        """The names of its fields on the form."""
        return (self.name,)

    def problem(self, asked: Asked) -> str:
        """Return the sentence that refuses what is asked for; empty where it can be searched by."""
        return ""

    def narrow(self, scope: Scope, asked: Asked) -> Scope:
        """Return the part of `scope` that is asked for."""
        return scope

    def parameters(self, asked: Asked) -> dict[str, Any]:
        """Return the values of its conditions; none where nothing is asked for."""
        return {}

    def condition(self, parameter: str) -> ColumnElement[bool]:
        """Return what must hold for a user to be found, given the parameter of this name."""
        raise NotImplementedError


class Period(Criterion):
    """A moment lies within whole UTC days: from, to, or both, each included."""

    kind = Kind.PERIOD
    names_people = False

    def __init__(
        self,
        name: str,
        label: str,
        column: InstrumentedAttribute[Any],
        pages: Sequence[Purpose],
    ) -> None:
        self.name, self.label, self.column, self.pages = name, label, column, pages

    @property
    def fields(self) -> Sequence[str]:
        return (f"{self.name}_from", f"{self.name}_to")

    def problem(self, asked: Asked) -> str:
        first, last = map(asked.get, self.fields)
        return "This date lies before the first one." if first and last and last < first else ""

    def parameters(self, asked: Asked) -> dict[str, Any]:
        first, last = map(asked.get, self.fields)
        values = {}
        if first:
            values[f"{self.name}_from"] = start_of(date.fromisoformat(first))
        if last:
            values[f"{self.name}_before"] = start_of(date.fromisoformat(last)) + timedelta(days=1)
        return values

    def condition(self, parameter: str) -> ColumnElement[bool]:
        bound = bindparam(parameter, type_=Moment)
        return self.column >= bound if parameter == self.fields[0] else self.column < bound


class Keyword(Criterion):
    """Every word is part of a name, user name or e-mail address, without capitals and accents."""

    name, kind, label = "keyword", Kind.TEXT, "Keyword"
    hint = "Part of a name, user name or e-mail address."
    table = Person

    def problem(self, asked: Asked) -> str:
        keyword = asked.get(self.name, "")
        if len(keyword) > LONGEST:
            return f"Use {LONGEST} characters or fewer."
        return "Type at least one letter or digit." if keyword and not searchable(keyword) else ""

    def parameters(self, asked: Asked) -> dict[str, Any]:
        words = searchable(asked.get(self.name, "")).split()
        return {f"{self.name}_{place}": _literally(word) for place, word in enumerate(words)}

    def condition(self, parameter: str) -> ColumnElement[bool]:
        return Person.search_text.contains(bindparam(parameter, type_=Text), escape="/")


def _literally(word: str) -> str:
    """Return a word for LIKE, in which `%` and `_` stand for themselves."""
    return re.sub("[/%_]", r"/\g<0>", word)


class InState(Criterion):
    """The user is in this state. Asked for where a search finds users in several."""

    name, kind, label = "state", Kind.CHOICE, "State"
    choices = (
        ("", listed(MANAGED).capitalize()),
        *((state.value, state.capitalize()) for state in MANAGED),
    )
    pages = (Purpose.MANAGE,)
    names_people = False

    def narrow(self, scope: Scope, asked: Asked) -> Scope:
        wanted = asked.get(self.name)
        return replace(scope, states=(State(wanted),)) if wanted in scope.states else scope


class InDomains(Criterion):
    """The user is in one of these domains, as far as the person who searches may see them now."""

    name, kind, label = "domains", Kind.DOMAINS, "Associated domain"
    names_people = False

    def narrow(self, scope: Scope, asked: Asked) -> Scope:
        if self.name not in asked:
            return scope
        wanted = set(asked[self.name])
        return replace(scope, domain_ids=[i for i in scope.domain_ids if i in wanted])


CRITERIA: Sequence[Criterion] = (  # in the order of the form
    Period("since", "Date deleted", Account.since, (Purpose.ERASE, Purpose.RESTORE)),
    Keyword(),
    InState(),
    InDomains(),
)


def problem_with(asked: Asked) -> str:
    """Return the sentence that refuses what is asked for; empty where nothing does."""
    return next(filter(None, (criterion.problem(asked) for criterion in CRITERIA)), "")
