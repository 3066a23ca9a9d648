"""THE place for who may do what.

A permission is held in a domain, through a grant of a role. Some count only for a primary contact
of that domain. Pages, forms and commands ask the functions below. The same condition is asked
again inside the transaction in which something is done.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.models import Account, Contact, Domain, Grant, Permission, RolePermission, State

ACTOR = bindparam("actor_id", type_=Integer)
ONLY_FOR_PRIMARY_CONTACTS = frozenset({Permission.ERASE_DELETED_USERS})


def domains_of(actor_id: int | BindParameter[int], permission: Permission) -> Select[int]:
    """Ask for the ids of the domains in which this person holds this permission, now: THE rule."""
    rule = (
        select(Grant.domain_id)
        .join(RolePermission, RolePermission.role_id == Grant.role_id)
        .join(Account, Account.id == Grant.account_id)
        .where(
            Grant.account_id == actor_id,
            RolePermission.permission == permission,
            Account.state == State.LIVE,
        )
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
