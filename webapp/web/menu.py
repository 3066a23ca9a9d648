"""The areas of the console and the pages in each. Who sees which follows from the routes."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.web.guard import may_open


@dataclass(frozen=True)
class Entry:
    """One page that the menu leads to."""

    label: str
    endpoint: str
    covers: tuple[str, ...] = ()  # endpoints and blueprints of the pages that it leads on to

    def leads_to(self, endpoint: str | None, blueprint: str | None) -> bool:
        """Tell whether the page shown is this one, or one that it leads on to."""
        return endpoint == self.endpoint or endpoint in self.covers or blueprint in self.covers


@dataclass(frozen=True)
class Area:
    """A part of the console. A reader sees it who may open one of its pages."""

    label: str
    description: str
    entries: tuple[Entry, ...]

    @property
    def open(self) -> list[Entry]:
        """Return the pages that the reader may open."""
        return [entry for entry in self.entries if may_open(entry.endpoint)]


AREAS = (
    Area(
        "User Management",
        "Find users, archive and reactivate them, delete, restore and erase them.",
        (
            Entry("Search users", "manage.start", ("manage", "people")),
            Entry("Restore deleted users", "restore.start", ("restore",)),
            Entry("Erase deleted users", "erase.start", ("erase",)),
        ),
    ),
    Area(
        "Administrator activity",
        "Who did what to whom, and when; what is kept, and how long.",
        (
            Entry("Administrator activity", "activity.show"),
            Entry("What is kept", "activity.what_is_kept"),
        ),
    ),
    Area(
        "Management Information",
        "Reports on users and on sign-ins, to read or to download.",
        (Entry("Users", "reports.users"), Entry("Sign-ins", "reports.sign_ins")),
    ),
    Area(
        "Billing",
        "Accounts counted per domain and month.",
        (Entry("Billing", "billing.show", ("billing",)),),
    ),
    Area(
        "Setting up",
        "Roles and who holds them, domains and their contacts, attributes of users.",
        (
            Entry("First steps", "first_start.steps"),
            Entry("Roles", "roles.show", ("roles",)),
            Entry("Who holds which role", "grants.show", ("grants",)),
            Entry("Domains", "domains.show", ("domains",)),
            Entry("Contacts", "contacts.show", ("contacts",)),
            Entry("Attributes", "attributes.show", ("attributes",)),
            Entry("Who may do what", "rights.show"),
        ),
    ),
)
OWN = Area(
    "You",
    "What you chose, your password and your sessions, and what you have erased.",
    (
        Entry("Your account", "console.you"),
        Entry("Password and sessions", "sign_in.password", ("sign_in", "second_factor")),
        Entry("Your erasures", "operations.receipts", ("operations.receipt",)),
    ),
)
