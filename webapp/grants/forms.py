"""Who holds which role: the filter, and the form that gives one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row
from wtforms import SelectField

from webapp.web.choosing import UserForm
from webapp.web.forms import Choice, Domains, FilterForm


class GrantsFilter(FilterForm):
    role = SelectField("Role", coerce=int, default=0)
    domains = Domains("Domain")

    def __init__(self, arguments: Any, roles: Sequence[Any]) -> None:
        super().__init__(arguments)
        self.role.choices = [Choice(0, "Any"), *(Choice(role.id, role.name) for role in roles)]


class GiveForm(UserForm):
    role = SelectField("Role", coerce=int)
    domain = SelectField("Domain", coerce=int)

    def __init__(self, roles: Sequence[Any], domains: Sequence[Row[int, str]]) -> None:
        super().__init__()
        self.role.choices = [Choice(role.id, role.name) for role in roles]
        self.domain.choices = [Choice(domain.id, domain.name) for domain in domains]
