"""Sign-ins, the sessions that they open, and the failures that slow the next attempt."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, Moment
from webapp.models.personal import PersonalData, not_personal
from webapp.models.second_factor import LONGEST_NAME


class SignIn(PersonalData):
    """One successful sign-in."""

    __tablename__ = "sign_in"
    counted_as = "Sign-ins"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"))
    at: Mapped[datetime] = mapped_column(Moment)

    __table_args__ = (
        Index(None, "account_id", "at"),  # the foreign key, and a person's last sign-in
        Index(None, "at", "id"),  # the report, newest first
    )


class SignInSession(PersonalData):
    """A browser that is signed in. The cookie holds the token; here is only its hash."""

    __tablename__ = "sign_in_session"
    counted_as = "Open sessions"
    kept = "Until it ends, some hours after the sign-in."

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    reference: Mapped[str] = mapped_column(String(16), unique=True)  # in forms that end it
    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"), index=True)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    browser: Mapped[str] = mapped_column(String(40))  # in words, such as `Firefox on Windows`
    address: Mapped[str] = mapped_column(String(45))
    password_at: Mapped[datetime] = mapped_column(Moment)  # when the password was last given
    code_at: Mapped[datetime | None] = mapped_column(Moment)  # the same of the second factor
    expires_at: Mapped[datetime] = mapped_column(Moment)
    challenge: Mapped[str | None] = mapped_column(String(86))  # what a passkey is to sign, once
    challenge_at: Mapped[datetime | None] = mapped_column(Moment)
    adding: Mapped[str | None] = mapped_column(String(LONGEST_NAME))  # a passkey of this name


class SignInFailure(Base):
    """How often a sign-in has failed: with one user name, from one address, or by all strangers.

    It is deleted by anybody's attempt an hour later, and by every erasure. A success deletes what
    was counted under the name.
    """

    __tablename__ = "sign_in_failure"
    erasing = "All rows are deleted."
    kept = "An hour, from the last failure."

    what_hash: Mapped[str] = mapped_column(
        String(64),
        primary_key=True,
        info=not_personal("keyed hash of a name or an address, removed with every erasure"),
    )
    failures: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(Moment)


class Generation(Base):
    """One row: how often sessions have been ended before their time. See identity/generation.py."""

    __tablename__ = "generation"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
