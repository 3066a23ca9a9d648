"""The made-up people of a drill: the real code leads them through the whole life of an account.

An officer does what domain contacts do, to Anna and Boris. All of them belong to a domain of their
own, in which nobody else holds anything.
"""

from __future__ import annotations

import csv
import io
import secrets
from dataclasses import dataclass, field
from ipaddress import IPv6Address

import pyotp
from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.orm import Session

from webapp.access import contacts, domains, grants, roles
from webapp.config import Limits
from webapp.db import begin_writing
from webapp.errors import Refused
from webapp.evidence import mentions
from webapp.identity import attempts, passwords, preferences, second_factor, sessions
from webapp.identity.sessions import Where
from webapp.importing.preview import previewed
from webapp.importing.users import Options
from webapp.importing.writing import write
from webapp.lifecycle import operation
from webapp.models import (
    Account,
    Attribute,
    Domain,
    Event,
    Kind,
    Outcome,
    Party,
    Passkey,
    Permission,
    Person,
    Purpose,
    Role,
    RolePermission,
    SignInSession,
    Verb,
)
from webapp.models.names import key_of
from webapp.models.personal import personal_tables
from webapp.searching import selection
from webapp.times import now

NAME = "Erasure drill"  # of the domain and the role
NOTE, MANAGER = "Erasure drill: note", "Erasure drill: manager"  # attributes, while it lasts
ADDRESS = "@erasure-drill.invalid"  # how all user names of made-up people end, and nobody else's
HEADING = (
    *("userPrincipalName", "displayName", "givenName", "surname", "mail", "id"),
    *("telephoneNumber", "mobilePhone", "companyName", "accountEnabled", "createdDateTime"),
)
MADE = "2020-02-03T04:05:06.789012Z"


def word() -> str:
    """Return a word that nobody has used before, with an accent and a capital."""
    letters = "".join(secrets.choice("bcdfghjklmnpqrstvwxz") for _ in range(14))
    return f"Zq{letters}ë"


@dataclass
class Cast:
    """Who takes part in a drill, by user name, and the accounts once they are there."""

    engine: Engine
    limits: Limits
    folder: str  # of what is kept beside the database
    officer: str
    anna: str
    boris: str
    password: str
    domain_id: int = 0

    ids: dict[str, int] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)


def make_cast(engine: Engine, limits: Limits, folder: str) -> Cast:
    """Make the domain, the role and the people of a drill; clear those of one that was cut off."""
    clear(engine)
    names = officer, anna, boris = [f"{word()}{ADDRESS}" for _ in range(3)]
    cast = Cast(engine, limits, folder, officer, anna, boris, password=f"{word()} {word()}")
    at = now()
    with Session(engine) as session:
        begin_writing(session)
        domain = session.scalar(select(Domain.id).where(Domain.name_key == key_of(NAME)))
        cast.domain_id = domain or domains.add(session, NAME, at, actor_id=None)
        roles.set_up(session, NAME, set(Permission), at, actor_id=None)
        session.commit()
    _import(cast, [_row(name) for name in names], MANAGER, update=False)
    password_hash = passwords.hashed(cast.password)
    with Session(engine) as session:
        begin_writing(session)
        asked = select(Person).where(Person.user_name_key.in_(map(key_of, names)))
        for person in session.scalars(asked):
            cast.ids[person.user_name] = person.account_id
            cast.references[person.user_name] = person.reference
        for name in (cast.officer, cast.anna):
            primary = name == cast.officer
            grants.give(session, name, NAME, NAME, at, actor_id=None)
            contacts.name(session, name, NAME, at, primary=primary, actor_id=None)
            passwords.set_password(session, cast.ids[name], password_hash, at, actor_id=None)
        session.commit()
    return cast


def live(cast: Cast) -> None:
    """Let Anna be edited, sign in, search, tick and freeze a list, and let others refer to her."""
    rows = [
        _row(cast.anna) | {NOTE: word(), MANAGER: word()},
        _row(cast.boris) | {NOTE: f"Stands in for {cast.anna}", MANAGER: cast.anna},
    ]
    _import(cast, rows, MANAGER, NOTE, update=True)
    at, anna = now(), cast.ids[cast.anna]
    address = str(IPv6Address(0x20010DB8 << 96 | secrets.randbits(80)))
    counted = attempts.counters(secrets.token_hex(), cast.anna, address)
    with Session(cast.engine) as session:
        begin_writing(session)
        passwords.check_password(session, cast.anna, word(), at, counted)
        where = Where(word(), address)
        hour = cast.limits.lifetime
        sessions.open_session(session, anna, at, hour, where, cast.folder)
        factor = second_factor.begin(session, anna)
        second_factor.confirm(session, anna, pyotp.TOTP(factor.secret).at(at), at)
        preferences.remember(session, anna, time_zone=word(), page_size=100)
        preferences.remember_order(session, anna, Purpose.MANAGE, word())
        session.add(_passkey(anna))  # no device is at hand
        asked = update(SignInSession).where(SignInSession.account_id == anna)
        session.execute(asked.values(challenge=word(), challenge_at=at, adding=word()))
        session.commit()
    _search(cast, anna, Purpose.MANAGE, cast.boris)
    _search(cast, anna, Purpose.MANAGE, cast.boris, by="list")
    _freeze_one(cast, anna, Verb.ARCHIVE, cast.boris)


def end(cast: Cast) -> dict[str, list[object]]:
    """Let the officer find them, archive both and delete Anna.

    Return what pages can be opened by: see `Visitor`.
    """
    officer = cast.ids[cast.officer]
    found = [_search(cast, officer, Purpose.MANAGE, "")]
    for name, verb in (
        (cast.boris, Verb.ARCHIVE),
        (cast.anna, Verb.ARCHIVE),
        (cast.anna, Verb.DELETE),
    ):
        _perform(cast, officer, _freeze_one(cast, officer, verb, name))
    found += [_search(cast, officer, purpose, cast.anna) for purpose in Purpose]
    found.append(_search(cast, officer, Purpose.MANAGE, cast.boris))
    lists = [_freeze(cast, officer), _freeze_one(cast, officer, Verb.DELETE, cast.boris)]
    return {"selection_id": [*found], "operation_id": [*lists], "domain_id": [cast.domain_id]}


def erase(cast: Cast) -> None:
    """Let the officer erase Anna and what mentions her in Boris's attributes, and then Boris."""
    officer = cast.ids[cast.officer]
    _perform(cast, officer, _freeze(cast, officer))
    _perform(cast, officer, _freeze_one(cast, officer, Verb.DELETE, cast.boris))
    _perform(cast, officer, _freeze_one(cast, officer, Verb.ERASE, cast.boris))


def clear(engine: Engine) -> None:
    """Remove who is left of a drill, as erasing does but without a receipt, and what it was for.

    Refused where somebody else belongs to its domain.
    """
    with Session(engine) as session:
        begin_writing(session)
        theirs = select(Account.id).join(Domain).where(Domain.name_key == key_of(NAME))
        made_up = theirs.join(Person, Person.account_id == Account.id)
        made_up = made_up.where(Person.user_name_key.endswith(key_of(ADDRESS), autoescape=True))
        ids = session.scalars(made_up).all()
        if len(ids) != session.scalar(select(func.count()).select_from(theirs.subquery())):
            raise Refused(f"Somebody else belongs to the domain “{NAME}”.", "Move them elsewhere.")
        events = select(Party.event_id).where(Party.account_id.in_(ids))
        session.execute(update(Event).where(Event.id.in_(events)).values(at=None))
        for model in personal_tables():
            session.execute(delete(model).where(model.__table__.c.account_id.in_(ids)))
        session.execute(delete(Account).where(Account.id.in_(ids)))
        role = select(Role.id).where(Role.name_key == key_of(NAME))
        session.execute(delete(RolePermission).where(RolePermission.role_id.in_(role)))
        session.execute(delete(Role).where(Role.name_key == key_of(NAME)))
        keys = [key_of(name) for name in (NOTE, MANAGER)]
        session.execute(delete(Attribute).where(Attribute.name_key.in_(keys)))
        session.commit()


def _row(user_name: str) -> dict[str, str]:
    digits = secrets.randbits(40), secrets.randbits(40)
    phone, mobile = (f"+00 {number:013}" for number in digits)
    given = (word(), word(), word(), f"{word()}{ADDRESS}", word(), phone, mobile)
    return dict(zip(HEADING, (user_name, *given, NAME, "True", MADE), strict=True))


def _import(cast: Cast, rows: list[dict[str, str]], *columns: str, update: bool) -> None:
    """Import these people from a list, with these columns as attributes."""
    file = io.StringIO()
    writer = csv.DictWriter(file, [*HEADING, *columns], restval="")
    writer.writeheader()
    writer.writerows(rows)
    kinds = {NOTE: Kind.TEXT, MANAGER: Kind.USER}
    options = Options(attributes=columns, kinds=kinds, update=update)
    list_ = io.BytesIO(file.getvalue().encode())
    with previewed(cast.engine, list_, now(), options, lambda *_: None) as preview:
        write(preview)


def _passkey(account_id: int) -> Passkey:
    return Passkey(
        credential_id=word(),
        reference=secrets.token_hex(8),
        account_id=account_id,
        name=word(),
        public_key=word(),
        uses=secrets.randbits(40),
        added_at=now(),
        used_at=now(),
    )


def _search(cast: Cast, actor_id: int, purpose: Purpose, words: str, *, by: str = "keyword") -> str:
    """Search, untick those who are found, and return the id of the search."""
    with Session(cast.engine) as session:
        begin_writing(session)
        asked = {by: words} if words else {}
        domain_ids, most = [cast.domain_id], cast.limits.accounts
        made = selection.make(session, actor_id, purpose, asked, domain_ids, now(), most)
        rows = selection.results(session, made, domain_ids, 1, 5).rows
        others = [row.reference for row in rows if row.ticked]
        if purpose is Purpose.MANAGE:
            selection.save_ticks(session, made, domain_ids, dict.fromkeys(others, False))
            selection.make_current(session, made)
        session.commit()
        return made.id


def _freeze_one(cast: Cast, actor_id: int, verb: Verb, name: str) -> str:
    reference = cast.references[name]
    with Session(cast.engine) as session:
        begin_writing(session)
        frozen = operation.freeze_one(session, verb, actor_id, reference, now(), cast.limits)
        session.commit()
        return frozen.id


def _freeze(cast: Cast, actor_id: int) -> str:
    """Search for Anna and freeze who is found, to be erased."""
    searched = _search(cast, actor_id, Purpose.ERASE, cast.anna)
    with Session(cast.engine) as session:
        begin_writing(session)
        chosen = selection.own(session, actor_id, Purpose.ERASE, searched)
        domain_ids = [cast.domain_id]
        frozen = operation.freeze(session, Verb.ERASE, chosen, domain_ids, now(), cast.limits)
        session.commit()
        return frozen.id


def _perform(cast: Cast, actor_id: int, operation_id: str) -> None:
    with Session(cast.engine) as session:
        begin_writing(session)
        mentions.seek_once(session, operation.own(session, actor_id, operation_id))
        notes = session.scalars(select(Attribute.id).where(Attribute.name_key == key_of(NOTE)))
        done = mentions.perform(session, actor_id, operation_id, now(), notes.all())
        if done.outcome is not Outcome.PERFORMED:
            raise Refused("An operation of the drill was refused.", "Run the drill again.")
        session.commit()
