"""Who looks after the users of the demo: the demo people, and a primary contact in every domain."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.demo.domains import DOMAINS
from webapp.demo.lives import Life, long_life
from webapp.demo.people import DEMO_PEOPLE, ROLES, DemoPerson
from webapp.models import Permission


@dataclass(frozen=True)
class Member:
    """Somebody who holds `role` in `domains`; without `demo`, they stand in the records only."""

    life: Life
    role: str
    domains: tuple[int, ...]
    contact_of: tuple[int, ...]
    primary: bool
    demo: DemoPerson | None = None

    def holds(self, permission: Permission, domain: int) -> bool:
        return domain in self.domains and permission in ROLES[self.role]


def all_members() -> list[Member]:
    contacts = [
        Member(long_life(place), "Domain contact", (place,), (place,), primary=True)
        for place in range(len(DOMAINS))
    ]
    return [*(_demo_person(person) for person in DEMO_PEOPLE), *contacts]


def managers(members: list[Member], domain: int) -> list[Life]:
    """List who may archive, reactivate and delete the users of a domain."""
    return [member.life for member in members if member.holds(Permission.USER_MANAGEMENT, domain)]


def eraser(members: list[Member], domain: int) -> Life:
    """Find who erases in a domain: a primary contact who has the permission for it."""
    return next(
        m.life
        for m in members
        if m.holds(Permission.ERASE_DELETED_USERS, domain) and m.primary and domain in m.contact_of
    )


def _demo_person(person: DemoPerson) -> Member:
    contact_of = tuple(
        place for place, domain in enumerate(DOMAINS) if domain.name in person.contact_of
    )
    domains = tuple(range(len(DOMAINS))) if person.everywhere else contact_of
    return Member(long_life(domains[0]), person.role, domains, contact_of, person.primary, person)
