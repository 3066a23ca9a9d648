"""What migrations change on purpose, in rows that are there already. Nothing else may change.

Without an entry here, every row and every column of an earlier revision must still be there, with
the same values, after the upgrade. A migration that means to change some has a function that does
the same to the rows read before it, by the name of its revision:

    def leave_erased_accounts_out(rows: Rows) -> None:
        rows["account"] = [row for row in rows["account"] if row["state"] != "erased"]
        for row in rows["event"]:
            del row["subject_id"]  # the column goes

    INTENDED = {"0002": leave_erased_accounts_out}

New tables and new columns need no entry.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Rows = dict[str, list[dict[str, Any]]]  # by the name of the table; each row by its columns' names


def end_sessions_and_count_more_than_names(rows: Rows) -> None:
    rows["sign_in_session"] = []
    for row in rows["sign_in_failure"]:
        row["what_hash"] = row.pop("name_hash")


INTENDED: dict[str, Callable[[Rows], None]] = {"0010": end_sessions_and_count_more_than_names}
