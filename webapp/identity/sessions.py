"""Sessions: what opens and ends them. One counts only while its account is live."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, select, update
from sqlalchemy.orm import Session

from webapp.identity.generation import end_restored_sessions, end_sessions, kept, not_restored
from webapp.models import (
    Account,
    Permission,
    Person,
    Preference,
    SignIn,
    SignInSession,
    State,
)
from webapp.permissions import holds


@dataclass(frozen=True)
class Where:
    """The browser of a session in words, and its address."""

    browser: str
    address: str


def open_session(
    session: Session,
    account_id: int,
    at: datetime,
    lifetime: timedelta,
    where: Where,
    folder: str,
) -> str:
    """Record a sign-in and return the token of its session. `folder` holds what is kept outside."""
    end_restored_sessions(session, kept(folder))
    session.execute(delete(SignInSession).where(SignInSession.expires_at < at))
    session.add(SignIn(account_id=account_id, at=at))
    token = secrets.token_urlsafe(32)
    session.add(
        SignInSession(
            token_hash=hash_of(token),
            reference=secrets.token_hex(8),
            account_id=account_id,
            opened_at=at,
            browser=where.browser,
            address=where.address,
            password_at=at,
            expires_at=at + lifetime,
        )
    )
    return token


def reader_of(
    session: Session, token: str, at: datetime, folder: str
) -> Row[*tuple[Any, ...]] | None:
    """Return who is signed in with this token; None where nobody is any more.

    Account id, display name, user name, when the password and the code of a second factor were
    last given, the time zone and the rows a page that the person has chosen; and then, for each
    Permission, whether the person holds it somewhere.
    """
    known = {"token_hash": hash_of(token), "at": at, "kept": kept(folder)}
    return session.execute(_signed_in(), known).one_or_none()


@cache
def _signed_in() -> Select[*tuple[Any, ...]]:
    """Build the statement of `reader_of` once, since every request asks it."""
    asked: Select[*tuple[Any, ...]] = select(
        Person.account_id,
        Person.display_name,
        Person.user_name,
        SignInSession.password_at,
        SignInSession.code_at,
        Preference.time_zone,
        Preference.page_size,
        *(holds(Person.account_id, permission) for permission in Permission),
    ).select_from(Person)
    asked = asked.join(SignInSession, SignInSession.account_id == Person.account_id).join(
        Account, Account.id == Person.account_id
    )
    asked = asked.outerjoin(Preference, Preference.account_id == Person.account_id)
    return asked.where(
        SignInSession.token_hash == bindparam("token_hash"),
        SignInSession.expires_at > bindparam("at"),
        not_restored(),
        Account.state == State.LIVE,
    )


def password_given(session: Session, token: str, at: datetime) -> None:
    """Note that the person has just given their password again."""
    session.execute(
        update(SignInSession)
        .where(SignInSession.token_hash == hash_of(token))
        .values(password_at=at)
    )


def close_session(session: Session, token: str) -> None:
    end_sessions(session, SignInSession.token_hash == hash_of(token))


def sessions_of(session: Session, account_id: int, at: datetime) -> Sequence[SignInSession]:
    """Return the open sessions of an account, the newest first."""
    asked = select(SignInSession).filter_by(account_id=account_id)
    asked = asked.where(SignInSession.expires_at > at)
    return session.scalars(asked.order_by(SignInSession.opened_at.desc())).all()


def close_one(session: Session, account_id: int, reference: str) -> bool:
    """End the session of this account that has this reference; return whether it was open."""
    mine = SignInSession.account_id == account_id
    return bool(end_sessions(session, mine & (SignInSession.reference == reference)))


def close_others(session: Session, account_id: int, token: str) -> int:
    """End all sessions of this account but that of `token`; return how many."""
    others = SignInSession.token_hash != hash_of(token)
    return end_sessions(session, (SignInSession.account_id == account_id) & others)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
