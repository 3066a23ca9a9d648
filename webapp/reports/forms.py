"""The filters of the reports."""

from __future__ import annotations

from typing import Any

from wtforms import SelectField
from wtforms.validators import ValidationError

from webapp.models import State
from webapp.web.forms import Choice, Day, Domains, FilterForm, in_order


class UsersFilter(FilterForm):
    state = SelectField(
        "State",
        default="",
        choices=[
            Choice("", "Any"),
            *(Choice(state.value, state.value.capitalize()) for state in State),
        ],
    )
    domains = Domains("Domain")


class SignInsFilter(FilterForm):
    since = Day("From")
    until = Day("To")
    domains = Domains("Domain")

    def validate_until(self, field: Any) -> None:
        if not in_order(self.since.data, field.data):
            raise ValidationError("This date lies before the first one.")
