"""Passwords: checking one, which slows down who guesses, and setting one."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from webapp.db import begin_writing, upsert
from webapp.errors import Invalid
from webapp.events import Recorded, record
from webapp.identity.generation import end_sessions
from webapp.models import Account, Person, SignInFailure, SignInSession, State
from webapp.models.names import key_of

NO_WAIT = timedelta(0)
FREE_ATTEMPTS = 4  # failures that cost no waiting
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=5)  # doubled with each failure
FAILURES_KEPT = timedelta(hours=1)
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 1000  # characters

hasher = PasswordHasher()


@dataclass(frozen=True)
class Attempt:
    """What came of a password: an account, or a wait before the next attempt."""

    account_id: int | None
    wait: timedelta = NO_WAIT


def check_password(
    session: Session, user_name: str, password: str, at: datetime, key: str
) -> Attempt:
    """Find whose password this is.

    Attempts are counted under a hash of the name with `key`, whether or not there is such a user.

    This ends the transaction and begins another. An attempt is counted as failed before the
    password is verified, so that many at once gain nothing. No lock is held meanwhile. Afterwards
    the account and the person stay locked until the caller commits: no session is opened with a
    password that has just been changed, or into an account that has just been archived.
    """
    name_hash = hmac.new(key.encode(), key_of(user_name).encode(), hashlib.sha256).hexdigest()
    wait = _count_attempt(session, name_hash, at)
    asked = select(Person.account_id, Person.password_hash).join(Account)
    asked = asked.where(Person.user_name_key == bindparam("key"), Account.state == State.LIVE)
    # Passed beside the statement: the cache of statements keeps the values in them.
    typed = {"key": key_of(user_name)}
    person = None if wait else session.execute(asked, typed).one_or_none()
    session.commit()
    if wait:
        return Attempt(None, wait)
    right = _verified(person.password_hash if person else None, password)
    begin_writing(session)
    if not right or person is None:
        return Attempt(None)
    session.execute(
        select(Account.id).where(Account.id == person.account_id).with_for_update(read=True)
    )
    locked = asked.with_for_update(of=Person, key_share=True)
    if session.execute(locked, typed).one_or_none() != person:
        return Attempt(None)
    session.execute(delete(SignInFailure).where(SignInFailure.name_hash == name_hash))
    return Attempt(person.account_id)


def hashed(password: str) -> str:
    """Hash a new password; Invalid where it is too short or too long.

    Takes a tenth of a second on purpose, so hash it before anything is locked.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(f"Use {SHORTEST_PASSWORD} characters or more.")
    if len(password) > LONGEST_PASSWORD:
        raise Invalid(f"Use {LONGEST_PASSWORD:,} characters or fewer.")
    return hasher.hash(password)


def set_password(
    session: Session, account_id: int, password_hash: str, at: datetime, *, actor_id: int | None
) -> None:
    """Set a password that has been `hashed`, and end every session of the account."""
    person = session.get_one(Person, account_id)
    person.password_hash = password_hash
    end_sessions(session, SignInSession.account_id == account_id)
    what = Recorded.PASSWORD_CHANGED if actor_id == account_id else Recorded.PASSWORD_SET
    domain_id = session.scalar(select(Account.domain_id).where(Account.id == account_id))
    record(session, what, at, actor_id=actor_id, subject_id=account_id, domain_id=domain_id)


def _count_attempt(session: Session, name_hash: str, at: datetime) -> timedelta:
    """Count one more attempt for this name unless it has to wait; return how long."""
    session.execute(delete(SignInFailure).where(SignInFailure.last_at < at - FAILURES_KEPT))
    new = upsert(session, SignInFailure).values(name_hash=name_hash, failures=0, last_at=at)
    # An update that changes nothing locks the row, so that attempts at once come one by one.
    locked = new.on_conflict_do_update(
        index_elements=["name_hash"], set_={"failures": SignInFailure.failures}
    )
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
    if failures <= FREE_ATTEMPTS:
        return NO_WAIT
    doubled = min(failures - FREE_ATTEMPTS - 1, 10)
    wait = min(FIRST_WAIT * int(2**doubled), LONGEST_WAIT)
    return max(last_at + wait - at, NO_WAIT)


def _verified(password_hash: str | None, password: str) -> bool:
    """Return whether the password fits; where there is no hash, take as long to say no."""
    # Made whether or not it is needed: the first attempt of a process is slower for every name.
    of_nobody = hash_of_nobody()
    try:
        return hasher.verify(password_hash or of_nobody, password) and password_hash is not None
    except VerificationError:
        return False


@cache
def hash_of_nobody() -> str:
    """Hash a password that nobody has, once a process and not at import: commands start sooner."""
    return hasher.hash(secrets.token_urlsafe())
