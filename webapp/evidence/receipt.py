"""What an erasure removes and keeps: counted before, for the pop-up, by what the receipt counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from webapp.lifecycle.erase import SEARCH_WORDS, rows_of
from webapp.lifecycle.operation import accounts_of
from webapp.models import BilledSpan, Operation, Party, Selection
from webapp.models.personal import personal_tables

# What a receipt says was not looked at, whatever was done.
NOT_CHECKED = (
    "The memory and the swap of the server, and blocks of its disk that belong to no file.",
    "Downloads, print-outs, and what browsers keep.",
    "Backups, replicas and archives that others made.",
    "Other systems that were given the same people.",
)


@dataclass(frozen=True)
class Preview:
    """What goes with the people of a list, by the names on the receipt, and what stays.

    `places` is how often they stand in Administrator activity. `months` is how many months of
    billing count them.
    """

    by_kind: Sequence[tuple[str, int]]
    places: int
    months: int

    @property
    def number(self) -> int:
        return sum(number for _, number in self.by_kind)


def preview(session: Session, operation: Operation) -> Preview:
    """Count what erasing the people of this list would remove, as it is now.

    Names in others' attributes are counted by the mentions.
    """
    listed = accounts_of(operation)
    worded = select(literal(SEARCH_WORDS), func.count(Selection.words))
    counts = [worded] + [
        select(literal(model.counted_as), func.count())
        .select_from(model)
        .where(rows_of(model, operation, listed))
        for model in personal_tables()
    ]
    numbers: dict[str, int] = dict(session.execute(union_all(*counts)).all())
    span = select(func.min(BilledSpan.first_month), func.max(BilledSpan.last_month))
    first, last = session.execute(span.where(BilledSpan.account_id.in_(listed))).one()
    months = 12 * (last.year - first.year) + last.month - first.month + 1 if last else 0
    by_kind = [(kind, number) for kind, number in numbers.items() if number]
    return Preview(by_kind, numbers[Party.counted_as], months)
