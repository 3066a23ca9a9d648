"""Signing in and changing the password."""

from __future__ import annotations

from typing import Any

from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from webapp.identity.passwords import problem_with
from webapp.web.forms import Form


class SignInForm(Form):
    user_name = StringField("User name", [InputRequired("Enter your user name."), Length(max=1000)])
    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=1000)])


class PasswordForm(Form):
    present = PasswordField(
        "Present password", [InputRequired("Enter your present password."), Length(max=1000)]
    )
    new = PasswordField("New password", [InputRequired("Enter a new password.")])
    again = PasswordField("New password, again", [EqualTo("new", "The two new passwords differ.")])

    def __init__(self, *names: str) -> None:
        """Make the form for somebody with these names, which no password may hold."""
        super().__init__()
        self.names = names

    def validate_new(self, field: Any) -> None:
        problem = problem_with(field.data, *self.names)
        if problem:
            raise ValidationError(problem)
