"""Roles: named sets of permissions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from webapp.db import affected, upsert
from webapp.errors import Invalid
from webapp.events import Recorded, record
from webapp.models import Permission, Role, RolePermission
from webapp.models.names import checked_name, key_of


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
    name = checked_name(name, "role")
    new = upsert(session, Role).values(name=name, name_key=key_of(name))
    added = bool(affected(session, new.on_conflict_do_nothing()))
    # Locked, so that of two who change the same role at once, the second sees what the first did.
    role = select(Role.id).where(Role.name_key == key_of(name)).with_for_update(key_share=True)
    changed = _give_exactly(session, session.scalars(role).one(), permissions)
    if added or changed:
        what = Recorded.ROLE_ADDED if added else Recorded.ROLE_CHANGED
        record(session, what, at, actor_id=actor_id)
    return added or changed


def permission_named(name: str) -> Permission:
    """Return the permission of this name, in any capitals; Invalid where there is none."""
    for permission in Permission:
        if key_of(permission.value) == key_of(name):
            return permission
    raise Invalid("There is no such permission.", f"There are: {', '.join(Permission)}.")


def _give_exactly(session: Session, role_id: int, permissions: Collection[Permission]) -> bool:
    """Take and give what differs; return whether anything did."""
    of_role = RolePermission.role_id == role_id
    held = set(session.scalars(select(RolePermission.permission).where(of_role)))
    missing = set(permissions) - held
    session.add_all(RolePermission(role_id=role_id, permission=each) for each in missing)
    others = delete(RolePermission).where(of_role, RolePermission.permission.not_in(permissions))
    return bool(affected(session, others)) or bool(missing)
