"""Administrators: who may give roles. There is always one, and nobody takes their own access."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from webapp.errors import Refused
from webapp.models import Account, Grant, Permission, RolePermission
from webapp.permissions import anybody, held_by, holders

ADMINISTERS = Permission.GIVE_ROLES
OWN = (
    "Nobody can take their own access.",
    "Nothing has changed. Ask another administrator to do it.",
)
LAST = (
    "Then nobody could give roles any more.",
    "Nothing has changed. Give somebody else a role that lets them give roles, then try again.",
)


def any_there(session: Session) -> bool:
    """Tell whether there is an administrator."""
    return anybody(session, ADMINISTERS)


@contextmanager
def archiving(session: Session, accounts: Select[int]) -> Iterator[None]:
    """Let these accounts, which are locked, be archived in this block.

    Refused where no administrator is left.
    """
    administrators = holders(ADMINISTERS).where(Grant.account_id.in_(accounts))
    if session.scalar(select(exists(administrators))):
        with keeping_one(session):
            yield
    else:
        yield


@contextmanager
def taking(session: Session, actor_id: int | None, *account_ids: int) -> Iterator[None]:
    """Let access be taken in this block, from these accounts where it is theirs alone.

    Refused where the actor loses access of their own, and where no administrator is left.
    """
    with keeping_one(session, *account_ids, *([actor_id] if actor_id else [])):
        before = held_by(session, actor_id)
        yield
        if before - held_by(session, actor_id):
            raise Refused(*OWN)


@contextmanager
def keeping_one(session: Session, *account_ids: int) -> Iterator[None]:
    """Refuse what is done in this block where no administrator is left of those there were.

    Whoever takes access waits here for whoever else does. Accounts are locked first, everywhere.
    """
    accounts = select(Account.id).where(Account.id.in_(account_ids)).order_by(Account.id)
    _lock(session, accounts.with_for_update(read=True))
    grants = select(Grant.account_id)
    grants = grants.join(RolePermission, RolePermission.role_id == Grant.role_id)
    grants = grants.where(RolePermission.permission == ADMINISTERS)
    in_order = grants.order_by(Grant.account_id, Grant.domain_id, Grant.role_id)
    _lock(session, in_order.with_for_update(of=Grant))
    before = any_there(session)
    yield
    if before and not any_there(session):
        raise Refused(*LAST)


def _lock(session: Session, rows: Select[int]) -> None:
    session.execute(select(func.count()).select_from(rows.subquery()))
