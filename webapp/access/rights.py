"""Who may do what, now: everybody who holds a role, by domain or by person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, select
from sqlalchemy.orm import Session

from webapp.access.contacts import CALLED
from webapp.db import without_index
from webapp.models import Account, Contact, Domain, Grant, Permission, Person, State
from webapp.permissions import everybody, holders

HEADING = ["Domain", "Name", "User name", "Contact", "Permission"]  # of `everything`
FETCHED = 1000  # rows at a time


def people(
    session: Session,
    domain_ids: Sequence[int],
    permission: Permission | None,
    *,
    by_person: bool,
    page: int,
    size: int,
) -> Sequence[Row[Person, Domain, bool]]:
    """Return page `page` (from 1): person, domain, and whether a primary contact, None for none.

    They are those who hold a role in the domain or, where one is given, this permission. There is
    one row more than `size` where there is a next page.
    """
    holding = select(Grant.domain_id, Grant.account_id)
    holding = holding.join(Account, Account.id == Grant.account_id)
    live = without_index(Account.state) == State.LIVE
    some = holding.where(live) if permission is None else holders(permission)
    held = some.where(_within(domain_ids)).distinct().subquery()
    order = _order(by_person=by_person)
    # Sorted by ids and names alone; the rest is fetched for the rows of the page.
    in_order = _described(select(held), held).order_by(*order)
    shown = in_order.limit(size + 1).offset((page - 1) * size).subquery()
    asked = _described(select(Person, Domain, Contact.primary), shown)
    return session.execute(asked.order_by(*order)).all()


def permissions_of(
    session: Session, rows: Sequence[Row[Person, Domain, bool]]
) -> defaultdict[tuple[int, int], list[Permission]]:
    """Return what these people hold in these domains, by account and domain."""
    asked = everybody(
        Grant.account_id.in_({person.account_id for person, *_ in rows}),
        Grant.domain_id.in_({domain.id for _, domain, _ in rows}),
    )
    found = defaultdict[tuple[int, int], list[Permission]](list)
    rows_held = session.execute(asked).all()
    for domain_id, account_id, permission in sorted(rows_held, key=_as_listed):
        found[account_id, domain_id].append(permission)
    return found


def everything(
    session: Session,
    domain_ids: Sequence[int],
    permission: Permission | None,
    *,
    by_person: bool,
) -> Iterator[Sequence[str]]:
    """Return a row of HEADING for each permission that somebody holds, fetched as it is sent."""
    held = everybody(_within(domain_ids)).subquery()
    columns = (Domain.name, Person.display_name, Person.user_name, Contact.primary)
    asked = _described(select(*columns, held.c[2]), held)
    if permission is not None:
        asked = asked.where(held.c[2] == permission)
    in_order = asked.order_by(*_order(by_person=by_person), held.c[2])
    for row in session.execute(in_order, execution_options={"yield_per": FETCHED}):
        domain, name, user_name, primary, what = row
        yield domain, name, user_name, CALLED[primary] or "", what


def _within(domain_ids: Sequence[int]) -> ColumnElement[bool]:
    """Return the condition on grants; most readers see most domains, so none is sought by them."""
    return without_index(Grant.domain_id).in_(domain_ids)


def _as_listed(row: Row[int, int, Permission]) -> int:
    return list(Permission).index(row[2])


def _described(asked: Select[*tuple[Any, ...]], held: Any) -> Select[*tuple[Any, ...]]:
    """Join to rows of domain and account who and what they are."""
    contact = and_(Contact.account_id == held.c.account_id, Contact.domain_id == held.c.domain_id)
    joined = asked.select_from(held).join(Person, Person.account_id == held.c.account_id)
    return joined.join(Domain, Domain.id == held.c.domain_id).outerjoin(Contact, contact)


def _order(*, by_person: bool) -> list[Any]:
    person, domain = [Person.search_text, Person.account_id], [Domain.name_key]
    return person + domain if by_person else domain + person
