"""Grants: a role given to a user in a domain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, delete, select
from sqlalchemy.orm import Session

from webapp.access import administrators, find
from webapp.db import affected, upsert
from webapp.errors import NotAllowed
from webapp.events import Recorded, record
from webapp.models import Account, Domain, Grant, Permission, Person, Role, RolePermission
from webapp.permissions import FOR_ALL_DOMAINS, permissions_of, require
from webapp.words import listed


def give(
    session: Session,
    user: int | str,
    role: int | str,
    domain: int | str,
    at: datetime,
    *,
    actor_id: int | None,
) -> bool:
    """Give a live user a role in a domain and return whether they did not hold it before.

    Gone where there is no such user, role or domain, NotAllowed where the actor may not give it.
    """
    account_id = find.live_user(session, user).account_id
    given_role, domain_id = find.role(session, role), find.domain(session, domain).id
    require(session, actor_id, Permission.GIVE_ROLES, domain_id)
    if actor_id is not None:
        _refuse_more_than_own(session, actor_id, given_role.id)
    new = upsert(session, Grant).values(
        account_id=account_id, role_id=given_role.id, domain_id=domain_id
    )
    given = affected(session, new.on_conflict_do_nothing())
    if given:
        record(
            session,
            Recorded.GRANT_GIVEN,
            at,
            actor_id=actor_id,
            subject_id=account_id,
            domain_id=domain_id,
            after=given_role.name,
        )
    return bool(given)


def take(
    session: Session,
    user: int | str,
    role: int | str,
    domain: int | str,
    at: datetime,
    *,
    actor_id: int | None,
) -> bool:
    """Take a role in a domain from a user in any state and return whether they held it.

    Gone where there is no such user, role or domain. Refused where it is the actor's own access,
    or where no administrator would be left.
    """
    account_id = find.user(session, user, locked=False).account_id
    with administrators.taking(session, actor_id, account_id):
        taken_role, domain_id = find.role(session, role), find.domain(session, domain).id
        require(session, actor_id, Permission.GIVE_ROLES, domain_id)
        held = delete(Grant).filter_by(
            account_id=account_id, role_id=taken_role.id, domain_id=domain_id
        )
        taken = affected(session, held)
    if taken:
        record(
            session,
            Recorded.GRANT_TAKEN,
            at,
            actor_id=actor_id,
            subject_id=account_id,
            domain_id=domain_id,
            before=taken_role.name,
        )
    return bool(taken)


def of_user(session: Session, account_id: int) -> Sequence[Row[str, str, int, int]]:
    """Return role and domain of a user's grants, by name, and the ids of both."""
    asked = select(Role.name, Domain.name, Role.id, Domain.id).select_from(Grant)
    asked = asked.join(Role, Role.id == Grant.role_id).join(Domain, Domain.id == Grant.domain_id)
    asked = asked.where(Grant.account_id == account_id)
    return session.execute(asked.order_by(Domain.name_key, Role.name_key)).all()


def within(
    session: Session, domain_ids: Sequence[int], role_id: int | None, page: int, size: int
) -> Sequence[Row[Grant, Person, Account, Role, Domain]]:
    """Return page `page` (from 1) of who holds which role in these domains, by domain and name.

    There is one row more than `size` where there is a next page.
    """
    asked = select(Grant, Person, Account, Role, Domain).select_from(Grant)
    asked = asked.join(Person, Person.account_id == Grant.account_id)
    asked = asked.join(Account, Account.id == Grant.account_id)
    asked = asked.join(Role, Role.id == Grant.role_id).join(Domain, Domain.id == Grant.domain_id)
    asked = asked.where(Grant.domain_id.in_(domain_ids))
    if role_id is not None:
        asked = asked.where(Grant.role_id == role_id)
    in_order = asked.order_by(Domain.name_key, Person.search_text, Person.account_id, Role.name_key)
    return session.execute(in_order.limit(size + 1).offset((page - 1) * size)).all()


def _refuse_more_than_own(session: Session, actor_id: int, role_id: int) -> None:
    """Raise NotAllowed where the role reaches beyond its domain, as the actor does not."""
    of_role = select(RolePermission.permission).where(
        RolePermission.role_id == role_id, RolePermission.permission.in_(FOR_ALL_DOMAINS)
    )
    more = set(session.scalars(of_role)) - permissions_of(session, actor_id)
    if more:
        raise NotAllowed(
            f"This role holds {listed(sorted(f'“{each}”' for each in more))}, for all domains. "
            "Only those who hold that themselves may hand it on.",
            "Give another role, or ask somebody who does.",
        )
