"""The form in the pop-up: nothing to fill in for a short list and a recent sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import SelectMultipleField, StringField
from wtforms.validators import Length, ValidationError

from webapp.evidence.mentions import OfAttribute
from webapp.models import Operation
from webapp.web.proof import Proof, ProofForm


class ConfirmForm(ProofForm):
    """Ask for `number` where the list is longer than a page, and for what `proof` says.

    `remove` holds the attributes whose values go where they mention somebody on the list.
    """

    number = StringField("Number of users", [Length(max=20)])

    remove = SelectMultipleField("Remove what mentions them", coerce=int)

    def __init__(
        self, operation: Operation, *, long: bool, proof: Proof, mentioned: Sequence[OfAttribute]
    ) -> None:
        super().__init__(proof)
        self.mentioned = mentioned
        self.remove.choices = [(each.attribute_id, each.name) for each in mentioned]
        self.expected = operation.number
        if not long:
            del self.number

    def validate_number(self, field: Any) -> None:
        typed = "".join(c for c in field.data or "" if c not in ",.  '\u00a0\u202f")
        if typed != str(self.expected):
            raise ValidationError(f"Type {self.expected:,} to confirm that you mean all of them.")
