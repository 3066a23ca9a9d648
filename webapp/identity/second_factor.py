"""Second factors: setting one up, checking a code, and taking one away."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from webapp.db import affected
from webapp.errors import Refused
from webapp.events import Recorded, record
from webapp.identity import attempts
from webapp.identity.attempts import Counter
from webapp.identity.passwords import Attempt
from webapp.models import Account, Person, RecoveryCode, SecondFactor, SignInSession

ISSUER = "Management Console"
RECOVERY_CODES, RECOVERY_BYTES = 10, 14  # bytes of chance: enough to be hashed without a salt
STEPS = (0, -1, 1)  # of 30 seconds: clocks differ a little


def has(session: Session, account_id: int) -> bool:
    """Tell whether this person has a second factor that counts."""
    factor = session.get(SecondFactor, account_id)
    return factor is not None and factor.confirmed


def recovery_codes_left(session: Session, account_id: int) -> int:
    left = select(func.count()).select_from(RecoveryCode).filter_by(account_id=account_id)
    return session.scalars(left).one()


def begin(session: Session, account_id: int) -> SecondFactor:
    """Make a second factor that a code must confirm; Refused where there is one that counts."""
    if has(session, account_id):
        raise Refused("You have a second factor already.", "Remove it first.")
    session.execute(delete(SecondFactor).filter_by(account_id=account_id))
    factor = SecondFactor(account_id=account_id, secret=pyotp.random_base32())
    session.add(factor)
    session.flush()
    return factor


def address_of(factor: SecondFactor, user_name: str) -> str:
    """Return what an app reads from a QR code."""
    return pyotp.TOTP(factor.secret).provisioning_uri(name=user_name, issuer_name=ISSUER)


def confirm(session: Session, account_id: int, code: str, at: datetime) -> list[str]:
    """Let the second factor count and return the recovery codes; none where the code is wrong."""
    factor = session.get(SecondFactor, account_id)
    step = _step_of(factor, code, at) if factor and not factor.confirmed else None
    if factor is None or not step:
        return []
    factor.confirmed, factor.last_step = True, step
    codes = [secrets.token_hex(RECOVERY_BYTES) for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(account_id=account_id, code_hash=_hash_of(c)) for c in codes)
    _record(session, Recorded.SECOND_FACTOR_ADDED, account_id, at, account_id)
    return codes


def check_code(
    session: Session,
    account_id: int,
    code: str,
    at: datetime,
    counted: Sequence[Counter],
    token_hash: str,
) -> Attempt:
    """Tell whether this is a code of this person, and note it on the session of `token_hash`.

    Each code counts once. An attempt is counted under `counted`, as one with a password is.
    """
    wait = attempts.count(session, counted, at)
    if wait:
        return Attempt(None, wait)
    if not (_use_code(session, account_id, code, at) or _use_recovery(session, account_id, code)):
        _record(session, Recorded.SIGN_IN_FAILED, account_id, at, account_id)
        return Attempt(None)
    attempts.succeeded(session, counted)
    session.execute(update(SignInSession).filter_by(token_hash=token_hash).values(code_at=at))
    return Attempt(account_id)


def remove(session: Session, account_id: int, at: datetime, *, actor_id: int | None) -> bool:
    """Take the second factor and its recovery codes away; return whether there was one."""
    session.execute(delete(RecoveryCode).filter_by(account_id=account_id))
    removed = affected(session, delete(SecondFactor).filter_by(account_id=account_id))
    if removed:
        _record(session, Recorded.SECOND_FACTOR_REMOVED, account_id, at, actor_id)
    return bool(removed)


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
