"""The areas of the console and the pages in each, with the permission that opens them."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.models import Permission


@dataclass(frozen=True)
class Entry:
    """One page of the menu."""

    permission: Permission
    label: str
    endpoint: str


@dataclass(frozen=True)
class Area:
    """A part of the console; a reader sees it who may open one of its pages."""

    label: str
    description: str
    entries: tuple[Entry, ...]
    blueprints: tuple[str, ...]

    def holds(self, blueprint: str | None) -> bool:
        return blueprint in self.blueprints

    def open_to(self, permissions: frozenset[Permission]) -> list[Entry]:
        return [entry for entry in self.entries if entry.permission in permissions]


USERS = Area(
    "User Management",
    "Find users, archive and reactivate them, delete, restore and erase them.",
    (
        Entry(Permission.USER_MANAGEMENT, "Search users", "manage.start"),
        Entry(Permission.RESTORE_DELETED_USERS, "Restore deleted users", "restore.start"),
        Entry(Permission.ERASE_DELETED_USERS, "Erase deleted users", "erase.start"),
    ),
    ("manage", "people", "restore", "erase", "operations"),
)
REPORTS = Area(
    "Management Information",
    "Reports on users and on sign-ins, to read or to download.",
    (
        Entry(Permission.MANAGEMENT_INFORMATION, "Users", "reports.users"),
        Entry(Permission.MANAGEMENT_INFORMATION, "Sign-ins", "reports.sign_ins"),
    ),
    ("reports",),
)
AREAS = (
    USERS,
    Area(
        "Administrator activity",
        "Who did what to whom, and when.",
        (Entry(Permission.ADMINISTRATOR_ACTIVITY, "Administrator activity", "activity.show"),),
        ("activity",),
    ),
    REPORTS,
    Area(
        "Billing",
        "Accounts counted per domain and month.",
        (Entry(Permission.BILLING, "Billing", "billing.show"),),
        ("billing",),
    ),
)
