"""A row becomes a user, or is refused with the reason. What it holds stands in no reason."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from webapp.errors import Invalid
from webapp.importing.dates import Order, is_never, moment_of
from webapp.importing.headings import OF_PERSON, Layout
from webapp.models import Kind, State
from webapp.models.names import UNSEEN, checked_name, key_of
from webapp.models.person import LONGEST

LONGEST_USER_NAME_KEY = 2600  # bytes; PostgreSQL indexes no more
OBJECT_ID = re.compile(r"([0-9a-f]{32})(.*\S)", re.IGNORECASE | re.DOTALL)
ENABLED = {"": None, "true": True, "false": False}
ENABLED |= dict.fromkeys(("active", "provisioned", "staged", "recovery"), True)  # Okta, Google
ENABLED |= dict.fromkeys(("locked_out", "password_expired"), True)
ENABLED |= dict.fromkeys(("suspended", "deprovisioned", "archived"), False)
LANGUAGES = {
    "German": "wahr falsch ja nein",
    "French": "vrai faux oui non",
    "Spanish": "verdadero si sí",
    "Italian": "vero sì",
    "Portuguese": "verdadeiro sim não",
    "Spanish, Italian or Portuguese": "falso",
    "Dutch": "waar onwaar nee",
    "Polish": "prawda fałsz tak nie",
}


@dataclass(frozen=True, kw_only=True)
class Options:
    """What is imported and how; `state` is `live` (the list says who is archived) or `deleted`.

    `columns` names columns by hand, by field. `domain` is that of everyone. Without `dates`, each
    column of dates must settle by itself which number is the day. Of an attribute that is not
    there yet, the kind follows from the column where `kinds` does not say it.
    """

    state: State = State.LIVE
    columns: Mapping[str, str] = field(default_factory=dict)
    domain: str = ""
    attributes: Sequence[str] = ()
    kinds: Mapping[str, Kind] = field(default_factory=dict)  # of new attributes, by name
    dates: Order | None = None
    encoding: str = "utf-8"
    create_domains: bool = False
    skip_invalid: bool = False
    update: bool = False
    archive_missing: bool = False  # live users of the domains of the list who are not in it


@dataclass(frozen=True)
class Reading:
    """What reading a row needs to know; `domains` are the keys of those that there are."""

    layout: Layout
    options: Options
    orders: Mapping[str, Order]  # of the columns of dates
    domains: Mapping[str, int]
    at: datetime


@dataclass(frozen=True)
class User:
    """A row that has been read; `domain` is the name as written."""

    line: int
    key: str
    person: dict[str, str]
    domain: str
    state: State
    state_said: bool  # by this row; otherwise it follows from what is imported
    created_at: datetime
    since: datetime
    attributes: dict[str, str]
    had_object_id: bool


def user_of(line: int, row: list[str], reading: Reading) -> User:
    """Invalid, with the reason, where the row is refused."""
    layout = reading.layout
    row = _fitted(row, layout.width)
    person = {name: row[layout.places[name]] for name in OF_PERSON if name in layout.places}
    attributes = {name: row[place] for name, place in layout.attributes.items()}
    if "\0" in "".join(row):
        raise Invalid("It holds a NUL character.")
    _refuse_too_long(person, attributes, layout)
    state, created_at, since = _life(row, reading)
    had_object_id = state is State.DELETED and _without_object_id(person)
    return User(
        line=line,
        key=_key(person, layout),
        person=person,
        domain=_domain(row, reading),
        state=state,
        state_said=any(layout.text(row, name).strip() for name in ("enabled", "blocked", "state")),
        created_at=created_at,
        since=since,
        attributes=attributes,
        had_object_id=had_object_id,
    )


def _fitted(row: list[str], width: int) -> list[str]:
    """Fill up what spreadsheets leave out at the end of a row."""
    if any(value.strip() for value in row[width:]):
        raise Invalid(f"Its number of fields ({len(row)}) is not that of the first line ({width}).")
    return row[:width] + [""] * (width - len(row))


def _refuse_too_long(
    person: Mapping[str, str], attributes: Mapping[str, str], layout: Layout
) -> None:
    long = [layout.called(name) for name, value in person.items() if len(value) > LONGEST]
    long += [name for name, value in attributes.items() if len(value) > LONGEST]
    if long:
        raise Invalid(f"{long[0]} is longer than {LONGEST:,} characters.")


def _life(row: list[str], reading: Reading) -> tuple[State, datetime, datetime]:
    """Return the state, when the account was created, and since when it is in this state."""
    at, layout = reading.at, reading.layout
    created, deleted, since = (
        _moment(row, reading, what) for what in ("created", "deleted", "since")
    )
    created = None if is_never(created) else created
    state = _state(row, reading)
    if state is State.DELETED:
        deleted = deleted or since
        if is_never(deleted):
            raise Invalid("The date deleted is the one that stands for an empty field.")
        if created and deleted and deleted.date() < created.date():
            raise Invalid("The date deleted is before the date created.")
        return state, created or deleted or at, deleted or at
    if deleted and not is_never(deleted):
        raise Invalid("There is a date deleted: deleted users are imported with --state deleted.")
    if layout.own_export and since:
        return state, created or since, since
    return state, created or at, at if state is State.ARCHIVED else created or at


def _moment(row: list[str], reading: Reading, what: str) -> datetime | None:
    text = reading.layout.text(row, what)
    return moment_of(text, reading.orders[what], what, reading.at) if text else None


def _state(row: list[str], reading: Reading) -> State:
    layout = reading.layout
    if "state" in layout.places:
        stated = layout.text(row, "state").strip().casefold()
        if stated not in list(State):
            raise Invalid(f"{layout.called('state')} is none of {', '.join(State)}.")
        return State(stated)
    enabled, blocked = _enabled(row, layout, "enabled"), _enabled(row, layout, "blocked")
    if reading.options.state is State.DELETED:
        return State.DELETED
    return State.ARCHIVED if enabled is False or blocked else State.LIVE


def _enabled(row: list[str], layout: Layout, field: str) -> bool | None:
    word = layout.text(row, field).strip().casefold()
    if word in ENABLED:
        return ENABLED[word]
    column = layout.called(field)
    for language, words in LANGUAGES.items():
        if word in words.split():
            raise Invalid(f"{column} is a word of {language}: only True and False are accepted.")
    raise Invalid(f"{column} is neither True nor False: only these are accepted.")


def _without_object_id(person: dict[str, str]) -> bool:
    """Give a deleted user the real name back, where the object id stands in front; tell whether.

    Entra ID puts it there, so that the name can be given to somebody else.
    """
    found = OBJECT_ID.fullmatch(person["user_name"].strip())
    object_id = person.get("external_id", "").strip().replace("-", "").casefold()
    if found is None or (object_id and object_id != found[1].casefold()):
        return False
    person["user_name"] = found[2]
    return True


def _key(person: dict[str, str], layout: Layout) -> str:
    column, key = layout.called("user_name"), key_of(person["user_name"])
    if not key:
        raise Invalid(f"There is no user name ({column}).")
    for name in ("user_name", "email"):
        if UNSEEN.search(person.get(name, "").strip(" ")):
            raise Invalid(f"{layout.called(name)} holds a character that cannot be seen.")
    if len(key.encode()) > LONGEST_USER_NAME_KEY:
        raise Invalid(f"{column} is too long.")
    return key


def _domain(row: list[str], reading: Reading) -> str:
    options, column = reading.options, reading.layout.called("domain")
    name = options.domain or reading.layout.text(row, "domain")
    key = key_of(name)
    if not key:
        raise Invalid(f"There is no domain ({column}).")
    if key not in reading.domains and not options.create_domains:
        raise Invalid(
            "There is no domain of the name given. "
            "Add it with `flask domains add`, or use --create-domains."
        )
    return name if key in reading.domains else checked_name(name, f"domain ({column})")
