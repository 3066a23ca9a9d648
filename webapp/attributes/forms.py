"""The forms of an attribute, and of removing it."""

from __future__ import annotations

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired

from webapp.models import Kind
from webapp.web.forms import Choice, Form

MEANING = {
    Kind.TEXT: "Text",
    Kind.DATE: "A date",
    Kind.CHOICE: "A choice from the values that there are",
    Kind.USER: "Another user, such as the manager",
}


class AttributeForm(Form):
    name = StringField("Name", [InputRequired("Enter a name.")])
    kind = SelectField(
        "What its values are",
        choices=[Choice(kind.value, meaning) for kind, meaning in MEANING.items()],
    )
