"""A second factor: codes that an app on a person's telephone makes, and codes for its loss."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.personal import PersonalData


class SecondFactor(PersonalData):
    """What the app and the console both know (TOTP). It counts once a code has confirmed it."""

    __tablename__ = "second_factor"
    counted_as = "Second factors"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("person.account_id"), primary_key=True, autoincrement=False
    )
    secret: Mapped[str] = mapped_column(String(32))
    confirmed: Mapped[bool] = mapped_column(default=False)
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)  # a code counts once


class RecoveryCode(PersonalData):
    """A code that counts once, for whoever has lost the telephone. Here is only its hash."""

    __tablename__ = "recovery_code"
    counted_as = "Recovery codes"

    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
