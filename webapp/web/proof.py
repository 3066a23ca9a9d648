"""What a reader must prove before something that cannot be undone: that it is still them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, request
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import Length, ValidationError

from webapp.db import db
from webapp.errors import Refused
from webapp.identity import attempts, second_factor, sessions
from webapp.identity.passkeys import Site
from webapp.identity.second_factor import Given
from webapp.times import now
from webapp.web.filters import waiting
from webapp.web.forms import Form
from webapp.web.guard import check_password, reader, settings

WRONG_PASSWORD = "This is not your password."  # noqa: S105  # a sentence
WRONG_CODE = "This code is not right, or was used before."
WRONG_PASSKEY = (
    "This passkey was not accepted: it is not yours, or it was asked for too long ago. "
    "Use your passkey again."
)


@dataclass(frozen=True)
class Proof:
    """What is asked for: the password, or one of the second factors that the reader has."""

    password: bool = False
    app: bool = False
    passkey: bool = False


NOTHING = Proof()


class ProofForm(Form):
    """A form that asks for what `proof` says. A recovery code is one of the codes."""

    password = PasswordField("Your password", [Length(max=1000)])
    passkey = HiddenField("Passkey")  # as JSON, put there by a script
    code = StringField("Code", [Length(max=100)])

    def __init__(self, proof: Proof) -> None:
        super().__init__()
        self.proof = proof
        if not proof.password:
            del self.password
        if not (proof.app or proof.passkey):
            del self.code
        if not (proof.passkey and settings().passkeys_at):
            del self.passkey

    def validate_password(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Enter your password.")

    def validate_code(self, field: Any) -> None:
        if not self.passkey and not field.data:
            raise ValidationError("Enter a code.")
        if self.passkey and not self.passkey.data and not field.data:
            raise ValidationError("Use your passkey, or enter a code.")


def always() -> Proof:
    """Return what is asked of the reader, however recently they have given it."""
    held = second_factor.held(db.session, reader().account_id)
    return Proof(password=not held, app=held.app, passkey=held.passkey)


def needed() -> Proof:
    """Return what is to be given now; nothing for some minutes after it was given.

    Refused where everybody needs a second factor and the reader has none.
    """
    asked = always()
    if asked.password and settings().second_factor:
        raise Refused(
            "Erasing needs a second factor, and you have set none up.",
            "Set one up: the page is linked from Your account. Then come back.",
        )
    given_at = reader().password_at if asked.password else reader().code_at
    return NOTHING if _recent(given_at) else asked


def given(form: ProofForm) -> bool:
    """Tell whether what the form asks for is the reader's; if not, the form says so."""
    if form.password:
        return _password_given(form)
    return not form.code or _second_factor_given(form)


def site() -> Site:
    """Return what passkeys are bound to, at the address that the reader uses."""
    scheme = "https" if settings().https else "http"
    return Site(settings().passkeys_at, f"{scheme}://{request.host}")


def _password_given(form: ProofForm) -> bool:
    tried = check_password(reader().user_name, form.password.data)
    if tried.account_id == reader().account_id:
        sessions.password_given(db.session, reader().token, now())
        return True
    form.password.errors = [waiting(tried.wait) or WRONG_PASSWORD]
    return False


def _second_factor_given(form: ProofForm) -> bool:
    person, passkey = reader(), str(form.passkey.data or "") if form.passkey else ""
    counted = attempts.counters(str(current_app.secret_key), person.user_name, "", "code")
    tried = second_factor.check(
        db.session,
        person.account_id,
        Given(str(form.code.data or ""), passkey),
        now(),
        counted,
        site(),
        sessions.hash_of(person.token),
    )
    if tried.account_id is not None:
        return True
    form.code.errors = [waiting(tried.wait) or (WRONG_PASSKEY if passkey else WRONG_CODE)]
    if form.passkey:
        form.passkey.data = ""
    return False


def _recent(at: datetime | None) -> bool:
    return at is not None and now() - at <= settings().recent_sign_in
