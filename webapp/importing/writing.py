"""Importing users from a CSV export.

Rows are read and checked one by one, and written in chunks, so that memory does not grow with the
file. A refused row is reported by the line on which it starts, and a reason. What a row holds is
personal and stands in no message and no exception. Refusals are raised outside of any `except`, so
that they do not drag along the one that quotes it.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from sqlalchemy import Connection, Row, Text, column, func, insert, select
from sqlalchemy import values as rows_of
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.access import domains
from webapp.errors import Invalid, Refused
from webapp.events import Recorded, record
from webapp.importing.reading import OF_PERSON, Layout, Line, layout_of, lines_of, moment_of
from webapp.models import Account, Attribute, AttributeValue, BilledSpan, Domain, Person, State
from webapp.models.names import checked_name, key_of
from webapp.models.person import LONGEST, derived
from webapp.times import month_of

CHUNK = 1000  # rows checked and written at a time
LONGEST_USER_NAME_KEY = 2600  # bytes; PostgreSQL indexes no more


Report = Callable[[int, str], None]  # line on which a refused row starts, reason
Refusal = tuple[int, str]  # line on which a row starts, reason

TWICE = "Its user name stands in an earlier row already, perhaps in other capitals."
TAKEN = "Its user name is that of an existing user already, perhaps in other capitals."


@dataclass(frozen=True, kw_only=True)
class Options:
    """What is imported and how.

    `state` is `live` (the export says who is archived instead) or `deleted`.
    """

    state: State = State.LIVE
    domain_column: str = "companyName"
    attributes: Sequence[str] = ()
    create_domains: bool = False
    skip_invalid: bool = False


@dataclass(frozen=True)
class Imported:
    """How many users were imported and how many rows were refused."""

    users: int
    refused: int


def import_users(
    session: Session, file: BinaryIO, at: datetime, options: Options, report: Report
) -> Imported:
    """Import the users of `file`, and close it.

    Refused where it cannot be done; the caller then rolls the transaction back.
    """
    with io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        lines = lines_of(text)
        heading = next(lines, (1, []))[1]
        deleted = options.state == State.DELETED
        layout = layout_of(
            heading,
            domain_column=options.domain_column,
            attributes=options.attributes,
            needs_deleted=deleted,
        )
        known = _Known.of(session, options)
        number: Counter[int] = Counter()  # of users by domain
        refused = 0
        while chunk := list(islice(lines, CHUNK)):
            users, refusals = _checked(session, chunk, layout, options, known, at)
            for line, reason in sorted(refusals):
                report(line, reason)
            number.update(_write(session, users, known, at))
            refused += len(refusals)
    if refused and not options.skip_invalid:
        raise Refused(
            f"{refused:,} {'row is' if refused == 1 else 'rows are'} refused.",
            "Correct the file, or leave such rows out with --skip-invalid.",
        )
    for domain_id, users_of_domain in sorted(number.items()):
        record(
            session, Recorded.IMPORT, at, actor_id=None, domain_id=domain_id, number=users_of_domain
        )
    session.flush()
    return Imported(number.total(), refused)


@dataclass(frozen=True)
class _Known:
    """What the database holds: domains by key, attributes by the name of their column.

    `last_account` is the last one before the import.
    """

    domains: dict[str, int]
    attributes: dict[str, int]
    last_account: int

    @classmethod
    def of(cls, session: Session, options: Options) -> _Known:
        domains = dict(session.execute(select(Domain.name_key, Domain.id)).all())
        attributes = {name: _attribute(session, name) for name in options.attributes}
        return cls(domains, attributes, session.scalar(select(func.max(Account.id))) or 0)


def _attribute(session: Session, name: str) -> int:
    """The attribute of this name, made where there is none."""
    name = checked_name(name, "attribute")
    found = session.scalar(
        select(Attribute).where(Attribute.name_key == key_of(name))
    ) or Attribute(name=name, name_key=key_of(name))
    session.add(found)
    session.flush()
    return found.id


@dataclass(frozen=True)
class _User:
    """A row that has been read; `domain` is the name as written."""

    line: int
    key: str
    person: dict[str, str]
    domain: str
    state: State
    created_at: datetime
    since: datetime
    attributes: dict[str, str]


def _checked(
    session: Session,
    chunk: list[Line],
    layout: Layout,
    options: Options,
    known: _Known,
    at: datetime,
) -> tuple[list[_User], list[Refusal]]:
    """The users of a chunk by key, and what is refused of it."""
    users: dict[str, _User] = {}
    refusals: list[Refusal] = []
    for line, row in chunk:
        try:
            user = _user(line, row, layout, options, known, at)
        except Invalid as invalid:
            refusals.append((line, invalid.sentence))
            continue
        if user.key in users:
            refusals.append((line, TWICE))
        else:
            users[user.key] = user
    for key, account_id in _there(session, list(users)):
        refusals.append((users.pop(key).line, TWICE if account_id > known.last_account else TAKEN))
    return list(users.values()), refusals


def _there(session: Session, keys: list[str]) -> Sequence[Row[str, int]]:
    """Return the key and the account of those of these users that there are already.

    Each key is looked up by itself: for a join or an `IN`, PostgreSQL plans while there are few
    people, and then reads all of them for every chunk (100,000 rows with `IN`: 110 s).
    """
    if not keys:
        return []
    typed = rows_of(column("key", Text), name="typed").data([(key,) for key in keys]).cte()
    account = select(Person.account_id).where(Person.user_name_key == typed.c.key)
    asked = select(typed.c.key, account.scalar_subquery().label("account_id"))
    return [row for row in session.execute(asked) if row.account_id is not None]


def _user(
    line: int, row: list[str], layout: Layout, options: Options, known: _Known, at: datetime
) -> _User:
    """Invalid, with the reason, where the row is refused."""
    if len(row) != layout.width:
        raise Invalid(
            f"Its number of fields ({len(row)}) is not that of the first line ({layout.width})."
        )
    person = {field: row[place] for field, place in layout.of_person.items()}
    attributes = {name: row[place] for name, place in layout.attributes.items()}
    if "\0" in "".join(row):
        raise Invalid("It holds a NUL character.")
    _refuse_too_long({OF_PERSON[field][0]: value for field, value in person.items()} | attributes)
    state, since = _state(row, layout, options, at)
    created_at = moment_of(row, layout.created, "created") or at
    return _User(
        line=line,
        key=_key(person["user_name"]),
        person=person,
        domain=_domain(row[layout.domain], options, known),
        state=state,
        created_at=created_at,
        since=since or created_at,
        attributes=attributes,
    )


def _refuse_too_long(values: dict[str, str]) -> None:
    for name, value in values.items():
        if len(value) > LONGEST:
            raise Invalid(f"{name} is longer than {LONGEST:,} characters.")


def _state(
    row: list[str], layout: Layout, options: Options, at: datetime
) -> tuple[State, datetime | None]:
    """The state and since when; None for a live user: since they were created."""
    enabled = row[layout.enabled].strip().casefold() if layout.enabled is not None else ""
    if enabled not in ("true", "false", ""):
        raise Invalid("accountEnabled is neither True nor False.")
    deleted_at = moment_of(row, layout.deleted, "deleted")
    if options.state == State.DELETED:
        return State.DELETED, deleted_at or at
    if deleted_at:
        raise Invalid("There is a date deleted: deleted users are imported with --state deleted.")
    return (State.ARCHIVED, at) if enabled == "false" else (State.LIVE, None)


def _key(user_name: str) -> str:
    key = key_of(user_name)
    if not key:
        raise Invalid("There is no user name (userPrincipalName).")
    if len(key.encode()) > LONGEST_USER_NAME_KEY:
        raise Invalid("userPrincipalName is too long.")
    return key


def _domain(name: str, options: Options, known: _Known) -> str:
    key = key_of(name)
    if not key:
        raise Invalid(f"There is no domain ({options.domain_column}).")
    if key in known.domains:
        return name
    if not options.create_domains:
        raise Invalid(
            "There is no domain of the name given. "
            "Add it with `flask domains add`, or use --create-domains."
        )
    return checked_name(name, f"domain ({options.domain_column})")


def _write(session: Session, users: list[_User], known: _Known, at: datetime) -> Counter[int]:
    """Write the users of a chunk; how many there are by domain."""
    if not users:
        return Counter()
    domain_ids = [_domain_id(session, user.domain, known, at) for user in users]
    accounts = [
        {
            "domain_id": domain_id,
            "state": user.state,
            "created_at": user.created_at,
            "since": user.since,
        }
        for domain_id, user in zip(domain_ids, users, strict=True)
    ]
    connection = session.connection()
    ids = connection.scalars(
        insert(Account).returning(Account.id, sort_by_parameter_order=True), accounts
    ).all()
    _insert_people(
        connection,
        [
            {"account_id": account_id, **user.person, **_derived(user.person)}
            for account_id, user in zip(ids, users, strict=True)
        ],
    )
    values = [
        {"account_id": account_id, "attribute_id": known.attributes[name], "value": value}
        for account_id, user in zip(ids, users, strict=True)
        for name, value in user.attributes.items()
        if value
    ]
    spans = [
        {
            "account_id": account_id,
            "domain_id": domain_id,
            "first_month": month_of(at),
        }  # the platform has not seen earlier months
        for account_id, domain_id, user in zip(ids, domain_ids, users, strict=True)
        if user.state == State.LIVE
    ]
    for model, rows in ((AttributeValue, values), (BilledSpan, spans)):
        if rows:
            connection.execute(insert(model), rows)
    return Counter(domain_ids)


def _domain_id(session: Session, name: str, known: _Known, at: datetime) -> int:
    """The domain of this name, made where there is none."""
    key = key_of(name)
    if key not in known.domains:
        known.domains[key] = domains.add(session, name, at, actor_id=None)
    return known.domains[key]


def _derived(person: dict[str, str]) -> dict[str, str]:
    return derived(
        **{
            field: person.get(field, "")
            for field in ("user_name", "display_name", "given_name", "surname", "email")
        }
    )


def _insert_people(connection: Connection, people: Sequence[Mapping[str, object]]) -> None:
    """Insert them; Refused where someone else has added one since they were looked for.

    The database's own message would name them.
    """
    clash = False
    try:
        connection.execute(insert(Person), people)
    except IntegrityError:
        clash = True
    if clash:
        raise Refused(
            "A user of the file was added by someone else in the meantime.",
            "Import the file again.",
        )
