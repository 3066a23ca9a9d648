"""The filter of who may do what."""

from __future__ import annotations

from wtforms import SelectField

from webapp.models import Permission
from webapp.web.forms import Choice, Domains, FilterForm

BY_DOMAIN, BY_PERSON = "domain", "person"


class RightsFilter(FilterForm):
    by = SelectField(
        "In the order of",
        default=BY_DOMAIN,
        choices=[Choice(BY_DOMAIN, "Domains"), Choice(BY_PERSON, "People")],
    )
    permission = SelectField(
        "Permission",
        default="",
        choices=[Choice("", "Any"), *(Choice(each.value, each.value) for each in Permission)],
    )
    domains = Domains("Domain")

    @property
    def asked_for(self) -> Permission | None:
        """The permission to look for; None for any."""
        return Permission(self.permission.data) if self.permission.data else None
