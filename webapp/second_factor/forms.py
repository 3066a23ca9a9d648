"""Setting up and removing second factors."""

from __future__ import annotations

from typing import Any

from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from webapp.errors import Invalid
from webapp.models.names import checked_name
from webapp.models.second_factor import LONGEST_NAME
from webapp.web.forms import Form
from webapp.web.proof import Proof, ProofForm


class SecondFactorForm(ProofForm):
    """Ask for what `proof` says, and how a passkey that is to be added is called."""

    called = StringField("Name of the passkey")

    def __init__(self, proof: Proof, *, named: bool) -> None:
        super().__init__(proof)
        self.named = named

    def validate_called(self, field: Any) -> None:
        if not self.named:
            return
        if not (field.data or "").strip():
            raise ValidationError("Enter a name for the passkey.")
        if len(field.data) > LONGEST_NAME:
            raise ValidationError(f"Use {LONGEST_NAME} characters or fewer.")
        try:
            field.data = checked_name(field.data, "passkey")
        except Invalid as refused:
            raise ValidationError(refused.sentence) from None


class CodeForm(Form):
    code = StringField("Code", [InputRequired("Enter the code."), Length(max=100)])


class MadeForm(Form):
    """What the browser answers when it has made a passkey, as JSON."""

    passkey = HiddenField("Passkey")
