"""The form of a role."""

from __future__ import annotations

from wtforms import SelectMultipleField, StringField
from wtforms.validators import InputRequired

from webapp.models import Permission
from webapp.web.forms import Choice, Form


class RoleForm(Form):
    name = StringField("Name", [InputRequired("Enter a name.")])
    permissions = SelectMultipleField(
        "Permissions", choices=[Choice(each.value, each.value) for each in Permission]
    )

    @property
    def ticked(self) -> set[Permission]:
        return {Permission(each) for each in self.permissions.data or ()}
