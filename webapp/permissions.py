"""THE place for who may do what.

A permission is held in a domain, through a grant of a role. Some count only for a primary contact
of that domain. Pages, forms and commands ask the functions below. The same condition is asked
again inside the transaction in which something is done.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal,
    select,
    union,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.db import without_index
from webapp.errors import NotAllowed
from webapp.models import (
    Account,
    Contact,
    Domain,
    Grant,
    Permission,
    Person,
    RolePermission,
    State,
)
from webapp.words import listed

ACTOR = bindparam("actor_id", type_=Integer)
NAMED = 5  # domains or people that a sentence names
ONLY_FOR_PRIMARY_CONTACTS = frozenset({Permission.ERASE_DELETED_USERS})
# What reaches beyond the domain in which it is held: handed on only by those who hold it.
FOR_ALL_DOMAINS = frozenset({Permission.SET_UP_ROLES, Permission.SET_UP_ATTRIBUTES})


def domains_of(actor_id: int | BindParameter[int], permission: Permission) -> Select[int]:
    """Ask for the ids of the domains in which this person holds this permission, now."""
    return _held(permission).where(Grant.account_id == actor_id)


def _held(permission: Permission) -> Select[int]:
    """Ask for the domain of each grant through which somebody holds this permission: THE rule."""
    live = without_index(Account.state) == State.LIVE  # they are sought by their grants
    rule = (
        select(Grant.domain_id)
        .join(RolePermission, RolePermission.role_id == Grant.role_id)
        .join(Account, Account.id == Grant.account_id)
        .where(RolePermission.permission == permission, live)
    )
    if permission in ONLY_FOR_PRIMARY_CONTACTS:
        primary = and_(
            Contact.account_id == Grant.account_id,
            Contact.domain_id == Grant.domain_id,
            Contact.primary,
        )
        rule = rule.join(Contact, primary)
    return rule


def visible_to(
    actor_id: int,
    permission: Permission,
    domain_id: InstrumentedAttribute[int] | InstrumentedAttribute[int | None],
) -> ColumnElement[bool]:
    """Return the condition that this person holds this permission in the domain of a row."""
    return domain_id.in_(domains_of(actor_id, permission))


def holds(person: InstrumentedAttribute[int], permission: Permission) -> ColumnElement[bool]:
    """Return the condition that this person, of the statement around it, holds it somewhere."""
    held = _held(permission).where(Grant.account_id == person)
    return exists(held.correlate(person.parent.local_table))


def domain_ids_of(session: Session, actor_id: int, permission: Permission) -> list[int]:
    """Return the ids of these domains.

    Databases plan a search in known domains far better than one in a subquery.
    """
    return list(session.scalars(_domain_ids(permission), {"actor_id": actor_id}))


@cache
def _domain_ids(permission: Permission) -> Select[int]:
    """Put the statement together once, since almost every page asks it; likewise below."""
    return domains_of(ACTOR, permission).distinct()


def hold(session: Session, actor_id: int, permission: Permission) -> None:
    """Lock what this permission of this person rests on until the transaction ends.

    Whoever takes the right away waits until then.
    """
    locked = domains_of(actor_id, permission).with_for_update(read=True).subquery()
    session.execute(select(func.count()).select_from(locked))


def require(
    session: Session, actor_id: int | None, permission: Permission, domain_id: int | None = None
) -> None:
    """Raise NotAllowed unless this person holds this permission, in this domain where one is given.

    What it rests on stays locked until the transaction ends. None is the command line, which may.
    """
    if actor_id is None:
        return
    hold(session, actor_id, permission)
    held = domain_ids_of(session, actor_id, permission)
    if not held or (domain_id is not None and domain_id not in held):
        raise NotAllowed(
            f"You do not hold the permission “{permission}” there, or not any more.",
            "Ask an administrator if you think that you should.",
        )


def everybody(*of_grants: ColumnElement[bool]) -> CompoundSelect[int, int, Permission]:
    """Ask who holds what where, now: domain, account and permission, each of them once.

    `of_grants` are conditions that narrow down the grants looked at.
    """
    kind = RolePermission.permission.type
    every = (_held(p).add_columns(Grant.account_id, literal(p, kind)) for p in Permission)
    return union(*(held.where(*of_grants) for held in every))


def held_by(session: Session, actor_id: int | None) -> set[tuple[int, Permission]]:
    """Return domain and permission of everything that this person holds."""
    held = session.execute(everybody(Grant.account_id == actor_id))
    return {(domain_id, permission) for domain_id, _, permission in held}


def holders(permission: Permission) -> Select[int, int]:
    """Ask for domain and account of everybody who holds this permission, now."""
    return _held(permission).add_columns(Grant.account_id)


def anybody(session: Session, permission: Permission) -> bool:
    """Tell whether anybody holds this permission somewhere, now."""
    return bool(session.scalar(select(exists(_held(permission)))))


def permissions_of(session: Session, actor_id: int) -> frozenset[Permission]:
    """Return the permissions that this person holds in at least one domain."""
    return frozenset(session.scalars(_permissions(), {"actor_id": actor_id}))


@cache
def _permissions() -> CompoundSelect[Permission]:
    return union_all(
        *(
            select(literal(p, RolePermission.permission.type)).where(exists(domains_of(ACTOR, p)))
            for p in Permission
        )
    )


@dataclass(frozen=True)
class Condition:
    """In one domain: which of the conditions of a permission someone fulfils, and who fulfils all.

    `primary` is None where it need not be a primary contact.
    """

    domain: str
    granted: bool
    primary: bool | None
    others: Sequence[str]  # by name, up to NAMED

    @property
    def fulfilled(self) -> bool:
        return self.granted and self.primary is not False


def conditions(session: Session, actor_id: int, permission: Permission) -> list[Condition]:
    """Return the conditions of a permission in each domain in which this person is somebody."""
    grants = select(Grant.domain_id).where(Grant.account_id == actor_id)
    granting = grants.join(RolePermission, RolePermission.role_id == Grant.role_id).where(
        RolePermission.permission == permission
    )
    contact = select(Contact.domain_id).where(Contact.account_id == actor_id)
    own = select(
        Domain.id,
        Domain.name,
        Domain.id.in_(granting).label("granted"),
        Domain.id.in_(contact.where(Contact.primary)).label("primary"),
    ).where(Domain.id.in_(grants.union(contact)))
    rows = session.execute(own.order_by(Domain.name_key)).all()
    others = _others(session, actor_id, permission, [row.id for row in rows])
    asks_contact = permission in ONLY_FOR_PRIMARY_CONTACTS
    return [
        Condition(row.name, row.granted, row.primary if asks_contact else None, others[row.id])
        for row in rows
    ]


def _others(
    session: Session, actor_id: int, permission: Permission, domain_ids: Sequence[int]
) -> defaultdict[int, list[str]]:
    """Return the names of others who hold this permission, by domain; up to NAMED of each."""
    held = _held(permission).where(Grant.domain_id.in_(domain_ids), Grant.account_id != actor_id)
    who = (Person.display_name, Person.user_name, Person.search_text)
    asked = held.join(Person, Person.account_id == Grant.account_id).add_columns(*who).distinct()
    names: defaultdict[int, list[str]] = defaultdict(list)
    rows = session.execute(asked.order_by(Person.search_text))
    for domain_id, display_name, user_name, _ in rows:
        if len(names[domain_id]) < NAMED:
            names[domain_id].append(display_name or user_name)
    return names


def missing(session: Session, actor_id: int, permission: Permission) -> tuple[str, str]:
    """Return what this person lacks for a permission that they hold nowhere, and what to do."""
    granted = [each.domain for each in conditions(session, actor_id, permission) if each.granted]
    if not granted:
        return (
            f"You do not hold the permission “{permission}” in any domain.",
            "Ask an administrator if you think that you should.",
        )
    where = listed(granted[:NAMED])
    return (
        f"You hold the permission “{permission}” in {where}, but are no primary contact there.",
        "Ask an administrator to name you as one, or ask a primary contact to do it.",
    )


def domains_with(
    session: Session, actor_id: int, permission: Permission
) -> Sequence[Row[int, str]]:
    """Return id and name, by name, of the domains in which this person holds this permission."""
    return session.execute(_domains(permission), {"actor_id": actor_id}).all()


@cache
def _domains(permission: Permission) -> Select[int, str]:
    return (
        select(Domain.id, Domain.name)
        .where(Domain.id.in_(domains_of(ACTOR, permission)))
        .order_by(Domain.name_key)
    )
