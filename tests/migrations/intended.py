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

from webapp.models.person import derived

Rows = dict[str, list[dict[str, Any]]]  # by the name of the table; each row by its columns' names


def forget_searches(rows: Rows) -> None:
    """They are kept for a day only."""
    for table in {"selection", "selection_domain", "selection_tick"} & rows.keys():
        rows[table] = []


FORGOTTEN = ("operation", "operation_account", "selection", "selection_tick")
OF_ACCOUNTS = (
    "attribute_value",
    "billed_span",
    "contact",
    "person",
    "role_grant",
    "sign_in",
    "sign_in_session",
)


def leave_numbers_of_the_erased(rows: Rows) -> None:
    """Erased accounts go, with all that is theirs; who took part in events is kept elsewhere."""
    erased = {row["id"] for row in rows["account"] if row["state"] == "erased"}
    rows["account"] = [row for row in rows["account"] if row["id"] not in erased]
    for table in OF_ACCOUNTS:
        rows[table] = [row for row in rows[table] if row["account_id"] not in erased]
    for table in FORGOTTEN:
        rows[table] = []
    for event in rows["event"]:
        parties = {event.pop("actor_id"), event.pop("subject_id")}
        event["at"] = None if parties & erased else event["at"]
        del event["id"]  # which told the order of time
    for receipt in rows["receipt"]:
        del receipt["actor_id"], receipt["at"]


def end_sessions_and_count_more_than_names(rows: Rows) -> None:
    rows["sign_in_session"] = []
    for row in rows["sign_in_failure"]:
        row["what_hash"] = row.pop("name_hash")


def fold_anew(rows: Rows) -> None:
    """Search texts are made anew from the names."""
    for row in rows["person"]:
        names = ("user_name", "display_name", "given_name", "surname", "email", "external_id")
        row["search_text"] = derived(**{name: row[name] for name in names})["search_text"]


EVERY_PERMISSION = {
    "User Management",
    "Erase deleted users",
    "Restore deleted users",
    "Administrator activity",
    "Management Information",
    "Billing",
}
TO_SET_UP = (
    "Set up roles",
    "Give roles",
    "Set up domains",
    "Name contacts",
    "Set up attributes",
    "Who may do what",
)


def let_administrators_set_up(rows: Rows) -> None:
    """A role with every permission, held by nobody in some domains only, gets the new ones."""
    everywhere, held = {row["id"] for row in rows["domain"]}, rows["role_grant"]
    for role in [row["id"] for row in rows["role"]]:
        permissions = {r["permission"] for r in rows["role_permission"] if r["role_id"] == role}
        domains: dict[int, set[int]] = {}
        for row in held:
            if row["role_id"] == role:
                domains.setdefault(row["account_id"], set()).add(row["domain_id"])
        if permissions >= EVERY_PERMISSION and all(d == everywhere for d in domains.values()):
            rows["role_permission"] += [
                {"role_id": role, "permission": permission} for permission in TO_SET_UP
            ]


INTENDED: dict[str, Callable[[Rows], None]] = {
    "0002": forget_searches,
    "0003": leave_numbers_of_the_erased,
    "0005": end_sessions_and_count_more_than_names,
    "0006": forget_searches,
    "0007": fold_anew,
    "0012": let_administrators_set_up,
}
