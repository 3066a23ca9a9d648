"""Passwords: checking one and setting one."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp.db import begin_writing
from webapp.errors import Invalid
from webapp.events import Recorded, record
from webapp.identity import attempts
from webapp.identity.attempts import NO_WAIT, Counter
from webapp.identity.generation import end_sessions
from webapp.models import Account, By, Person, SignInSession, State
from webapp.models.names import key_of
from webapp.turns import Turns

SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 1000  # characters
SHORTEST_NAME = 4  # characters of a name that no password of its owner may hold

WAITING, PATIENCE = 30, 5.0  # threads that may wait to hash, and for how many seconds

hasher = PasswordHasher()  # takes 64 MB and a tenth of a second of every core, on purpose
hashing = Turns(waiting=WAITING, patience=PATIENCE)


@dataclass(frozen=True)
class Attempt:
    """What came of a password: an account, or a wait before the next attempt."""

    account_id: int | None
    wait: timedelta = NO_WAIT


def check_password(
    session: Session,
    user_name: str,
    password: str,
    at: datetime,
    counted: Sequence[Counter],
    *,
    actor_id: int | None = None,
) -> Attempt:
    """Find whose password this is. `counted` says what the attempt counts under.

    A wrong one is recorded, about whom it was tried with where there is such a live user, and never
    with the name that was typed. `actor_id` is who tries; None is a stranger.

    This ends the transaction and begins another. Busy where others keep it waiting for its turn;
    whoever waits for that holds no lock, and whoever has it is the only one of this process who
    writes about passwords. An attempt is counted as failed before the password is verified, so that
    many at once gain nothing. Afterwards the account and the person stay locked until the caller
    commits: no session is opened with a password that has just been changed, or into an account
    that has just been archived.
    """
    asked = select(Person.account_id, Person.password_hash).join(Account)
    asked = asked.where(Person.user_name_key == bindparam("key"), Account.state == State.LIVE)
    # Passed beside the statement: the cache of statements keeps the values in them.
    typed = {"key": key_of(user_name)}
    session.commit()
    with hashing:
        begin_writing(session)
        wait = attempts.count(session, counted, at)
        person = None if wait else session.execute(asked, typed).one_or_none()
        session.commit()
        if wait:
            return Attempt(None, wait)
        right = _verified(person.password_hash if person else None, password)
    begin_writing(session)
    if not right or person is None:
        _record_failure(session, person.account_id if person else None, at, actor_id)
        return Attempt(None)
    session.execute(
        select(Account.id).where(Account.id == person.account_id).with_for_update(read=True)
    )
    locked = asked.with_for_update(of=Person, key_share=True)
    if session.execute(locked, typed).one_or_none() != person:
        return Attempt(None)
    attempts.succeeded(session, counted)
    return Attempt(person.account_id)


def problem_with(password: str, *names: str) -> str:
    """Say why this is no password for somebody with these names; empty where it is one."""
    typed = key_of(password)
    if len(password) < SHORTEST_PASSWORD:
        return f"Use {SHORTEST_PASSWORD} characters or more."
    if len(password) > LONGEST_PASSWORD:
        return f"Use {LONGEST_PASSWORD:,} characters or fewer."
    if not typed:
        return "Use other characters than blanks."
    if typed in commonest():
        return "This password is one of those that are guessed first. Use another one."
    if any(key_of(name) in typed for name in names if len(key_of(name)) >= SHORTEST_NAME):
        return "Use a password without your own name."
    return ""


@cache
def commonest() -> frozenset[str]:
    """Return the 30,000 passwords that are used most, without capitals."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # large, and needed for new passwords only

    return frozenset(FREQUENCY_LISTS["passwords"])


def hashed(password: str, *names: str, session: Session | None = None) -> str:
    """Hash a new password; Invalid where there is a problem with it, Busy where others hash.

    It takes long: a `session` that has begun to write commits first, so that nothing is locked.
    """
    problem = problem_with(password, *names)
    if problem:
        raise Invalid(problem)
    if session:
        session.commit()
    with hashing:
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


def _record_failure(
    session: Session, subject_id: int | None, at: datetime, actor_id: int | None
) -> None:
    """Record a wrong password, unless its subject has been erased since it was looked at."""
    locked = select(Account.domain_id).join(Person).where(Account.id == subject_id)
    domain_id = session.scalar(locked.with_for_update(read=True, of=Account))
    record(
        session,
        Recorded.SIGN_IN_FAILED,
        at,
        actor_id=actor_id,
        subject_id=subject_id if domain_id is not None else None,
        domain_id=domain_id,
        by=By.PERSON if actor_id else By.STRANGER,
    )


def _verified(password_hash: str | None, password: str) -> bool:
    """Return whether the password fits; where there is no hash, take as long to say no."""
    # Made whether or not it is needed: the first attempt of a process is slower for every name.
    of_nobody = hash_of_nobody()
    try:
        fits = hasher.verify(password_hash or of_nobody, password)
    except VerificationError:
        return False
    return fits and password_hash is not None


@cache
def hash_of_nobody() -> str:
    """Hash a password that nobody has, once a process and not at import: commands start sooner."""
    return hasher.hash(secrets.token_urlsafe())
