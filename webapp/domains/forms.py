"""The form of a domain."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired

from webapp.web.forms import Form


class DomainForm(Form):
    name = StringField("Name", [InputRequired("Enter a name.")])
