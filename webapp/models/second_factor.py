"""Second factors: an app that makes codes, passkeys on devices, and codes for their loss."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Moment
from webapp.models.personal import PersonalData

LONGEST_NAME = 60  # characters of what a person calls a passkey
LONGEST_ID = 1023  # bytes, which the standard allows; a third more are characters of base64


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


class Passkey(PersonalData):
    """A key that a person's device keeps (WebAuthn). Here is the half that need not be secret."""

    __tablename__ = "passkey"
    counted_as = "Passkeys"

    credential_id: Mapped[str] = mapped_column(String(LONGEST_ID * 4 // 3), primary_key=True)
    reference: Mapped[str] = mapped_column(String(16), unique=True)  # in forms that remove it
    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    public_key: Mapped[str] = mapped_column(Text)
    uses: Mapped[int] = mapped_column(BigInteger)  # as the device counts them, or always 0
    added_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class RecoveryCode(PersonalData):
    """A code that counts once, for whoever has lost the device. Here is only its hash."""

    __tablename__ = "recovery_code"
    counted_as = "Recovery codes"

    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
