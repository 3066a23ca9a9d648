"""Choose one user in a form: by user name, or by part of a name from those who fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request, url_for
from wtforms import StringField
from wtforms.validators import Length

from webapp.access import find
from webapp.db import db
from webapp.models import Person
from webapp.searching import choosing
from webapp.web.forms import Form

ON_USER = "user"  # what is sent as `shown` by forms that belong to one user's page


class UserForm(Form):
    """Asks for a live user. `user` is the reference of one who was chosen; empty before.

    `person` is who was chosen, `offered` who can be.
    """

    user_name = StringField("User", [Length(max=200, message="Use 200 characters or fewer.")])
    user = StringField()
    person: Person | None = None
    offered: Sequence[Person] = ()

    @property
    def account_id(self) -> int:
        """Return the account of who was chosen."""
        if self.person is None:
            raise RuntimeError("Nobody has been chosen.")
        return self.person.account_id

    def choose(self, domain_ids: Sequence[int]) -> bool:
        """Find out who is meant; where that is not clear, offer the users of these domains."""
        typed = (self.user_name.data or "").strip()
        if self.user.data:
            self.person = find.referred_to(db.session, self.user.data)
        elif typed:
            self.person = choosing.named(db.session, typed)
        if self.person is None:
            self.offered = choosing.live_users(db.session, typed, domain_ids) if typed else ()
            self.user_name.errors = [self._problem(typed)]
        return self.person is not None

    def _problem(self, typed: str) -> str:
        if not typed:
            return "Enter a user name, or part of a name."
        if not self.offered:
            return "No live user of your domains has this in their name."
        if len(self.offered) == choosing.OFFERED:
            return f"Choose who is meant: these are the first {choosing.OFFERED}."
        return "Choose who is meant."


def preset(form: UserForm) -> None:
    """Fill in the user from whose page the form was opened."""
    reference = request.args.get("user")
    if reference:
        form.person = find.referred_to(db.session, reference)
        form.user.data = reference


def back_to(other: str) -> dict[str, Any]:
    """Return where a form leads back to: the user's page it was opened from, or else `other`.

    `shown` is what the form sends along so that this is known afterwards.
    """
    reference = request.values.get("user")
    if not reference or request.values.get("shown") != ON_USER:
        return {"back": other, "shown": ""}
    return {"back": url_for("people.show", reference=reference), "shown": ON_USER}
