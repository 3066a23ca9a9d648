"""The search form; which fields it has depends on the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row
from wtforms import SelectField, StringField
from wtforms.validators import Length, ValidationError

from webapp.models import Purpose, Selection, State
from webapp.models.person import searchable
from webapp.searching.selection import Criteria
from webapp.web.forms import Choice, Day, Domains, Form, in_order


class SearchForm(Form):
    """Keyword, domains, and a state (User Management) or dates deleted (erasing, restoring)."""

    since_from = Day("From")
    since_to = Day("To")
    keyword = StringField("Keyword", [Length(max=200, message="Use 200 characters or fewer.")])
    domains = Domains("Associated domain")
    state = SelectField(
        "State",
        default="",
        choices=[
            Choice("", "Live and archived"),
            Choice(State.LIVE, "Live"),
            Choice(State.ARCHIVED, "Archived"),
        ],
    )

    def validate_keyword(self, field: Any) -> None:
        if field.data and field.data.strip() and not searchable(field.data):
            raise ValidationError("Type at least one letter or digit.")

    def validate_since_to(self, field: Any) -> None:
        if not in_order(self.since_from.data, field.data):
            raise ValidationError("This date lies before the first one.")

    @property
    def criteria(self) -> Criteria:
        state = State(self.state.data) if self.state and self.state.data else None
        dates = (self.since_from.data, self.since_to.data) if self.since_from else (None, None)
        return Criteria(self.keyword.data or "", tuple(self.domains.data or ()), state, *dates)


def search_form(
    purpose: Purpose,
    offered: Sequence[Row[int, str]],
    shown: Selection | None = None,
    domain_ids: Sequence[int] = (),
) -> SearchForm:
    """The form of one page, filled with the criteria of the selection shown."""
    form = SearchForm(obj=shown, domains=list(domain_ids)) if shown else SearchForm()
    if purpose is Purpose.MANAGE:
        del form.since_from, form.since_to
    else:
        del form.state
    form.domains.offer(offered)
    return form
