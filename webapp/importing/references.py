"""References: which columns hold names of users, and whom each of them means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import func, insert, null, select, update
from sqlalchemy.orm import Session

from webapp.access import attributes
from webapp.importing.dialects import Line
from webapp.importing.headings import Layout
from webapp.importing.tables import Staged
from webapp.models import Kind, Person
from webapp.models.names import key_of

CHUNK = 1000
ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
OF_OTHERS = re.compile(
    r"manager|supervisor|reports.?to|assistant|vorgesetzte|responsable|supérieur|jefe|gerente",
    re.IGNORECASE,
)


def kinds_of(
    session: Session, layout: Layout, lines: Iterator[Line], given: Mapping[str, Kind]
) -> dict[str, Kind]:
    """Return the kind of every attribute: as it is, as it is given, or as its column looks.

    A column looks like one of users by its heading, or where at least half of its values are
    addresses.
    """
    kinds: dict[str, Kind] = {}
    unknown: dict[str, int] = {}
    for name, place in layout.attributes.items():
        known = attributes.named(session, name)
        if known or name in given:
            kinds[name] = known.kind if known else given[name]
        else:
            unknown[name] = place
    filled, addresses = dict.fromkeys(unknown, 0), dict.fromkeys(unknown, 0)
    for _line, row in lines if unknown else ():
        for name, place in unknown.items():
            value = row[place].strip() if place < len(row) else ""
            filled[name] += bool(value)
            addresses[name] += bool(ADDRESS.fullmatch(value))
    for name in unknown:
        of_users = OF_OTHERS.search(name) or 0 < filled[name] <= 2 * addresses[name]
        kinds[name] = Kind.USER if of_users else Kind.TEXT
    return kinds


def find(staged: Staged) -> None:
    """Find out whom the staged values mean: who alone has that user name, address or name.

    A user name counts more than the other two.
    """
    session, rows, named, candidates = staged.session, staged.rows, staged.named, staged.candidates
    for column in staged.of_users:
        key = rows.c[f"{column}_key"]
        new = select(key).where(key != "", key.not_in(select(named.c.key))).distinct()
        session.execute(insert(named).from_select(["key"], new))
    account = select(Person.account_id).where(Person.user_name_key == named.c.key)
    row = select(rows.c.line).where(rows.c.user_name_key == named.c.key, staged.new)
    found = {"account_id": account.scalar_subquery(), "line": row.scalar_subquery()}
    session.execute(update(named).values(found))
    unknown = named.c.account_id.is_(None) & named.c.line.is_(None)
    if session.scalar(select(named.c.key).where(unknown).limit(1)) is None:
        return
    people = select(Person.account_id, null(), Person.display_name, Person.email)
    new_rows = select(null(), rows.c.line, rows.c.display_name, rows.c.email).where(staged.new)
    for asked in (people, new_rows):
        _note(staged, session.execute(asked, execution_options={"yield_per": CHUNK}))
    only = func.count() == 1
    for end in ("account_id", "line"):
        alone = select(func.max(candidates.c[end])).where(candidates.c.key == named.c.key)
        one = alone.group_by(candidates.c.key).having(only).scalar_subquery()
        session.execute(update(named).where(unknown).values({end: one}))


def _note(staged: Staged, people: Iterable[Any]) -> None:
    """Note who of these people has one of the names that are looked for."""
    every = iter(people)
    while some := list(islice(every, CHUNK)):
        owners = {
            (key, account_id, line)
            for account_id, line, *names in some
            for key in map(key_of, names)
            if key
        }
        keys = {key for key, *_ in owners}
        wanted = select(staged.named.c.key).where(
            staged.named.c.key.in_(keys),
            staged.named.c.account_id.is_(None),
            staged.named.c.line.is_(None),
        )
        meant = set(staged.session.scalars(wanted))
        noted = [
            {"key": key, "account_id": account_id, "line": line}
            for key, account_id, line in owners
            if key in meant
        ]
        if noted:
            staged.session.execute(insert(staged.candidates), noted)
