"""Roles: named sets of permissions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Function, Row, ScalarSelect, delete, func, insert, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.access import administrators, find
from webapp.db import affected, upsert
from webapp.errors import Invalid, Refused
from webapp.events import Recorded, record
from webapp.models import Grant, Permission, Role, RolePermission
from webapp.models.names import checked_name, key_of
from webapp.permissions import require
from webapp.words import users

TAKEN = ("There is a role of this name already.", "Choose another name.")


def add(
    session: Session,
    name: str,
    permissions: Collection[Permission],
    at: datetime,
    *,
    actor_id: int | None,
) -> int:
    """Add a role and return its id; Invalid for such a name, Refused where it is taken."""
    role_id = _added(session, name, permissions, at, actor_id)
    if role_id is None:
        raise Refused(*TAKEN)
    return role_id


def set_up(
    session: Session,
    name: str,
    permissions: Collection[Permission],
    at: datetime,
    *,
    actor_id: int | None,
) -> bool:
    """Make a role, or give the one of this name exactly these permissions; Invalid for such a name.

    Return whether anything has changed.
    """
    if _added(session, name, permissions, at, actor_id) is not None:
        return True
    return change(session, name, None, permissions, at, actor_id=actor_id)


def change(
    session: Session,
    which: int | str,
    name: str | None,
    permissions: Collection[Permission],
    at: datetime,
    *,
    actor_id: int | None,
) -> bool:
    """Give a role this name, unless it keeps its own, and exactly these permissions.

    Return whether anything has changed. Invalid for such a name, Refused where it is taken, and
    where the actor would lose access of their own or no administrator would be left.
    """
    with administrators.taking(session, actor_id):
        require(session, actor_id, Permission.SET_UP_ROLES)
        # Locked, so that of two who change the same role, the second sees what the first did.
        role = find.role(session, which, changing=True)
        before = _said(role.name, _permissions(session, role.id))
        if name is not None:
            _rename(session, role, checked_name(name, "role"))
        _give_exactly(session, role.id, permissions)
    after = _said(role.name, permissions)
    if before != after:
        record(session, Recorded.ROLE_CHANGED, at, actor_id=actor_id, before=before, after=after)
    return before != after


def remove(session: Session, which: int | str, at: datetime, *, actor_id: int | None) -> None:
    """Remove a role that nobody holds; Refused where somebody does, in whatever state they are."""
    require(session, actor_id, Permission.SET_UP_ROLES)
    role = find.role(session, which, changing=True)
    number = holders(session, role.id)
    if number:
        who = "1 user holds" if number == 1 else f"{users(number)} hold"
        raise Refused(f"{who} this role.", "Take it from them first.")
    before = _said(role.name, _permissions(session, role.id))
    session.execute(delete(RolePermission).where(RolePermission.role_id == role.id))
    session.execute(delete(Role).where(Role.id == role.id))
    record(session, Recorded.ROLE_REMOVED, at, actor_id=actor_id, before=before)


def holders(session: Session, role_id: int) -> int:
    """Return how many users hold this role somewhere, in whatever state they are."""
    who = select(func.count(Grant.account_id.distinct())).where(Grant.role_id == role_id)
    return session.scalar(who) or 0


def every(session: Session) -> Sequence[Row[int, str, int, int]]:
    """Return id, name, number of permissions and number of holders of each role, by name."""
    permissions = _number(func.count(), RolePermission.role_id)
    held = _number(func.count(Grant.account_id.distinct()), Grant.role_id)
    asked = select(Role.id, Role.name, permissions.label("permissions"), held.label("held"))
    return session.execute(asked.order_by(Role.name_key)).all()


def permission_named(name: str) -> Permission:
    """Return the permission of this name, in any capitals; Invalid where there is none."""
    for permission in Permission:
        if key_of(permission.value) == key_of(name):
            return permission
    raise Invalid("There is no such permission.", f"There are: {', '.join(Permission)}.")


def of_role(session: Session, role_id: int) -> tuple[Role, set[Permission]]:
    """Return a role and its permissions; Gone where there is none."""
    return find.role(session, role_id), _permissions(session, role_id)


def _added(
    session: Session,
    name: str,
    permissions: Collection[Permission],
    at: datetime,
    actor_id: int | None,
) -> int | None:
    """Add a role and return its id; None where the name is taken."""
    require(session, actor_id, Permission.SET_UP_ROLES)
    name = checked_name(name, "role")
    new = upsert(session, Role).values(name=name, name_key=key_of(name))
    role_id: int | None = session.scalar(new.on_conflict_do_nothing().returning(Role.id))
    if role_id is not None:
        _give_exactly(session, role_id, permissions)
        after = _said(name, permissions)
        record(session, Recorded.ROLE_ADDED, at, actor_id=actor_id, after=after)
    return role_id


def _rename(session: Session, role: Role, name: str) -> None:
    taken = select(Role.id).where(Role.name_key == key_of(name), Role.id != role.id)
    if session.scalar(taken) is not None:
        raise Refused(*TAKEN)
    role.name, role.name_key = name, key_of(name)
    session.flush()


def _give_exactly(session: Session, role_id: int, permissions: Collection[Permission]) -> None:
    """Take and give what differs, and nothing else."""
    missing = set(permissions) - _permissions(session, role_id)
    if missing:
        rows = [{"role_id": role_id, "permission": each} for each in sorted(missing)]
        session.execute(insert(RolePermission), rows)
    others = RolePermission.permission.not_in(permissions)
    affected(session, delete(RolePermission).where(RolePermission.role_id == role_id, others))


def _permissions(session: Session, role_id: int) -> set[Permission]:
    held = select(RolePermission.permission).where(RolePermission.role_id == role_id)
    return set(session.scalars(held))


def _said(name: str, permissions: Collection[Permission]) -> str:
    """Say what a role is, as events keep it."""
    return f"{name}: {', '.join(each for each in Permission if each in permissions) or 'nothing'}"


def _number(counted: Function[int], role_id: InstrumentedAttribute[int]) -> ScalarSelect[int]:
    return select(counted).where(role_id == Role.id).correlate(Role).scalar_subquery()
