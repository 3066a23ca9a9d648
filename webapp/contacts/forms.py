"""Contacts: the filter, and the form that names one."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row
from wtforms import BooleanField, SelectField

from webapp.web.choosing import UserForm
from webapp.web.forms import Choice, Domains, FilterForm


class ContactsFilter(FilterForm):
    domains = Domains("Domain")


class ContactForm(UserForm):
    domain = SelectField("Domain", coerce=int)
    primary = BooleanField("Primary contact: may erase with the permission for it")

    def __init__(self, domains: Sequence[Row[int, str]]) -> None:
        super().__init__()
        self.domain.choices = [Choice(domain.id, domain.name) for domain in domains]
