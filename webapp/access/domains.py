"""Domains: the parts of the organisation that accounts belong to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, delete, exists, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.access import administrators, find
from webapp.db import affected, upsert
from webapp.errors import Refused
from webapp.events import Recorded, record
from webapp.models import (
    Account,
    BilledSpan,
    Contact,
    Domain,
    ErasedSpan,
    Event,
    Grant,
    OperationAccount,
    Permission,
    Role,
    RolePermission,
)
from webapp.models.names import checked_name, key_of
from webapp.permissions import require
from webapp.words import listed

TAKEN = ("There is a domain of this name already.", "Choose another name.")
# What keeps a domain from being removed, and how it is said.
USES: dict[InstrumentedAttribute[int] | InstrumentedAttribute[int | None], str] = {
    Account.domain_id: "users belong to it",
    Contact.domain_id: "contacts are named for it",
    BilledSpan.domain_id: "billing counts users in it",
    ErasedSpan.domain_id: "billing counts erased users in it",
    OperationAccount.domain_id: "lists that were reviewed today name it",
}
HELD = "others hold roles in it"
RECEIPTS = "receipts of erasures name it"


def add(session: Session, name: str, at: datetime, *, actor_id: int | None) -> int:
    """Add a domain and return its id; Invalid for such a name, Refused where it is taken.

    Whoever adds it holds in it the roles with which they set up domains elsewhere.
    """
    require(session, actor_id, Permission.SET_UP_DOMAINS)
    name = checked_name(name, "domain")
    new = upsert(session, Domain).values(name=name, name_key=key_of(name))
    domain_id: int | None = session.scalar(new.on_conflict_do_nothing().returning(Domain.id))
    if domain_id is None:
        raise Refused(*TAKEN)
    record(session, Recorded.DOMAIN_ADDED, at, actor_id=actor_id, domain_id=domain_id, after=name)
    if actor_id is not None:
        _give_own_roles(session, actor_id, domain_id, at)
    return domain_id


def rename(
    session: Session, which: int | str, name: str, at: datetime, *, actor_id: int | None
) -> bool:
    """Give a domain another name and return whether it differs.

    Invalid for such a name, Refused where it is taken.
    """
    name = checked_name(name, "domain")
    domain = find.domain(session, which, changing=True)
    require(session, actor_id, Permission.SET_UP_DOMAINS, domain.id)
    taken = select(Domain.id).where(Domain.name_key == key_of(name), Domain.id != domain.id)
    if session.scalar(taken) is not None:
        raise Refused(*TAKEN)
    before = domain.name
    if before == name:
        return False
    domain.name, domain.name_key = name, key_of(name)
    record(
        session,
        Recorded.DOMAIN_RENAMED,
        at,
        actor_id=actor_id,
        domain_id=domain.id,
        before=before,
        after=name,
    )
    return True


def remove(session: Session, which: int | str, at: datetime, *, actor_id: int | None) -> None:
    """Remove a domain; Refused where it is in use. The actor's own roles in it go along."""
    domain = find.domain(session, which, changing=True)
    with administrators.keeping_one(session):
        require(session, actor_id, Permission.SET_UP_DOMAINS, domain.id)
        used = uses(session, domain.id, actor_id)
        if used:
            raise Refused(f"This domain is in use: {listed(used)}.", "Change that first.")
        session.execute(delete(Grant).where(Grant.domain_id == domain.id))
    here = Event.domain_id == domain.id
    affected(session, update(Event).where(here).values(domain_id=None))
    session.execute(delete(Domain).where(Domain.id == domain.id))
    record(session, Recorded.DOMAIN_REMOVED, at, actor_id=actor_id, before=domain.name)


def uses(session: Session, domain_id: int, actor_id: int | None) -> list[str]:
    """Say for what a domain is used, so that it cannot be removed; nothing where it can."""
    others = Grant.domain_id == domain_id, Grant.account_id != (actor_id or 0)
    erasures = Event.domain_id == domain_id, Event.receipt_id.is_not(None)
    found = session.execute(
        select(
            *(exists().where(column == domain_id) for column in USES),
            exists().where(*others),
            exists().where(*erasures),
        )
    ).one()
    return [why for why, used in zip((*USES.values(), HELD, RECEIPTS), found, strict=True) if used]


def counted(session: Session, domain_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Return how many contacts each of these domains has, and how many of them are primary."""
    primary = func.count().filter(Contact.primary)
    asked = select(Contact.domain_id, func.count(), primary).group_by(Contact.domain_id)
    found = session.execute(asked.where(Contact.domain_id.in_(domain_ids)))
    return {domain_id: (contacts, primaries) for domain_id, contacts, primaries in found}


def _give_own_roles(session: Session, actor_id: int, domain_id: int, at: datetime) -> None:
    """Give whoever has added a domain the roles in it with which they set up domains elsewhere."""
    setting_up = RolePermission.permission == Permission.SET_UP_DOMAINS
    asked = select(Role.id, Role.name).join(RolePermission).join(Grant, Grant.role_id == Role.id)
    held: Sequence[Row[int, str]] = session.execute(
        asked.where(setting_up, Grant.account_id == actor_id).distinct()
    ).all()
    for role_id, role in held:  # one or two
        session.add(Grant(account_id=actor_id, role_id=role_id, domain_id=domain_id))
        record(
            session,
            Recorded.GRANT_GIVEN,
            at,
            actor_id=actor_id,
            subject_id=actor_id,
            domain_id=domain_id,
            after=role,
        )
    session.flush()
