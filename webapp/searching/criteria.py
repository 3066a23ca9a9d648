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

from sqlalchemy import ColumnElement, String, Text, bindparam, exists, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, aliased

from webapp.db import Base, Moment
from webapp.events import Recorded
from webapp.models import Account, Event, Meant, Part, Party, Person, Purpose, SignIn, State
from webapp.models.folding import words_of
from webapp.searching import lists
from webapp.states import MANAGED
from webapp.times import now, start_of
from webapp.words import listed

LONGEST = 200  # characters of a keyword
OF_DELETED = (Purpose.ERASE, Purpose.RESTORE)
LAST_SIGN_IN = select(func.max(SignIn.at)).where(SignIn.account_id == Account.id).scalar_subquery()
Acts, Concerns = aliased(Party), aliased(Party)
Actor = aliased(Person)

Asked = Mapping[str, Any]


class Kind(StrEnum):
    """How the form asks: `users/forms.py` makes the fields, `macros/fields.html` draws them."""

    TEXT = "text"
    LIST = "list"
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
    choices: Sequence[tuple[str, str]] = ()  # value and label
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
    """A moment lies within whole UTC days: from, to, or both, each included; or a while ago."""

    kind = Kind.PERIOD
    names_people = False
    choices: Sequence[tuple[str, str]] = (
        ("", "At any time"),
        ("30-days", "In the last 30 days"),
        ("year", "More than a year ago"),
    )

    def __init__(
        self,
        name: str,
        label: str,
        column: InstrumentedAttribute[Any] | ColumnElement[Any],
        pages: Sequence[Purpose],
    ) -> None:
        self.name, self.label, self.column, self.pages = name, label, column, pages

    @property
    def fields(self) -> Sequence[str]:
        return (f"{self.name}_when", f"{self.name}_from", f"{self.name}_to")

    def problem(self, asked: Asked) -> str:
        when, first, last = map(asked.get, self.fields)
        if when and (first or last):
            return "Choose when it was, or enter dates, but not both."
        return "This date lies before the first one." if first and last and last < first else ""

    def parameters(self, asked: Asked) -> dict[str, Any]:
        when, first, last = map(asked.get, self.fields)
        today, values = now().date(), {}
        if first or when == "30-days":
            day = date.fromisoformat(first) if first else today - timedelta(days=30)
            values[f"{self.name}_from"] = start_of(day)
        if last or when == "year":
            day = date.fromisoformat(last) if last else today - timedelta(days=366)
            values[f"{self.name}_before"] = start_of(day) + timedelta(days=1)
        return values

    def condition(self, parameter: str) -> ColumnElement[bool]:
        bound = bindparam(parameter, type_=Moment)
        return self.column >= bound if parameter.endswith("_from") else self.column < bound


class LastSignIn(Period):
    """The same of the last sign-in, which may never have been."""

    choices = (
        *Period.choices,
        ("or_never", "More than a year ago, or never"),
        ("never", "Never"),
    )

    def parameters(self, asked: Asked) -> dict[str, Any]:
        when = asked.get(self.fields[0])
        if when not in ("never", "or_never"):
            return super().parameters(asked)
        (a_year_ago,) = super().parameters({self.fields[0]: "year"}).values()
        return {f"{self.name}_{when}": a_year_ago}

    def condition(self, parameter: str) -> ColumnElement[bool]:
        if parameter.endswith("_or_never"):
            long_ago = self.column < bindparam(parameter, type_=Moment)
            return func.coalesce(long_ago, true())
        if parameter.endswith("_never"):
            return self.column.is_(None)
        return super().condition(parameter)


class Words(Criterion):
    """Every word is part of what is searched of a person, whatever its writing."""

    kind = Kind.TEXT

    def problem(self, asked: Asked) -> str:
        text = asked.get(self.name, "")
        if len(text) > LONGEST:
            return f"Use {LONGEST} characters or fewer."
        return "Type at least one letter or digit." if text and not words_of(text) else ""

    def parameters(self, asked: Asked) -> dict[str, Any]:
        words = words_of(asked.get(self.name, ""))
        return {f"{self.name}_{place}": _pattern(word) for place, word in enumerate(words)}


class Keyword(Words):
    """Every word is part of a name, user name, e-mail address or object id."""

    name, label = "keyword", "Keyword"
    hint = "Part of a name, user name, e-mail address or object id."
    table = Person

    def condition(self, parameter: str) -> ColumnElement[bool]:
        return Person.search_text.contains(bindparam(parameter, type_=Text), escape="/")


def _pattern(word: str) -> str:
    """Return a word for LIKE, in which `%` and `_` stand for themselves.

    A hyphen stands for one, or a blank, or nothing.
    """
    return re.sub("[/%_]", r"/\g<0>", word).replace("-", "%")


class DeletedBy(Words):
    """Who deleted the user is called like this: whoever did so when the present state began."""

    name, label = "deleted_by", "Deleted by"
    hint = "Part of the name, user name or e-mail address of who did it."
    pages = OF_DELETED

    def condition(self, parameter: str) -> ColumnElement[bool]:
        called = Actor.search_text.contains(bindparam(parameter, type_=Text), escape="/")
        return exists(
            select(Concerns.event_id)
            .join(Event, Event.id == Concerns.event_id)
            .join(Acts, (Acts.event_id == Event.id) & (Acts.part == Part.ACTOR))
            .join(Actor, Actor.account_id == Acts.account_id)
            .where(Concerns.account_id == Account.id, Concerns.part == Part.SUBJECT)
            .where(Event.key == Recorded.DELETE.name, Event.at == Account.since, called)
        )


class Listed(Criterion):
    """The user is meant by an entry of a list: `selection.make` looks up who that is."""

    name, kind, label = "list", Kind.LIST, "List of users"
    hint = (
        "E-mail addresses, user names or object ids: one a line, or with commas, semicolons or "
        f"tabs between them. Up to {lists.MOST:,}."
    )

    def problem(self, asked: Asked) -> str:
        text = asked.get(self.name, "")
        if lists.is_too_long(text):
            return f"The list has more than {lists.MOST:,} entries. Use fewer."
        empty = text and not lists.entries(text)
        return "Enter at least one address, name or id." if empty else ""

    def parameters(self, asked: Asked) -> dict[str, Any]:
        return {self.name: True} if self.name in asked else {}

    def condition(self, parameter: str) -> ColumnElement[bool]:
        own = Meant.selection_id == bindparam("selection_id", type_=String)
        return Account.id.in_(select(Meant.account_id).where(own))


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
    Period("since", "Date deleted", Account.since, OF_DELETED),
    LastSignIn("last_sign_in", "Last sign-in", LAST_SIGN_IN, tuple(Purpose)),
    Keyword(),
    DeletedBy(),
    Listed(),
    InState(),
    InDomains(),
)


def problem_with(asked: Asked) -> str:
    """Return the sentence that refuses what is asked for; empty where nothing does."""
    return next(filter(None, (criterion.problem(asked) for criterion in CRITERIA)), "")
