"""Signing in and changing the password."""

from __future__ import annotations

from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from webapp.identity.passwords import LONGEST_PASSWORD, SHORTEST_PASSWORD
from webapp.web.forms import Form


class SignInForm(Form):
    user_name = StringField("User name", [InputRequired("Enter your user name."), Length(max=1000)])
    password = PasswordField("Password", [InputRequired("Enter your password."), Length(max=1000)])


class PasswordForm(Form):
    present = PasswordField(
        "Present password", [InputRequired("Enter your present password."), Length(max=1000)]
    )
    new = PasswordField(
        "New password",
        [
            InputRequired("Enter a new password."),
            Length(
                SHORTEST_PASSWORD, LONGEST_PASSWORD, f"Use {SHORTEST_PASSWORD} characters or more."
            ),
        ],
    )
    again = PasswordField("New password, again", [EqualTo("new", "The two new passwords differ.")])
