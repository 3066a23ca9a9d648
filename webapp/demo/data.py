"""Load the demo: the same data every time, but for the salt of the passwords."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.db import Base
from webapp.demo import activity
from webapp.demo.activity import Happened
from webapp.demo.cast import Member, all_members, eraser
from webapp.demo.chance import dice
from webapp.demo.domains import DOMAINS
from webapp.demo.lives import ERASED, Life, all_lives
from webapp.demo.people import ROLES
from webapp.demo.persons import Made, demo_person, made_up
from webapp.errors import Refused
from webapp.events import Recorded
from webapp.identity.passwords import hashed
from webapp.lifecycle import erase
from webapp.models import (
    Account,
    Attribute,
    AttributeValue,
    BilledSpan,
    By,
    Contact,
    Domain,
    ErasedSpan,
    Event,
    Grant,
    Part,
    Party,
    Person,
    Receipt,
    ReceiptLine,
    Role,
    RolePermission,
    SignIn,
)
from webapp.models.event import RANDOM_BITS, day_bits
from webapp.models.names import key_of
from webapp.models.personal import personal_tables

CHUNK = 1000
ATTRIBUTES = ("Department", "Job title", "Country")

Rows = list[dict[str, Any]]


def load(session: Session) -> None:
    """Fill an empty database in the transaction of `session`; Refused where it is not empty."""
    if any(
        session.scalar(select(column).limit(1)) is not None
        for column in (Account.id, Domain.id, Role.id, Attribute.id)
    ):
        raise Refused(
            "The database holds data already.", "The demo data was not loaded; nothing has changed."
        )
    connection = session.connection()
    members, lives = all_members(), all_lives()
    domain_ids = _named(connection, Domain.id, [domain.name for domain in DOMAINS])
    present = [life for life in lives if life.state is not ERASED]
    everyone = [member.life for member in members] + present
    _accounts(connection, everyone, domain_ids)
    _people(connection, members, present)
    _billing(connection, everyone, [life for life in lives if life.state is ERASED], domain_ids)
    _permissions(connection, members, domain_ids)
    _insert(connection, SignIn, activity.sign_ins(members, lives))
    erasures = _erasures(connection, members, lives, domain_ids)
    _events(connection, activity.events(members, lives) + erasures, domain_ids)


def _accounts(connection: Connection, lives: list[Life], domain_ids: list[int]) -> None:
    chance = dice("keys")
    rows = [
        {
            "key": f"{chance.getrandbits(128):032x}",
            "domain_id": domain_ids[life.domain],
            "state": life.state,
            "created_at": life.created_at,
            "since": life.since,
        }
        for life in lives
    ]
    ids = _insert_returning(connection, Account.id, rows)
    for life, account_id in zip(lives, ids, strict=True):
        life.account_id = account_id


def _billing(
    connection: Connection, lives: list[Life], erased: list[Life], domain_ids: list[int]
) -> None:
    columns = ("domain_id", "first_month", "last_month")
    spans = [
        {"account_id": life.account_id, **dict(zip(columns, span, strict=True))}
        for life in lives
        for span in _spans(life, domain_ids)
    ]
    _insert(connection, BilledSpan, spans)
    counted = Counter(span for life in erased for span in _spans(life, domain_ids))
    numbers = [
        {"number": number, **dict(zip(columns, span, strict=True))}
        for span, number in counted.items()
    ]
    _insert(connection, ErasedSpan, numbers)


def _spans(life: Life, domain_ids: list[int]) -> list[tuple[int, date, date | None]]:
    return [(domain_ids[life.domain], *span) for span in life.billed_months()]


def _people(connection: Connection, members: list[Member], lives: list[Life]) -> None:
    chance, taken = dice("people"), Counter[str]()
    attribute_ids = dict(zip(ATTRIBUTES, _named(connection, Attribute.id, ATTRIBUTES), strict=True))
    people: Rows = []
    values: Rows = []

    def add(life: Life, made: Made, password: str | None = None) -> None:
        password_hash = hashed(password) if password else None
        people.append(
            {"account_id": life.account_id, "password_hash": password_hash, **made.columns}
        )
        values.extend(
            {"account_id": life.account_id, "attribute_id": attribute_ids[name], "value": value}
            for name, value in made.attributes.items()
        )

    for member in members:
        if member.demo:
            add(
                member.life,
                demo_person(chance, member.demo, DOMAINS[member.life.domain]),
                member.demo.password,
            )
    for life in [member.life for member in members if not member.demo] + lives:
        add(life, made_up(chance, DOMAINS[life.domain], taken))
    _insert(connection, Person, people)
    _insert(connection, AttributeValue, values)


def _permissions(connection: Connection, members: list[Member], domain_ids: list[int]) -> None:
    role_ids = dict(zip(ROLES, _named(connection, Role.id, list(ROLES)), strict=True))
    _insert(
        connection,
        RolePermission,
        [
            {"role_id": role_ids[name], "permission": each}
            for name, permissions in ROLES.items()
            for each in permissions
        ],
    )
    grants = [
        {
            "account_id": m.life.account_id,
            "role_id": role_ids[m.role],
            "domain_id": domain_ids[place],
        }
        for m in members
        for place in m.domains
    ]
    _insert(connection, Grant, grants)
    contacts = [
        {"account_id": m.life.account_id, "domain_id": domain_ids[place], "is_primary": m.primary}
        for m in members
        for place in m.contact_of
    ]
    _insert(connection, Contact, contacts)


def _erasures(
    connection: Connection, members: list[Member], lives: list[Life], domain_ids: list[int]
) -> list[Happened]:
    """Write the receipts, and tell the events that go with them."""
    chance, done = dice("receipts"), activity.erasures(lives)
    receipts = [
        {
            "reference": f"{chance.getrandbits(88):022x}",
            "number": each.number,
        }
        for each in done
    ]
    receipt_ids = _insert_returning(connection, Receipt.id, receipts)
    events: list[Happened] = []
    lines: Rows = []
    for each, receipt_id in zip(done, receipt_ids, strict=True):
        domain_id = domain_ids[each.domain]
        kinds = {model.counted_as: 0 for model in personal_tables()} | {
            Person.counted_as: each.number,
            AttributeValue.counted_as: each.number * len(ATTRIBUTES),
            SignIn.counted_as: each.number * 3,
        }
        lines += [
            {"receipt_id": receipt_id, "domain_id": None, "kind": kind, "number": number}
            for kind, number in {erase.SEARCH_WORDS: 0, **kinds}.items()
        ]
        lines.append(
            {
                "receipt_id": receipt_id,
                "domain_id": domain_id,
                "kind": erase.ACCOUNTS,
                "number": each.number,
            }
        )
        actor = eraser(members, each.domain)
        events.append(
            Happened(
                Recorded.ERASE,
                each.at,
                each.domain,
                actor,
                number=each.number,
                receipt_id=receipt_id,
            )
        )
    _insert(connection, ReceiptLine, lines)
    return events


def _events(connection: Connection, happened: list[Happened], domain_ids: list[int]) -> None:
    """Write the events with those parties that are still there."""
    chance = dice("event ids")
    events: Rows = []
    parties: Rows = []
    for each in sorted(happened, key=lambda each: each.at):
        day = each.at.date()
        event_id = day_bits(day) | chance.getrandbits(RANDOM_BITS)
        there = {part: life for part, life in each.parties.items() if life.state is not ERASED}
        events.append(
            {
                "id": event_id,
                "day": day,
                "at": each.at if there == each.parties else None,
                "key": each.what.name,
                "done_by": By.PERSON if each.actor else By.COMMAND_LINE,
                "about_user": each.subject is not None,
                "domain_id": None if each.place is None else domain_ids[each.place],
                "receipt_id": each.receipt_id,
                "number": each.number,
                "after": None if each.subject else each.after,
            }
        )
        parties += [
            {
                "event_id": event_id,
                "part": part,
                "account_id": life.account_id,
                "after": each.after if part is Part.SUBJECT else None,
            }
            for part, life in there.items()
        ]
    _insert(connection, Event, events)
    _insert(connection, Party, parties)


def _named(
    connection: Connection, column: InstrumentedAttribute[int], names: list[str] | tuple[str, ...]
) -> list[int]:
    """Insert rows that have only a name, and return their ids in the same order."""
    return _insert_returning(
        connection, column, [{"name": name, "name_key": key_of(name)} for name in names]
    )


def _insert_returning(
    connection: Connection, column: InstrumentedAttribute[int], rows: Rows
) -> list[int]:
    return list(
        connection.scalars(
            insert(column.class_).returning(column, sort_by_parameter_order=True), rows
        )
    )


def _insert(connection: Connection, model: type[Base], rows: Rows) -> None:
    for start in range(0, len(rows), CHUNK):
        connection.execute(insert(model), rows[start : start + CHUNK])
