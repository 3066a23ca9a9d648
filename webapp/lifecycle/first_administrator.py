"""The first administrator of a console that has none, by a code in the console's log.

The code is random, counts for half an hour and once, and only while there is no administrator.
The database keeps its hash, so that every process on every machine knows the same code.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, delete, exists, insert, literal, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from webapp.access import administrators, domains, roles
from webapp.db import affected, upsert
from webapp.errors import Refused
from webapp.events import Recorded, record
from webapp.identity import attempts
from webapp.identity.attempts import Counter
from webapp.lifecycle import billed
from webapp.models import Account, Domain, FirstStart, Grant, Permission, Person, State
from webapp.models.names import checked_name, key_of
from webapp.models.person import derived
from webapp.times import month_of

COUNTS_FOR = timedelta(minutes=30)
CODE_BYTES = 14  # of chance: enough to be hashed without a salt
ROLE = "Console administrator"
ONE_ROW = 1


@dataclass(frozen=True)
class New:
    """Who becomes the administrator, and the domain that they belong to."""

    user_name: str
    display_name: str
    domain: str


@dataclass(frozen=True)
class Tried:
    """Whether a code was right, or how long to wait before the next attempt."""

    right: bool
    wait: timedelta


def can_be_made(session: Session) -> bool:
    """Tell whether there is no administrator."""
    return not administrators.any_there(session)


def nothing_set_up(session: Session) -> bool:
    """Tell whether nobody holds any role, so that whoever signs in could do nothing.

    A database that does not answer is none in which nothing is set up.
    """
    with suppress(OperationalError):
        return not session.scalar(select(exists(select(Grant))))
    return False


def new_code(session: Session, at: datetime) -> str | None:
    """Return a new code for the log; None where an earlier one still counts or none is needed."""
    if not can_be_made(session):
        return None
    code = secrets.token_hex(CODE_BYTES)
    kept = {"code_hash": _hash_of(code), "expires_at": at + COUNTS_FOR}
    new = upsert(session, FirstStart).values(id=ONE_ROW, **kept)
    over = FirstStart.expires_at <= at
    made = new.on_conflict_do_update(index_elements=["id"], set_=kept, where=over)
    return code if affected(session, made) else None


def announcement(code: str) -> str:
    """Say what the log says of a code."""
    minutes = COUNTS_FOR.seconds // 60
    return f"Nobody administers this console yet. Code for /first-start, {minutes} minutes: {code}"


def check(session: Session, code: str, at: datetime, counted: Sequence[Counter]) -> Tried:
    """Tell whether this is the code in the log. An attempt is counted under `counted`."""
    wait = attempts.count(session, counted, at)
    if wait or session.scalar(select(FirstStart.id).where(*_counts(code, at))) is None:
        return Tried(right=False, wait=wait)
    attempts.succeeded(session, counted)
    return Tried(right=True, wait=wait)


def make(session: Session, code: str, new: New, password_hash: str, at: datetime) -> int:
    """Make the first administrator, of every domain that there is; return their account's id.

    Of two at once, the second waits for the row of the code and then finds it used.
    """
    if not affected(session, delete(FirstStart).where(*_counts(code, at))):
        raise Refused("This code has been used, or counts no more.", "Ask for a new one.")
    if not can_be_made(session):
        raise Refused("There is an administrator already.", "Sign in, or ask them for a role.")
    domain_id = _domain(session, new.domain, at)
    role_id = roles.add(session, ROLE, tuple(Permission), at, actor_id=None)
    account_id = _account(session, new, domain_id, password_hash, at)
    held = select(literal(account_id), Domain.id, literal(role_id))
    session.execute(insert(Grant).from_select(["account_id", "domain_id", "role_id"], held))
    record(
        session,
        Recorded.FIRST_ADMINISTRATOR,
        at,
        actor_id=account_id,
        subject_id=account_id,
        domain_id=domain_id,
        after=ROLE,
    )
    return account_id


def _domain(session: Session, name: str, at: datetime) -> int:
    """Return the id of the domain of this name, added where there is none."""
    found = session.scalar(select(Domain.id).where(Domain.name_key == key_of(name)))
    return found if found is not None else domains.add(session, name, at, actor_id=None)


def _account(session: Session, new: New, domain_id: int, password_hash: str, at: datetime) -> int:
    names = {
        "user_name": checked_name(new.user_name, "user"),
        "display_name": checked_name(new.display_name, "person"),
    }
    taken = select(Person.account_id).where(Person.user_name_key == bindparam("key"))
    # Passed beside the statement: the cache of statements keeps the values in them.
    if session.scalar(taken, {"key": key_of(new.user_name)}) is not None:
        raise Refused("There is a user of this name already.", "Choose another user name.")
    account = Account(domain_id=domain_id, state=State.LIVE, created_at=at, since=at)
    session.add(account)
    session.flush()
    session.add(
        Person(account_id=account.id, password_hash=password_hash, **names, **derived(**names))
    )
    session.flush()
    billed.begin(session, select(Account.id).where(Account.id == account.id), month_of(at))
    return account.id


def _counts(code: str, at: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return FirstStart.code_hash == _hash_of(code), FirstStart.expires_at > at


def _hash_of(code: str) -> str:
    return hashlib.sha256("".join(code.split()).casefold().encode()).hexdigest()
