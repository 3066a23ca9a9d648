"""What a reader must prove before something that cannot be undone: that it is still them."""

from __future__ import annotations

from datetime import datetime
from enum import Enum

from flask import current_app

from webapp.db import db
from webapp.errors import Refused
from webapp.identity import attempts, second_factor, sessions
from webapp.identity.passwords import Attempt
from webapp.times import now
from webapp.web.guard import reader, settings


class Proof(Enum):
    """What is asked for."""

    NOTHING = "nothing"
    PASSWORD = "password"  # noqa: S105  # the name of what is asked for
    CODE = "code"


def needed() -> Proof:
    """Return what is to be given now: a code where the reader has a second factor.

    Nothing is asked for again for some minutes. Refused where everybody needs a second factor and
    the reader has none.
    """
    if second_factor.has(db.session, reader().account_id):
        return Proof.NOTHING if _recent(reader().code_at) else Proof.CODE
    if settings().second_factor:
        raise Refused(
            "Erasing needs a second factor, and you have set none up.",
            "Set one up: the page is linked from Password, at the top. Then come back.",
        )
    return Proof.NOTHING if _recent(reader().password_at) else Proof.PASSWORD


def check_code(code: str | None) -> Attempt:
    """Tell whether this is a code of the reader, or how long to wait before the next attempt."""
    person = reader()
    counted = attempts.counters(str(current_app.secret_key), person.user_name, "", "code")
    return second_factor.check_code(
        db.session, person.account_id, code or "", now(), counted, sessions.hash_of(person.token)
    )


def _recent(at: datetime | None) -> bool:
    return at is not None and now() - at <= settings().recent_sign_in
