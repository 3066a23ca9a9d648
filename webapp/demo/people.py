"""The people of the demo, as the sign-in page lists them, and what each of them holds."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.models import Permission

LONDON, DUBLIN, PARIS = "Northwind London", "Northwind Dublin", "Northwind Paris"

ROLES = {
    "Domain contact": (
        Permission.USER_MANAGEMENT,
        Permission.ERASE_DELETED_USERS,
        Permission.RESTORE_DELETED_USERS,
    ),
    "Domain contact without erasing": (
        Permission.USER_MANAGEMENT,
        Permission.RESTORE_DELETED_USERS,
    ),
    "Administrator": tuple(Permission),
    "Reader of reports and billing": (Permission.MANAGEMENT_INFORMATION, Permission.BILLING),
}


@dataclass(frozen=True)
class DemoPerson:
    """Somebody who can sign in. `who` is the sentence that is shown beside the button.

    They belong to the first domain of `contact_of`, or to London. The role is held in the domains
    of `contact_of`, or in every domain.
    """

    user_name: str
    display_name: str
    password: str
    who: str
    role: str
    everywhere: bool = False  # whether the role is held in every domain
    contact_of: tuple[str, ...] = ()
    primary: bool = False


PASSWORD = "demo-password"  # noqa: S105  # shown on the sign-in page, and known to no database but the demo's
DEMO_PEOPLE = (
    DemoPerson(
        "priya.contact",
        "Priya Contact",
        PASSWORD,
        "Primary contact of Northwind London and Northwind Dublin. "
        "Manages, restores and erases users there.",
        role="Domain contact",
        contact_of=(LONDON, DUBLIN),
        primary=True,
    ),
    DemoPerson(
        "owen.contact",
        "Owen Contact",
        PASSWORD,
        "Holds the same permissions in Northwind London, but is not a primary contact: "
        "he may not erase.",
        role="Domain contact",
        contact_of=(LONDON,),
    ),
    DemoPerson(
        "nadia.contact",
        "Nadia Contact",
        PASSWORD,
        "Primary contact of Northwind Paris, without the permission Erase deleted users.",
        role="Domain contact without erasing",
        contact_of=(PARIS,),
        primary=True,
    ),
    DemoPerson(
        "rosa.admin",
        "Rosa Admin",
        PASSWORD,
        "Administrator with every permission in every domain, contact of none.",
        role="Administrator",
        everywhere=True,
    ),
    DemoPerson(
        "max.reader",
        "Max Reader",
        PASSWORD,
        "Reads Management Information and Billing of every domain, nothing else.",
        role="Reader of reports and billing",
        everywhere=True,
    ),
)
