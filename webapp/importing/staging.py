"""Staging: check the rows of a list and lay them, and what they change, into temporary tables.

Nothing but temporary tables is written, so that everybody else can go on writing meanwhile.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    Function,
    Row,
    Select,
    Text,
    bindparam,
    cast,
    column,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.orm import Session

from webapp.access.attributes import Referred, said
from webapp.errors import Invalid
from webapp.importing.headings import OF_PERSON
from webapp.importing.tables import Staged
from webapp.importing.users import Reading, User, user_of
from webapp.models import Account, Attribute, AttributeValue, Domain, Person, State
from webapp.models.names import key_of
from webapp.models.person import derived

Refusal = tuple[int, str]  # line on which a row starts, reason

TWICE = "Its user name stands in an earlier row already, perhaps in other capitals."
TAKEN = "Its user name is that of an existing user already, perhaps in other capitals."
HELD = (
    "Its user name is that of a deleted user. Restore that user, or erase them, and import again."
)
NOT_DELETED = "The user is not deleted here: delete them in User Management first."
WAYS_TO_NAME = {
    "user_name": Referred.user_name,
    "display_name": Referred.display_name,
    "email": Referred.email,
}
SEARCHED = ("user_name", "display_name", "given_name", "surname", "email", "external_id")


def stage(
    staged: Staged, chunk: list[tuple[int, list[str]]], reading: Reading
) -> tuple[int, list[Refusal]]:
    """Check the rows of a chunk and lay them down.

    Return how many user names had an object id in front, and what is refused.
    """
    users, refusals = _read(chunk, reading)
    there: dict[str, int] = {}
    for key, account_id, earlier in _there(staged, list(users)):
        if earlier:
            refusals.append((users.pop(key).line, TWICE))
        elif account_id:
            there[key] = account_id
    changes: list[dict[str, Any]] = []
    seen: list[dict[str, Any]] = []
    renamed: dict[str, dict[str, str]] = {}
    for found in _found(staged, there):
        user = users[found.user_name_key]
        refused = _refused(user, found.state, update=reading.options.update)
        if refused:
            refusals.append((users.pop(user.key).line, refused))
            continue
        changed = _changes(staged, user, found)
        if changed:
            here = {"account_id": found.account_id}
            changes += [here | change for change in changed]
            seen.append(here | {"state": found.state.value, "domain_id": found.domain_id})
            names = {name: user.person.get(name, getattr(found, name)) for name in SEARCHED}
            renamed[user.key] = derived(**names)
    rows = [_row(staged, user, there, renamed) for user in users.values()]
    for table, laid in ((staged.rows, rows), (staged.changes, changes), (staged.seen, seen)):
        if laid:
            staged.session.connection().execute(insert(table), laid)
    return sum(user.had_object_id for user in users.values()), sorted(refusals)


def _read(
    chunk: list[tuple[int, list[str]]], reading: Reading
) -> tuple[dict[str, User], list[Refusal]]:
    """Return the users of a chunk by key, and what is refused of it."""
    users: dict[str, User] = {}
    refusals: list[Refusal] = []
    for line, row in chunk:
        try:
            user = user_of(line, row, reading)
        except Invalid as invalid:
            refusals.append((line, invalid.sentence))
            continue
        if user.key in users:
            refusals.append((line, TWICE))
        else:
            users[user.key] = user
    return users, refusals


def _there(staged: Staged, keys: list[str]) -> Sequence[Row[str, int | None, int | None]]:
    """Return the keys that an account or an earlier row has already, with the account or the line.

    Each key is looked up by itself: for a join or an `IN`, PostgreSQL plans while there are few
    people, and then reads all of them for every chunk (100,000 rows with `IN`: 110 s).
    """
    if not keys:
        return []
    key = _listed(staged.session).table_valued(column("value", Text)).c.value
    account = select(Person.account_id).where(Person.user_name_key == key)
    earlier = select(staged.rows.c.line).where(staged.rows.c.user_name_key == key)
    asked = select(key, account.scalar_subquery(), earlier.scalar_subquery())
    found = staged.session.execute(asked, {"keys": json.dumps(keys)})
    return [row for row in found if row[1] or row[2]]


def _listed(session: Session) -> Function[Any]:
    """Return a table of the texts in the parameter `keys`, a list in JSON: one, not a thousand."""
    if session.get_bind().dialect.name == "sqlite":
        return func.json_each(bindparam("keys", type_=Text))
    return func.json_array_elements_text(cast(bindparam("keys", type_=Text), JSON))


def _found(staged: Staged, there: Mapping[str, int]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return what the database says of these users: a column for every one of `rows`."""
    if not there:
        return []
    names = (getattr(Person, name) for name in OF_PERSON)
    asked = (
        select(
            Person.account_id,
            Person.user_name_key,
            Account.state,
            Account.domain_id,
            Domain.name.label("domain"),
            Domain.name_key.label("domain_key"),
            *names,
            *(_value(name).label(column) for column, name in staged.attributes.items()),
            *(
                _value(staged.attributes[column], who).label(f"{column}_{name}")
                for column in staged.of_users
                for name, who in WAYS_TO_NAME.items()
            ),
        )
        .join(Account, Account.id == Person.account_id)
        .join(Domain, Domain.id == Account.domain_id)
        .where(Person.account_id.in_(there.values()))
    )
    return staged.session.execute(asked).all()


def _value(name: str, who: Any = Referred.user_name) -> Any:
    value = select(said(who)).join(Attribute)
    mine = (AttributeValue.account_id == Person.account_id, Attribute.name_key == key_of(name))
    return func.coalesce(value.where(*mine).scalar_subquery(), "")


def _refused(user: User, here: State, *, update: bool) -> str:
    """Return why a user that is there already is refused; nothing where they are not."""
    if user.state is State.DELETED and here is not State.DELETED:
        return NOT_DELETED if update else TAKEN
    if here is State.DELETED and user.state is not State.DELETED:
        return HELD
    return "" if update else (HELD if here is State.DELETED else TAKEN)


def _changes(staged: Staged, user: User, found: Row[*tuple[Any, ...]]) -> list[dict[str, str]]:
    """Return what the row says differently, as far as it says something."""
    values = dict(user.person)
    values |= {column: user.attributes[name] for column, name in staged.attributes.items()}
    if user.state_said:
        values["state"] = user.state.value
    if key_of(user.domain) != found.domain_key:
        values["domain"] = user.domain
    for what in staged.of_users:
        names = (getattr(found, f"{what}_{way}") for way in WAYS_TO_NAME)
        if values[what] and key_of(values[what]) in map(
            key_of, names
        ):  # the same person, named in another way
            del values[what]
    return [
        {"what": what, "before": getattr(found, what), "after": after}
        for what, after in values.items()
        if getattr(found, what) != after
    ]


def _row(
    staged: Staged,
    user: User,
    there: Mapping[str, int],
    renamed: Mapping[str, dict[str, str]],
) -> dict[str, Any]:
    person = dict.fromkeys(OF_PERSON, "") | user.person
    if "display_name" not in user.person:
        names = (person["given_name"].strip(), person["surname"].strip())
        person["display_name"] = " ".join(filter(None, names))
    made = renamed.get(user.key) or derived(**{name: person[name] for name in SEARCHED})
    return {
        "line": user.line,
        "account_id": there.get(user.key),
        "key": secrets.token_hex(16),
        "domain": user.domain,
        "domain_key": key_of(user.domain),
        "state": user.state.value,
        "created_at": user.created_at,
        "since": user.since,
        **person,
        **made,
        **{column: user.attributes[name] for column, name in staged.attributes.items()},
        **{
            f"{column}_key": key_of(user.attributes[staged.attributes[column]])
            for column in staged.of_users
        },
    }


def stage_missing(staged: Staged) -> None:
    """Lay down that live users of the domains of the list who are not in it are to be archived."""
    named = select(staged.rows.c.domain_key)
    in_list = select(staged.rows.c.account_id).where(~staged.new)
    missing: Select[int, str, int] = (
        select(Account.id, literal(State.LIVE.value), Account.domain_id)
        .join(Domain)
        .where(Account.state == State.LIVE, Domain.name_key.in_(named), Account.id.not_in(in_list))
    )
    session, seen, changes = staged.session, staged.seen, staged.changes
    session.execute(insert(seen).from_select(["account_id", "state", "domain_id"], missing))
    archived = select(
        seen.c.account_id,
        literal("state"),
        literal(State.LIVE.value),
        literal(State.ARCHIVED.value),
    ).where(seen.c.account_id.not_in(in_list))
    session.execute(
        insert(changes).from_select(["account_id", "what", "before", "after"], archived)
    )
