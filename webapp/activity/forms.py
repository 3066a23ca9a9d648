"""The filter of Administrator activity."""

from __future__ import annotations

from typing import Any

from wtforms import SelectField
from wtforms.validators import ValidationError

from webapp.events import Recorded
from webapp.web.forms import Choice, Day, Domains, FilterForm, in_order


class ActivityFilter(FilterForm):
    since = Day("From")
    until = Day("To")
    what = SelectField(
        "What was done",
        default="",
        choices=[Choice("", "Anything"), *(Choice(event.name, event.value) for event in Recorded)],
    )
    domains = Domains("Domain")

    def validate_until(self, field: Any) -> None:
        if not in_order(self.since.data, field.data):
            raise ValidationError("This date lies before the first one.")
