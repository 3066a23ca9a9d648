"""Sign-in: passwords, the sessions they open and what ends them. A session counts only while its account is live."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Row, Select, bindparam, delete, select, update
from sqlalchemy.orm import Session

from webapp.db import begin_writing, upsert
from webapp.events import Recorded, record
from webapp.models import Account, Person, SignIn, SignInFailure, SignInSession, State
from webapp.models.person import key_of

NO_WAIT = timedelta(0)
FREE_TRIES = 4  # failures that cost no waiting
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=5)  # doubled with each failure
FAILURES_KEPT = timedelta(hours=1)
SHORTEST_PASSWORD = 12

hasher = PasswordHasher()
NOBODY = hasher.hash(
    secrets.token_urlsafe()
)  # checked where there is no such user, so that both answers take as long


@dataclass(frozen=True)
class Tried:
    """What came of a password: an account, or a wait before the next try."""

    account_id: int | None
    wait: timedelta = NO_WAIT


def check_password(
    session: Session, user_name: str, password: str, at: datetime, key: str
) -> Tried:
    """Whose password this is; tries are counted under a keyed hash of the name, whether or not there is such a user.

    Ends the transaction and begins another: a try is counted as failed before the password is looked at, so that many at once gain
    nothing, and no lock is held while it is hashed. The person and the account stay locked until the caller's commit, so that no
    session can be opened with a password that has been changed or into an account that has been archived meanwhile.
    """
    name_hash = hmac.new(key.encode(), key_of(user_name).encode(), hashlib.sha256).hexdigest()
    wait = _count_try(session, name_hash, at)
    asked = select(Person.account_id, Person.password_hash).join(Account)
    asked = asked.where(Person.user_name_key == bindparam("key"), Account.state == State.LIVE)
    typed = {
        "key": key_of(user_name)
    }  # passed beside the statement: the database layer keeps the values that statements hold
    person = None if wait else session.execute(asked, typed).one_or_none()
    session.commit()
    if wait:
        return Tried(None, wait)
    right = _verified(person.password_hash if person else None, password)
    begin_writing(session)
    if not right or person is None:
        return Tried(None)
    session.execute(
        select(Account.id).where(Account.id == person.account_id).with_for_update(read=True)
    )
    if (
        session.execute(asked.with_for_update(of=Person, key_share=True), typed).one_or_none()
        != person
    ):
        return Tried(None)
    session.execute(delete(SignInFailure).where(SignInFailure.name_hash == name_hash))
    return Tried(person.account_id)


def _count_try(session: Session, name_hash: str, at: datetime) -> timedelta:
    """Count one more try for this name, unless it has to wait; how long it has to."""
    session.execute(delete(SignInFailure).where(SignInFailure.last_at < at - FAILURES_KEPT))
    new = upsert(session, SignInFailure).values(name_hash=name_hash, failures=0, last_at=at)
    locked = new.on_conflict_do_update(
        index_elements=["name_hash"], set_={"failures": SignInFailure.failures}
    )  # tries at once come one by one
    failures, last_at = session.execute(
        locked.returning(SignInFailure.failures, SignInFailure.last_at)
    ).one()
    wait = _wait(failures, last_at, at)
    if not wait:
        session.execute(
            update(SignInFailure)
            .where(SignInFailure.name_hash == name_hash)
            .values(failures=failures + 1, last_at=at)
        )
    return wait


def _wait(failures: int, last_at: datetime, at: datetime) -> timedelta:
    if failures <= FREE_TRIES:
        return NO_WAIT
    doubled = min(failures - FREE_TRIES - 1, 10)
    wait = min(FIRST_WAIT * int(2**doubled), LONGEST_WAIT)
    return max(last_at + wait - at, NO_WAIT)


def _verified(password_hash: str | None, password: str) -> bool:
    try:
        return hasher.verify(password_hash or NOBODY, password) and password_hash is not None
    except VerificationError:
        return False


def open_session(session: Session, account_id: int, at: datetime, lifetime: timedelta) -> str:
    """Record a sign-in and give the token of its session."""
    session.execute(delete(SignInSession).where(SignInSession.expires_at < at))
    session.add(SignIn(account_id=account_id, at=at))
    token = secrets.token_urlsafe(32)
    session.add(
        SignInSession(
            token_hash=hash_of(token),
            account_id=account_id,
            password_at=at,
            expires_at=at + lifetime,
        )
    )
    return token


def reader_of(session: Session, token: str, at: datetime) -> Row[int, str, str, datetime] | None:
    """Account id, display name, user name and when the password was last given, of who is signed in with this token.

    Nobody where the session has ended or the account is not live.
    """
    return session.execute(_signed_in(), {"token_hash": hash_of(token), "at": at}).one_or_none()


@cache
def _signed_in() -> Select[int, str, str, datetime]:
    """Asked with every request, and so put together once."""
    asked = select(
        Person.account_id, Person.display_name, Person.user_name, SignInSession.password_at
    ).select_from(Person)
    asked = asked.join(SignInSession, SignInSession.account_id == Person.account_id).join(
        Account, Account.id == Person.account_id
    )
    return asked.where(
        SignInSession.token_hash == bindparam("token_hash"),
        SignInSession.expires_at > bindparam("at"),
        Account.state == State.LIVE,
    )


def password_given(session: Session, token: str, at: datetime) -> None:
    """The person has just shown again that it is they."""
    session.execute(
        update(SignInSession)
        .where(SignInSession.token_hash == hash_of(token))
        .values(password_at=at)
    )


def close_session(session: Session, token: str) -> None:
    session.execute(delete(SignInSession).where(SignInSession.token_hash == hash_of(token)))


def set_password(
    session: Session, account_id: int, password_hash: str, at: datetime, *, actor_id: int | None
) -> None:
    """Set a password, hashed by `hasher` before anything was locked; every session of the account ends."""
    person = session.get_one(Person, account_id)
    person.password_hash = password_hash
    session.execute(delete(SignInSession).where(SignInSession.account_id == account_id))
    what = Recorded.PASSWORD_CHANGED if actor_id == account_id else Recorded.PASSWORD_SET
    domain_id = session.scalar(select(Account.domain_id).where(Account.id == account_id))
    record(session, what, at, actor_id=actor_id, subject_id=account_id, domain_id=domain_id)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
