"""The form in the pop-up: nothing to fill in for a short list and a recent sign-in."""

from __future__ import annotations

from typing import Any

from wtforms import PasswordField, StringField
from wtforms.validators import Length, ValidationError

from webapp.models import Operation
from webapp.web.forms import Form


class ConfirmForm(Form):
    """Ask for `number` where the list is longer than a page.

    Ask for `password` where a final verb meets an old sign-in.
    """

    number = StringField("Number of users", [Length(max=20)])
    password = PasswordField("Your password", [Length(max=1000)])

    def __init__(self, operation: Operation, *, long: bool, old_sign_in: bool) -> None:
        super().__init__()
        self.expected = operation.number
        if not long:
            del self.number
        if not old_sign_in:
            del self.password

    def validate_number(self, field: Any) -> None:
        typed = "".join(c for c in field.data or "" if c not in ",.  '\u00a0\u202f")
        if typed != str(self.expected):
            raise ValidationError(f"Type {self.expected:,} to confirm that you mean all of them.")

    def validate_password(self, field: Any) -> None:
        if not field.data:
            raise ValidationError("Enter your password.")
