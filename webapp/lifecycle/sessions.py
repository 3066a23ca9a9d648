"""Sign-in: passwords, the sessions they open and what ends them. A session counts only while its account is live."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.db import upsert
from webapp.events import Recorded, record
from webapp.models import Account, Person, SignIn, SignInFailure, SignInSession, State
from webapp.models.person import key_of

NO_WAIT = timedelta(0)
FREE_TRIES = 4  # failures that cost no waiting
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=5)  # doubled with each failure
FAILURES_KEPT = timedelta(hours=1)
SHORTEST_PASSWORD = 12

hasher = PasswordHasher()
NOBODY = hasher.hash(secrets.token_urlsafe())  # checked where there is no such user, so that both answers take as long


@dataclass(frozen=True)
class Tried:
    """What came of a password: an account, or a wait before the next try."""

    account_id: int | None
    wait: timedelta = NO_WAIT


def check_password(session: Session, user_name: str, password: str, at: datetime, key: str) -> Tried:
    """Whose password this is; failures are counted under a keyed hash of the name, whether or not there is such a user."""
    name_hash = hmac.new(key.encode(), key_of(user_name).encode(), hashlib.sha256).hexdigest()
    wait = _wait(session.get(SignInFailure, name_hash), at)
    if wait:
        return Tried(None, wait)
    asked = select(Person.account_id, Person.password_hash).join(Account)
    person = session.execute(asked.where(Person.user_name_key == key_of(user_name), Account.state == State.LIVE)).one_or_none()
    if _verified(person.password_hash if person else None, password) and person:
        session.execute(delete(SignInFailure).where(SignInFailure.name_hash == name_hash))
        return Tried(person.account_id)
    _count_failure(session, name_hash, at)
    return Tried(None)


def _wait(failure: SignInFailure | None, at: datetime) -> timedelta:
    if failure is None or failure.failures <= FREE_TRIES:
        return NO_WAIT
    doubled = min(failure.failures - FREE_TRIES - 1, 10)
    wait = min(FIRST_WAIT * int(2**doubled), LONGEST_WAIT)
    return max(failure.last_at + wait - at, NO_WAIT)


def _verified(password_hash: str | None, password: str) -> bool:
    try:
        return hasher.verify(password_hash or NOBODY, password) and password_hash is not None
    except VerificationError:
        return False


def _count_failure(session: Session, name_hash: str, at: datetime) -> None:
    session.execute(delete(SignInFailure).where(SignInFailure.last_at < at - FAILURES_KEPT))
    new = upsert(session, SignInFailure).values(name_hash=name_hash, failures=1, last_at=at)
    again = {"failures": SignInFailure.failures + 1, "last_at": at}
    session.execute(new.on_conflict_do_update(index_elements=["name_hash"], set_=again))


def open_session(session: Session, account_id: int, at: datetime, lifetime: timedelta) -> str:
    """Record a sign-in and give the token of its session."""
    session.execute(delete(SignInSession).where(SignInSession.expires_at < at))
    session.execute(delete(SignInFailure).where(SignInFailure.last_at < at - FAILURES_KEPT))
    session.add(SignIn(account_id=account_id, at=at))
    token = secrets.token_urlsafe(32)
    session.add(SignInSession(token_hash=hash_of(token), account_id=account_id, password_at=at, expires_at=at + lifetime))
    return token


def reader_of(session: Session, token: str, at: datetime) -> tuple[Person, SignInSession] | None:
    """Who is signed in with this token; nobody where the session has ended or the account is not live."""
    asked = select(Person, SignInSession).join(SignInSession, SignInSession.account_id == Person.account_id).join(Account, Account.id == Person.account_id)
    alive = asked.where(SignInSession.token_hash == hash_of(token), SignInSession.expires_at > at, Account.state == State.LIVE)
    found = session.execute(alive).one_or_none()
    return (found[0], found[1]) if found else None


def password_given(session: Session, token: str, at: datetime) -> None:
    """The person has just shown again that it is they."""
    session.get_one(SignInSession, hash_of(token)).password_at = at


def close_session(session: Session, token: str) -> None:
    session.execute(delete(SignInSession).where(SignInSession.token_hash == hash_of(token)))


def set_password(session: Session, account_id: int, password: str, at: datetime, *, actor_id: int | None) -> None:
    """Set a password; every session of the account ends."""
    person = session.get_one(Person, account_id)
    person.password_hash = hasher.hash(password)
    session.execute(delete(SignInSession).where(SignInSession.account_id == account_id))
    what = Recorded.PASSWORD_CHANGED if actor_id == account_id else Recorded.PASSWORD_SET
    domain_id = session.scalar(select(Account.domain_id).where(Account.id == account_id))
    record(session, what, at, actor_id=actor_id, subject_id=account_id, domain_id=domain_id)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
