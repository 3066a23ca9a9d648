"""The areas of the console and the pages in each. Who sees which follows from the routes."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.web.guard import may_open


@dataclass(frozen=True)
class Entry:
    """One page that the menu leads to."""

    label: str
    endpoint: str


@dataclass(frozen=True)
class Area:
    """A part of the console. A reader sees it who may open one of its pages."""

    label: str
    description: str
    entries: tuple[Entry, ...]
    blueprints: tuple[str, ...]

    def holds(self, blueprint: str | None) -> bool:
        return blueprint in self.blueprints

    @property
    def open(self) -> list[Entry]:
        """Return the pages that the reader may open."""
        return [entry for entry in self.entries if may_open(entry.endpoint)]


USERS = Area(
    "User Management",
    "Find users, archive and reactivate them, delete, restore and erase them.",
    (
        Entry("Search users", "manage.start"),
        Entry("Restore deleted users", "restore.start"),
        Entry("Erase deleted users", "erase.start"),
    ),
    ("manage", "people", "restore", "erase", "operations"),
)
REPORTS = Area(
    "Management Information",
    "Reports on users and on sign-ins, to read or to download.",
    (
        Entry("Users", "reports.users"),
        Entry("Sign-ins", "reports.sign_ins"),
    ),
    ("reports",),
)
AREAS = (
    USERS,
    Area(
        "Administrator activity",
        "Who did what to whom, and when; what is kept, and how long.",
        (
            Entry("Administrator activity", "activity.show"),
            Entry("What is kept", "activity.what_is_kept"),
        ),
        ("activity",),
    ),
    REPORTS,
    Area(
        "Billing",
        "Accounts counted per domain and month.",
        (Entry("Billing", "billing.show"),),
        ("billing",),
    ),
)
