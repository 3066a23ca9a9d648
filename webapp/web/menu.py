"""The areas of the console and the pages in each. Who sees which follows from the routes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

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
SETTING_UP = Area(
    "Setting up",
    "Roles and who holds them, domains and their contacts, attributes of users.",
    (
        Entry("First steps", "first_start.steps"),
        Entry("Roles", "roles.show"),
        Entry("Who holds which role", "grants.show"),
        Entry("Domains", "domains.show"),
        Entry("Contacts", "contacts.show"),
        Entry("Attributes", "attributes.show"),
        Entry("Who may do what", "rights.show"),
    ),
    ("first_start", "roles", "grants", "domains", "contacts", "attributes", "rights"),
)
AREAS = (
    USERS,
    Area(
        "Administrator activity",
        "Who did what to whom, and when.",
        (Entry("Administrator activity", "activity.show"),),
        ("activity",),
    ),
    REPORTS,
    Area(
        "Billing",
        "Accounts counted per domain and month.",
        (Entry("Billing", "billing.show"),),
        ("billing",),
    ),
    SETTING_UP,
)


def beside(area: Area, endpoint: str) -> dict[str, Any]:
    """Return what the menu at the side of a page needs."""
    return {"entries": area.open, "endpoint": endpoint}
