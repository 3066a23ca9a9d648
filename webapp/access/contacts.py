"""Contacts: the users named for a domain. Only a primary contact may erase there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, delete, exists, func, select
from sqlalchemy.orm import Session

from webapp.access import find
from webapp.db import affected, upsert
from webapp.events import Recorded, record
from webapp.models import Account, Contact, Domain, Permission, Person
from webapp.permissions import holders, require

ERASING = Permission.ERASE_DELETED_USERS
CALLED = {None: None, False: "Contact", True: "Primary contact"}  # by whether it is a primary one


def name(
    session: Session,
    user: int | str,
    domain: int | str,
    at: datetime,
    *,
    primary: bool,
    actor_id: int | None,
) -> bool:
    """Name a live user as contact of a domain, primary or not; return whether that is new.

    Gone where there is no such user or domain.
    """
    account_id = find.live_user(session, user).account_id
    domain_id = find.domain(session, domain).id
    require(session, actor_id, Permission.NAME_CONTACTS, domain_id)
    before = _primary(session, account_id, domain_id)
    new = upsert(session, Contact).values(
        account_id=account_id, domain_id=domain_id, primary=primary
    )
    new = new.on_conflict_do_update(
        index_elements=[Contact.account_id, Contact.domain_id],
        set_={Contact.primary: primary},
        where=Contact.primary != primary,
    )
    named = affected(session, new)
    if named:
        record(
            session,
            Recorded.CONTACT_NAMED,
            at,
            actor_id=actor_id,
            subject_id=account_id,
            domain_id=domain_id,
            before=CALLED[before],
            after=CALLED[primary],
        )
    return bool(named)


def remove(
    session: Session, user: int | str, domain: int | str, at: datetime, *, actor_id: int | None
) -> bool:
    """Remove a user in any state from the contacts of a domain; return whether they were one.

    Gone where there is no such user or domain.
    """
    account_id = find.user(session, user).account_id
    domain_id = find.domain(session, domain).id
    require(session, actor_id, Permission.NAME_CONTACTS, domain_id)
    before = _primary(session, account_id, domain_id)
    present = delete(Contact).filter_by(account_id=account_id, domain_id=domain_id)
    removed = affected(session, present)
    if removed:
        record(
            session,
            Recorded.CONTACT_REMOVED,
            at,
            actor_id=actor_id,
            subject_id=account_id,
            domain_id=domain_id,
            before=CALLED[before],
        )
    return bool(removed)


def leaves_nobody(session: Session, user: int | str, domain: int | str) -> bool:
    """Tell whether nobody could erase in this domain if this user were no primary contact there.

    The contacts of the domain stay as they are until the transaction ends, so that of two who
    remove one each, the second learns of it.
    """
    account_id = find.user(session, user).account_id
    domain_id = find.domain(session, domain).id
    all_of_them = select(Contact.account_id).where(Contact.domain_id == domain_id)
    locked = all_of_them.order_by(Contact.account_id).with_for_update().subquery()
    session.execute(select(func.count()).select_from(locked))
    return bool(_primary(session, account_id, domain_id)) and not can_erase(
        session, domain_id, but=account_id
    )


def can_erase(session: Session, domain_id: int, *, but: int | None = None) -> bool:
    """Tell whether anybody can erase in this domain, `but` one."""
    others = holders(ERASING).where(
        Contact.domain_id == domain_id, Contact.account_id != (but or 0)
    )
    return bool(session.scalar(select(exists(others))))


def within(
    session: Session, domain_ids: Sequence[int], page: int, size: int
) -> Sequence[Row[Contact, Person, Account, Domain]]:
    """Return page `page` (from 1) of the contacts of these domains, by domain, primary ones first.

    There is one row more than `size` where there is a next page.
    """
    asked = select(Contact, Person, Account, Domain).select_from(Contact)
    asked = asked.join(Person, Person.account_id == Contact.account_id)
    asked = asked.join(Account, Account.id == Contact.account_id)
    asked = asked.join(Domain, Domain.id == Contact.domain_id)
    asked = asked.where(Contact.domain_id.in_(domain_ids))
    names = (Person.search_text, Person.account_id)
    in_order = asked.order_by(Domain.name_key, Contact.primary.desc(), *names)
    return session.execute(in_order.limit(size + 1).offset((page - 1) * size)).all()


def of_user(session: Session, account_id: int) -> Sequence[Row[str, bool, int]]:
    """Return the domains whose contact a user is, by name, whether a primary one, and their ids."""
    asked = select(Domain.name, Contact.primary, Domain.id)
    asked = asked.join(Contact, Contact.domain_id == Domain.id)
    asked = asked.where(Contact.account_id == account_id).order_by(Domain.name_key)
    return session.execute(asked).all()


def _primary(session: Session, account_id: int, domain_id: int) -> bool | None:
    """Tell whether this user is a primary contact of this domain; None where they are none."""
    asked = select(Contact.primary).filter_by(account_id=account_id, domain_id=domain_id)
    return session.scalar(asked)
