"""Passkeys: asking a person's device for one, adding one, checking one, and taking one away.

The device signs a challenge, which is kept at the session, for some minutes, and counts once.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import webauthn
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, generate_challenge
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    UserVerificationRequirement,
)

from webapp.db import affected
from webapp.errors import Refused
from webapp.models import Account, Passkey, Person, SignInSession
from webapp.models.second_factor import LONGEST_ID

CONSOLE = "Management Console"
LIFETIME = timedelta(minutes=5)  # of a challenge
MOST = 20  # passkeys of a person
VERIFIED = UserVerificationRequirement.REQUIRED  # by a finger, a face or a number
T = TypeVar("T")


@dataclass(frozen=True)
class Site:
    """What passkeys are bound to: the name of the console, and its address in the browser."""

    name: str
    origin: str


def of(session: Session, account_id: int) -> Sequence[Passkey]:
    """Return a person's passkeys, the oldest first."""
    asked = select(Passkey).filter_by(account_id=account_id)
    return session.scalars(asked.order_by(Passkey.added_at, Passkey.reference)).all()


def ask_for_new(
    session: Session, account_id: int, name: str, site: Site, token_hash: str, at: datetime
) -> str:
    """Return what the browser needs to make a passkey of this name, as JSON.

    Refused where the person has very many.
    """
    there = of(session, account_id)
    if len(there) >= MOST:
        raise Refused(f"You have {MOST} passkeys already.", "Remove one first.")
    asked = select(Account.key, Person.user_name).join(Person).where(Account.id == account_id)
    key, user_name = session.execute(asked).one()
    options = webauthn.generate_registration_options(
        rp_id=site.name,
        rp_name=CONSOLE,
        user_id=key.encode(),
        user_name=user_name,
        challenge=_challenge(session, token_hash, at, adding=name),
        timeout=int(LIFETIME.total_seconds() * 1000),
        authenticator_selection=AuthenticatorSelectionCriteria(user_verification=VERIFIED),
        exclude_credentials=_described(there),
    )
    return webauthn.options_to_json(options)


def ask(session: Session, account_id: int, site: Site, token_hash: str, at: datetime) -> str:
    """Return what the browser needs to use one of this person's passkeys, as JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=site.name,
        challenge=_challenge(session, token_hash, at),
        timeout=int(LIFETIME.total_seconds() * 1000),
        allow_credentials=_described(of(session, account_id)),
        user_verification=VERIFIED,
    )
    return webauthn.options_to_json(options)


def add(
    session: Session, account_id: int, answer: str, site: Site, token_hash: str, at: datetime
) -> bool:
    """Keep the passkey that the browser has made; return whether it is what was asked for."""
    challenge, name = _take_challenge(session, token_hash, at)
    if not challenge or name is None:
        return False
    made = _read(
        lambda: webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.name,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    )
    if made is None or len(made.credential_id) > LONGEST_ID:
        return False
    credential_id = bytes_to_base64url(made.credential_id)
    if session.get(Passkey, credential_id):
        return False
    session.add(
        Passkey(
            credential_id=credential_id,
            reference=secrets.token_hex(8),
            account_id=account_id,
            name=name,
            public_key=bytes_to_base64url(made.credential_public_key),
            uses=made.sign_count,
            added_at=at,
        )
    )
    session.flush()
    return True


def use(
    session: Session, account_id: int, answer: str, site: Site, token_hash: str, at: datetime
) -> bool:
    """Tell whether this answers the challenge with a passkey of this person, and note its use."""
    challenge, name = _take_challenge(session, token_hash, at)
    credential_id = _read(lambda: json.loads(answer)["id"])
    locked = session.scalars(select(Passkey).filter_by(account_id=account_id).with_for_update())
    passkey = next((each for each in locked if each.credential_id == credential_id), None)
    if not challenge or name is not None or passkey is None:
        return False
    used = _read(
        lambda: webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.name,
            expected_origin=site.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=passkey.uses,
            require_user_verification=True,
        )
    )
    if used is None:
        return False
    passkey.uses, passkey.used_at = used.new_sign_count, at
    return True


def remove(session: Session, account_id: int, reference: str) -> bool:
    """Forget the passkey of this person that has this reference; return whether it was there."""
    mine = {"account_id": account_id, "reference": reference}
    return bool(affected(session, delete(Passkey).filter_by(**mine)))


def _described(passkeys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(base64url_to_bytes(p.credential_id)) for p in passkeys]


def _challenge(
    session: Session, token_hash: str, at: datetime, *, adding: str | None = None
) -> bytes:
    """Keep a new challenge in place of the one before. It is for adding one where named."""
    challenge = generate_challenge()
    kept = {"challenge": bytes_to_base64url(challenge), "challenge_at": at, "adding": adding}
    session.execute(update(SignInSession).filter_by(token_hash=token_hash).values(kept))
    return challenge


def _take_challenge(
    session: Session, token_hash: str, at: datetime
) -> tuple[bytes | None, str | None]:
    """Return the challenge, which is gone then, and the name of the passkey to be added."""
    kept = session.get(SignInSession, token_hash, with_for_update=True)
    if kept is None:
        return None, None
    challenge, made_at, name = kept.challenge, kept.challenge_at, kept.adding
    kept.challenge = kept.challenge_at = kept.adding = None
    if not challenge or made_at is None or at - made_at > LIFETIME:
        return None, None
    return base64url_to_bytes(challenge), name


def _read(reading: Callable[[], T]) -> T | None:
    """Return what is read from an answer of a browser; None where it is not as it should be."""
    try:
        return reading()
    except Exception:  # what answers that somebody made up raise is without end
        return None
