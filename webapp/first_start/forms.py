"""The form with which somebody becomes the first administrator."""

from __future__ import annotations

from typing import Any

from wtforms import PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from webapp.identity.passwords import problem_with
from webapp.web.forms import Form


class FirstForm(Form):
    code = StringField("Code", [InputRequired("Enter the code."), Length(max=100)])
    domain = StringField("Your domain", [InputRequired("Enter the name of a domain.")])
    display_name = StringField("Your name", [InputRequired("Enter your name.")])
    user_name = StringField("User name", [InputRequired("Enter a user name.")])
    new = PasswordField("Password", [InputRequired("Enter a password.")])
    again = PasswordField("Password, again", [EqualTo("new", "The two passwords differ.")])

    def validate_new(self, field: Any) -> None:
        problem = problem_with(field.data, self.user_name.data or "", self.display_name.data or "")
        if problem:
            raise ValidationError(problem)
