"""Second factors: setting one up, checking what is given, and taking one away.

One is an app that makes codes, others are passkeys. Recovery codes come with the first.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from webapp.db import affected
from webapp.errors import Refused
from webapp.events import Recorded, record
from webapp.identity import attempts, passkeys
from webapp.identity.attempts import Counter
from webapp.identity.passkeys import Site
from webapp.identity.passwords import Attempt
from webapp.models import Account, Passkey, Person, RecoveryCode, SecondFactor, SignInSession

ISSUER = "Management Console"
RECOVERY_CODES, RECOVERY_BYTES = 10, 14  # bytes of chance: enough to be hashed without a salt
STEPS = (0, -1, 1)  # of 30 seconds: clocks differ a little


@dataclass(frozen=True)
class Held:
    """The second factors that a person has."""

    app: bool
    passkey: bool

    def __bool__(self) -> bool:
        return self.app or self.passkey


@dataclass(frozen=True)
class Given:
    """What a person gives: a code, or what the browser answers for a passkey, as JSON."""

    code: str = ""
    passkey: str = ""


def held(session: Session, account_id: int) -> Held:
    """Return the second factors of this person that count."""
    asked = select(
        exists(SecondFactor.account_id).where(
            SecondFactor.account_id == account_id, SecondFactor.confirmed
        ),
        exists(Passkey.account_id).where(Passkey.account_id == account_id),
    )
    return Held(*session.execute(asked).one())


def recovery_codes_left(session: Session, account_id: int) -> int:
    left = select(func.count()).select_from(RecoveryCode).filter_by(account_id=account_id)
    return session.scalars(left).one()


def begin(session: Session, account_id: int) -> SecondFactor:
    """Make the secret of an app, which a code must confirm; Refused where there is one already."""
    if held(session, account_id).app:
        raise Refused("You have an app that makes codes already.", "Remove it first.")
    session.execute(delete(SecondFactor).filter_by(account_id=account_id))
    factor = SecondFactor(account_id=account_id, secret=pyotp.random_base32())
    session.add(factor)
    session.flush()
    return factor


def address_of(factor: SecondFactor, user_name: str) -> str:
    """Return what an app reads from a QR code."""
    return pyotp.TOTP(factor.secret).provisioning_uri(name=user_name, issuer_name=ISSUER)


def confirm(session: Session, account_id: int, code: str, at: datetime) -> list[str] | None:
    """Let the app count, and return new recovery codes; None where the code is wrong."""
    factor, before = session.get(SecondFactor, account_id), held(session, account_id)
    step = _step_of(factor, code, at) if factor and not factor.confirmed else None
    if factor is None or not step:
        return None
    factor.confirmed, factor.last_step = True, step
    return _added(session, account_id, at, before)


def add_passkey(
    session: Session, account_id: int, answer: str, site: Site, token_hash: str, at: datetime
) -> list[str] | None:
    """Keep a passkey, and return new recovery codes; None where it is not the one asked for."""
    before = held(session, account_id)
    if not passkeys.add(session, account_id, answer, site, token_hash, at):
        return None
    return _added(session, account_id, at, before)


def check(
    session: Session,
    account_id: int,
    given: Given,
    at: datetime,
    counted: Sequence[Counter],
    site: Site,
    token_hash: str,
) -> Attempt:
    """Tell whether this is a code or a passkey of this person; note it on their session.

    Each counts once. An attempt is counted under `counted`, as one with a password is.
    """
    wait = attempts.count(session, counted, at)
    if wait:
        return Attempt(None, wait)
    if given.passkey:
        right = passkeys.use(session, account_id, given.passkey, site, token_hash, at)
    else:
        right = _use_code(session, account_id, given.code, at) or _use_recovery(
            session, account_id, given.code
        )
    if not right:
        _record(session, Recorded.SIGN_IN_FAILED, account_id, at, account_id)
        return Attempt(None)
    attempts.succeeded(session, counted)
    session.execute(update(SignInSession).filter_by(token_hash=token_hash).values(code_at=at))
    return Attempt(account_id)


def remove_app(session: Session, account_id: int, at: datetime) -> bool:
    """Take the app of this person away; return whether there was one."""
    removed = bool(affected(session, delete(SecondFactor).filter_by(account_id=account_id)))
    return removed and _removed(session, account_id, at, account_id)


def remove_passkey(session: Session, account_id: int, reference: str, at: datetime) -> bool:
    """Take one passkey of this person away; return whether there was one."""
    removed = passkeys.remove(session, account_id, reference)
    return removed and _removed(session, account_id, at, account_id)


def remove_all(session: Session, account_id: int, at: datetime) -> bool:
    """Take every second factor away, for an operator; return whether there was one."""
    of_app = affected(session, delete(SecondFactor).filter_by(account_id=account_id))
    of_passkeys = affected(session, delete(Passkey).filter_by(account_id=account_id))
    return bool(of_app + of_passkeys) and _removed(session, account_id, at, None)


def _added(session: Session, account_id: int, at: datetime, before: Held) -> list[str]:
    """Record it, and return the recovery codes that come with it, unless some are left."""
    _record(session, Recorded.SECOND_FACTOR_ADDED, account_id, at, account_id)
    if before and recovery_codes_left(session, account_id):
        return []
    session.execute(delete(RecoveryCode).filter_by(account_id=account_id))
    codes = [secrets.token_hex(RECOVERY_BYTES) for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(account_id=account_id, code_hash=_hash_of(c)) for c in codes)
    return codes


def _removed(session: Session, account_id: int, at: datetime, actor_id: int | None) -> bool:
    """Record it, and take the recovery codes away with the last one."""
    if not held(session, account_id):
        session.execute(delete(RecoveryCode).filter_by(account_id=account_id))
    _record(session, Recorded.SECOND_FACTOR_REMOVED, account_id, at, actor_id)
    return True


def _use_code(session: Session, account_id: int, code: str, at: datetime) -> bool:
    factor = session.get(SecondFactor, account_id)
    step = _step_of(factor, code, at) if factor and factor.confirmed else None
    if not step:
        return False
    unused = update(SecondFactor).filter_by(account_id=account_id)
    unused = unused.where(SecondFactor.last_step < step)
    return bool(affected(session, unused.values(last_step=step)))


def _use_recovery(session: Session, account_id: int, code: str) -> bool:
    of_code = {"account_id": account_id, "code_hash": _hash_of(code)}
    return bool(affected(session, delete(RecoveryCode).filter_by(**of_code)))


def _step_of(factor: SecondFactor, code: str, at: datetime) -> int | None:
    """Return the 30 seconds, counted from 1970, to which a code belongs; None where it is wrong."""
    app, typed = pyotp.TOTP(factor.secret), "".join(code.split())
    now = app.timecode(at)
    for step in (now + difference for difference in STEPS):
        if hmac.compare_digest(app.generate_otp(step).encode(), typed.encode()):
            return step
    return None


def _hash_of(code: str) -> str:
    return hashlib.sha256("".join(code.split()).casefold().encode()).hexdigest()


def _record(
    session: Session, what: Recorded, account_id: int, at: datetime, actor_id: int | None
) -> None:
    of_account = select(Account.domain_id).join(Person).where(Account.id == account_id)
    domain_id = session.scalar(of_account)
    record(session, what, at, actor_id=actor_id, subject_id=account_id, domain_id=domain_id)
