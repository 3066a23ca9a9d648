"""Make what tests are about with the real models.

Everything is flushed; the clients in conftest.py commit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from argon2 import PasswordHasher
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.events import Recorded, described
from webapp.models import (
    Account,
    Attribute,
    AttributeValue,
    BilledSpan,
    Contact,
    Domain,
    ErasedSpan,
    Event,
    Grant,
    Kind,
    Part,
    Party,
    Permission,
    Person,
    Purpose,
    Receipt,
    ReceiptLine,
    Reference,
    Role,
    RolePermission,
    Selection,
    SignIn,
    State,
)
from webapp.models.names import key_of
from webapp.models.person import derived
from webapp.permissions import domain_ids_of
from webapp.searching import selection as searches
from webapp.searching.criteria import Asked
from webapp.states import SEARCHES
from webapp.times import month_of, now

PASSWORD = "a password for tests"
CREATED = datetime(2024, 3, 14, 9, 30, 12, 345678, UTC)
SINCE = datetime(2025, 5, 20, 16, 45, 33, 456789, UTC)
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # a real hash in microseconds

ALL_OF_USERS = (
    Permission.USER_MANAGEMENT,
    Permission.ERASE_DELETED_USERS,
    Permission.RESTORE_DELETED_USERS,
)


def a_domain(session: Session, name: str = "Northwind London") -> Domain:
    domain = Domain(name=name, name_key=key_of(name))
    session.add(domain)
    session.flush()
    return domain


def a_user(
    session: Session,
    domain: Domain,
    name: str = "Anna Archer",
    *,
    user_name: str = "",
    email: str = "",
    external_id: str = "",
    state: State = State.LIVE,
    since: datetime = SINCE,
    password: str | None = None,
    attributes: Mapping[str, str] | None = None,
) -> Person:
    """Make a person and their account.

    `Anna Archer` signs in as `anna.archer` unless told otherwise.
    """
    account = an_account(session, domain, state, since)
    given, _, surname = name.partition(" ")
    user_name = user_name or name.casefold().replace(" ", ".")
    names = {
        "user_name": user_name,
        "display_name": name,
        "given_name": given,
        "surname": surname,
        "email": email or f"{user_name}@example.org",
        "external_id": external_id,
    }
    person = Person(
        account_id=account.id,
        password_hash=CHEAP.hash(password) if password else None,
        **names,
        **derived(**names),
    )
    session.add(person)
    session.flush()
    last = None if state is State.LIVE else month_of(since)
    span = BilledSpan(first_month=month_of(account.created_at), last_month=last)
    span.account_id, span.domain_id = account.id, domain.id
    session.add(span)
    session.flush()
    for attribute, value in (attributes or {}).items():
        give_attribute(session, person, attribute, value)
    return person


def an_account(session: Session, domain: Domain, state: State, since: datetime = SINCE) -> Account:
    """Make an account, whose person is still to come."""
    account = Account(domain_id=domain.id, state=state, created_at=min(CREATED, since), since=since)
    session.add(account)
    session.flush()
    return account


def an_erased_user(session: Session, domain: Domain, since: datetime = SINCE) -> None:
    """Leave what erasing leaves of one user: a span, billed from when they were made."""
    months = {"first_month": month_of(CREATED), "last_month": month_of(since)}
    key = {"domain_id": domain.id, **months}
    span = session.get(ErasedSpan, tuple(key.values())) or ErasedSpan(**key, number=0)
    span.number += 1
    session.add(span)
    session.flush()


def erased(session: Session) -> int:
    """Count the users that have been erased, as the receipts say."""
    session.commit()
    return session.scalar(select(func.sum(Receipt.number))) or 0


def at_of(event: Event) -> datetime:
    """Return the exact moment of an event that has one."""
    assert event.at
    return event.at


def events_about(
    session: Session, domain: Domain, ids: Sequence[int], at: datetime = SINCE
) -> None:
    """Record for each of these accounts that it was deleted, by itself."""
    events = [described(Recorded.DELETE, at, i) for i in ids]
    rest = {"about_user": True, "domain_id": domain.id, "number": 1}
    session.execute(insert(Event), [event | rest for event in events])
    parties = [
        {"event_id": event["id"], "part": part, "account_id": i}
        for event, i in zip(events, ids, strict=True)
        for part in Part
    ]
    session.execute(insert(Party), parties)


def a_receipt(session: Session, actor_id: int, domain_id: int) -> Receipt:
    """Leave the receipt of an erasure of one user, and its event."""
    receipt = Receipt(reference="r" * 22, number=1)
    session.add(receipt)
    session.flush()
    session.add(ReceiptLine(receipt_id=receipt.id, domain_id=domain_id, kind="Accounts", number=1))
    event = described(Recorded.ERASE, now(), actor_id)
    rest = {"about_user": False, "domain_id": domain_id, "number": 1, "receipt_id": receipt.id}
    session.execute(insert(Event), [event | rest])
    actor = {"event_id": event["id"], "part": Part.ACTOR, "account_id": actor_id}
    session.execute(insert(Party), [actor])
    return receipt


def parties_of(session: Session, event: Event) -> dict[Part, int]:
    """Return who took part in an event and is still there."""
    asked = select(Party.part, Party.account_id).where(Party.event_id == event.id)
    return dict(session.execute(asked).all())


def give_attribute(session: Session, person: Person, name: str, value: str) -> None:
    """Set a person's attribute, which is made where there is none of this name."""
    attribute = session.scalar(select(Attribute).where(Attribute.name_key == key_of(name)))
    if attribute is None:
        attribute = Attribute(name=name, name_key=key_of(name))
        session.add(attribute)
        session.flush()
    session.add(
        AttributeValue(account_id=person.account_id, attribute_id=attribute.id, value=value)
    )
    session.flush()


def refer(session: Session, holder: Person, name: str, meant: Person) -> None:
    """Set a person's attribute to another person."""
    give_attribute(session, holder, name, "")
    attribute = session.scalars(select(Attribute).where(Attribute.name_key == key_of(name))).one()
    attribute.kind = Kind.USER
    session.add(
        Reference(
            holder_id=holder.account_id, attribute_id=attribute.id, account_id=meant.account_id
        )
    )
    session.flush()


def many_users(
    session: Session,
    domain: Domain,
    number: int,
    state: State = State.DELETED,
    since: datetime = SINCE,
) -> list[int]:
    """Make `number` people in a few statements.

    Returns the ids of their accounts, in the order of their names.
    """
    start = session.scalar(select(func.count()).select_from(Account)) or 0
    rows = [
        {"domain_id": domain.id, "state": state, "created_at": min(CREATED, since), "since": since}
    ] * number
    newest = session.scalar(select(func.max(Account.id))) or 0
    session.execute(insert(Account), rows)
    ids = list(session.scalars(select(Account.id).where(Account.id > newest).order_by(Account.id)))
    session.execute(
        insert(Person),
        [
            {"account_id": i, "password_hash": None, **_numbered(start + n)}
            for n, i in enumerate(ids, 1)
        ],
    )
    span = {
        "domain_id": domain.id,
        "first_month": month_of(min(CREATED, since)),
        "last_month": None if state is State.LIVE else month_of(since),
    }
    session.execute(insert(BilledSpan), [{"account_id": i, **span} for i in ids])
    return ids


def _numbered(number: int) -> dict[str, str]:
    name = f"user.{number:06}"
    names = {
        "user_name": name,
        "display_name": f"User Number {number:06}",
        "email": f"{name}@example.org",
    }
    return names | derived(**names)


def a_role(session: Session, name: str, *permissions: Permission) -> Role:
    """Find the role of this name, or make it with these permissions."""
    role = session.scalar(select(Role).where(Role.name_key == key_of(name)))
    if role is None:
        role = Role(name=name, name_key=key_of(name))
        session.add(role)
        session.flush()
        session.execute(
            insert(RolePermission),
            [{"role_id": role.id, "permission": permission} for permission in permissions],
        )
    return role


def called(*permissions: Permission) -> str:
    """Name a role by its permissions or, where they are almost all, by those that it lacks."""
    others = sorted(set(Permission) - set(permissions))
    if len(others) < 3:
        return f"All but {', '.join(others)}" if others else "Every permission"
    return ", ".join(sorted(permissions))


def give(session: Session, person: Person, domain: Domain, *permissions: Permission) -> Grant:
    """Grant a role with exactly these permissions in this domain."""
    role = a_role(session, called(*permissions), *permissions)
    grant = Grant(account_id=person.account_id, domain_id=domain.id, role_id=role.id)
    session.add(grant)
    session.flush()
    return grant


def make_contact(
    session: Session, person: Person, domain: Domain, *, primary: bool = True
) -> Contact:
    contact = Contact(account_id=person.account_id, domain_id=domain.id, primary=primary)
    session.add(contact)
    session.flush()
    return contact


def a_sign_in(session: Session, person: Person, at: datetime = SINCE) -> SignIn:
    sign_in = SignIn(account_id=person.account_id, at=at)
    session.add(sign_in)
    session.flush()
    return sign_in


@dataclass(frozen=True)
class Office:
    """Names three domains, the people of the demo, and in every domain users in each state.

    The five of the demo all have PASSWORD.
    """

    london: Domain
    dublin: Domain
    paris: Domain
    priya: Person  # primary contact of London and Dublin: manages, erases and restores users there
    owen: Person  # the same permissions in London, but not as a primary contact
    nadia: Person  # primary contact of Paris, who may not erase
    rosa: Person  # every permission in every domain, contact of none
    max: Person  # reads Management Information and Billing in every domain
    # By the name of the domain and the state. The five are not in it.
    users: Mapping[tuple[str, State], list[Person]]

    def deleted(self, domain: Domain) -> list[Person]:
        return self.users[domain.name, State.DELETED]

    def archived(self, domain: Domain) -> list[Person]:
        return self.users[domain.name, State.ARCHIVED]

    def live(self, domain: Domain) -> list[Person]:
        return self.users[domain.name, State.LIVE]


STAFF = {
    "Northwind London": {
        State.LIVE: ("Anna Archer", "Björn Åkesson", "Chloé Œuvrard"),
        State.ARCHIVED: ("Dmitri Орлов", "Eleni Παππά"),
        State.DELETED: ("Farah حداد", "Grzegorz Łuczak", "Hana 田中", "İpek Yıldız"),
    },
    "Northwind Dublin": {
        State.LIVE: ("Jack Keane", "Kavya Iyer"),
        State.ARCHIVED: ("Liam O’Brien", "Mei 王"),
        State.DELETED: ("Niamh Ní Bhriain", "Oisín Walsh", "Pádraig Doyle"),
    },
    "Northwind Paris": {
        State.LIVE: ("Quentin Roux", "Rachida Benali"),
        State.ARCHIVED: ("Sébastien Noël", "Thị Nguyễn"),
        State.DELETED: ("Ugo Lefèvre", "Vera d’Arc", "Wim <b>Bold</b>"),
    },
}


EMPLOYEES = ("Priya Contact", "Owen Contact", "Nadia Contact", "Rosa Admin", "Max Reader")


def the_office(session: Session) -> Office:
    """Find the office in a database in which it was made."""
    domains = {each.name: each for each in session.scalars(select(Domain))}
    people = {each.display_name: each for each in session.scalars(select(Person))}
    london, dublin, paris = (domains[name] for name in STAFF)
    priya, owen, nadia, rosa, reader = (people[name] for name in EMPLOYEES)
    users = {
        (domain, state): [people[name] for name in names]
        for domain, states in STAFF.items()
        for state, names in states.items()
    }
    return Office(london, dublin, paris, priya, owen, nadia, rosa, reader, users)


def make_office(session: Session) -> None:
    """Make the small world that most tests are set in."""
    london, dublin, paris = domains = [a_domain(session, name) for name in STAFF]
    for domain in domains:
        for state in STAFF[domain.name]:
            _staff(session, domain, state)
    places = (london, london, paris, dublin, dublin)
    priya, owen, nadia, rosa, reader = (
        a_user(session, place, name, password=PASSWORD)
        for place, name in zip(places, EMPLOYEES, strict=True)
    )
    for person, domain, primary in (
        (priya, london, True),
        (priya, dublin, True),
        (owen, london, False),
        (nadia, paris, True),
    ):
        make_contact(session, person, domain, primary=primary)
        give(
            session,
            person,
            domain,
            *(
                ALL_OF_USERS
                if person is not nadia
                else (Permission.USER_MANAGEMENT, Permission.RESTORE_DELETED_USERS)
            ),
        )
    for domain in domains:
        give(session, rosa, domain, *Permission)
        give(session, reader, domain, Permission.MANAGEMENT_INFORMATION, Permission.BILLING)


def _staff(session: Session, domain: Domain, state: State) -> None:
    for name in STAFF[domain.name][state]:
        a_user(session, domain, name, state=state, attributes={"Department": f"Team of {name}"})


def a_search(
    session: Session,
    account_id: int,
    purpose: Purpose,
    asked: Asked | None = None,
    most: int = Settings.operation_limit,
) -> Selection:
    """Search as this person, on the page of this purpose, for what is asked for."""
    domain_ids = domain_ids_of(session, account_id, SEARCHES[purpose].permission)
    return searches.make(session, account_id, purpose, asked or {}, domain_ids, now(), most)


def domains_searched(session: Session, selection: Selection) -> list[int]:
    """Return the ids of the domains in which its owner may search, as its page does."""
    permission = SEARCHES[selection.purpose].permission
    return domain_ids_of(session, selection.account_id, permission)
