"""What an erasure removes and keeps: counted before, for the pop-up, by what the receipt counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from webapp.lifecycle.erase import SEARCH_WORDS, on_list, rows_of
from webapp.models import BilledSpan, Drill, Operation, Party, Selection
from webapp.models.personal import personal_tables
from webapp.words import ERASED

# What stays after every erasure, and why.
KEPT = (
    "Billing statistics count the accounts in the months in which they were live, as numbers "
    "without identity: what was billed must stay as it was.",
    "Administrator activity says what was done, on which day and in which domain, so that "
    f"administrators answer for it. It reads “{ERASED}” where a name was, and the exact moment is "
    "kept only where nobody who took part has been erased.",
    "This receipt keeps the numbers above, so that the erasure can be shown.",
)
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
    listed = on_list(operation)
    worded = select(literal(SEARCH_WORDS), func.count(Selection.words))
    counts = [worded] + [
        select(literal(model.counted_as), func.count())
        .select_from(model)
        .where(rows_of(model, listed))
        for model in personal_tables()
    ]
    numbers: dict[str, int] = dict(session.execute(union_all(*counts)).all())
    span = select(func.min(BilledSpan.first_month), func.max(BilledSpan.last_month))
    first, last = session.execute(span.where(BilledSpan.account_id.in_(listed.accounts))).one()
    months = 12 * (last.year - first.year) + last.month - first.month + 1 if last else 0
    kinds = (SEARCH_WORDS, *(model.counted_as for model in personal_tables()))
    by_kind = [(kind, numbers[kind]) for kind in kinds if numbers[kind]]
    return Preview(by_kind, numbers[Party.counted_as], months)


def last_passed(session: Session) -> datetime | None:
    """Return when a drill last found nothing; None where none has."""
    return session.scalar(select(func.max(Drill.at)).where(Drill.remains == 0))
