"""The reports, as SQL. Both start from `person`, so an erased person cannot be in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from webapp.db import without_index
from webapp.models import (
    Account,
    Attribute,
    AttributeValue,
    Domain,
    Permission,
    Person,
    SignIn,
    State,
)
from webapp.permissions import domain_ids_of
from webapp.times import start_of

AnySelect = Select[*tuple[Any, ...]]


def attributes(session: Session) -> list[Attribute]:
    return list(session.scalars(select(Attribute).order_by(Attribute.name_key)))


def users(
    session: Session,
    actor_id: int,
    *,
    state: str,
    domain_ids: Sequence[int],
    shown: Sequence[Attribute],
) -> AnySelect:
    """Name, user name, e-mail, domain, state, since when, last sign-in, and the value of every attribute."""
    last_sign_in = (
        select(func.max(SignIn.at)).where(SignIn.account_id == Person.account_id).scalar_subquery()
    )
    columns = (
        Person.display_name,
        Person.user_name,
        Person.email,
        Domain.name,
        Account.state,
        Account.since,
        last_sign_in,
    )
    asked = select(*columns, *(_value_of(attribute) for attribute in shown)).select_from(Person)
    asked = asked.join(Account, Account.id == Person.account_id).join(
        Domain, Domain.id == Account.domain_id
    )
    return _within(session, asked, actor_id, state, domain_ids).order_by(
        Account.domain_id, Account.state, Account.id
    )


def users_by_domain(
    session: Session, actor_id: int, *, state: str, domain_ids: Sequence[int]
) -> Sequence[Row[str, str, int]]:
    """Domain, state, number of users. Counted in `account` alone: every account that is not erased has its person."""
    counted = select(Account.domain_id, Account.state, func.count().label("number")).group_by(
        Account.domain_id, Account.state
    )
    counted_within = _within(session, counted, actor_id, state, domain_ids).subquery()
    asked = select(Domain.name, counted_within.c.state, counted_within.c.number).join(
        counted_within, counted_within.c.domain_id == Domain.id
    )
    return session.execute(asked.order_by(Domain.name_key)).all()


def sign_ins(
    session: Session,
    actor_id: int,
    *,
    since: date | None,
    until: date | None,
    domain_ids: Sequence[int],
) -> AnySelect:
    """When, name, user name, domain; newest first."""
    asked = select(SignIn.at, Person.display_name, Person.user_name, Domain.name).select_from(
        SignIn
    )
    asked = asked.join(Person, Person.account_id == SignIn.account_id).join(
        Account, Account.id == SignIn.account_id
    )
    asked = asked.join(Domain, Domain.id == Account.domain_id)
    # Sign-ins are read newest first, only until the page is full.
    asked = asked.where(
        without_index(Account.domain_id).in_(_domains(session, actor_id, domain_ids))
    )
    if since:
        asked = asked.where(SignIn.at >= start_of(since))
    if until:
        asked = asked.where(SignIn.at < start_of(until) + timedelta(days=1))
    return asked.order_by(SignIn.at.desc(), SignIn.id.desc())


def page_of(session: Session, asked: AnySelect, page: int, size: int) -> Sequence[Row[Any]]:
    """Page `page` (from 1) of a report, and one row more where there is a next page."""
    return session.execute(asked.limit(size + 1).offset((page - 1) * size)).all()


def _within(
    session: Session, asked: AnySelect, actor_id: int, state: str, domain_ids: Sequence[int]
) -> AnySelect:
    asked = asked.where(Account.domain_id.in_(_domains(session, actor_id, domain_ids)))
    return (
        asked.where(Account.state == state) if state else asked.where(Account.state != State.ERASED)
    )


def _domains(session: Session, actor_id: int, wanted: Sequence[int]) -> list[int]:
    """The visible domains; only those wanted, where some are."""
    visible = domain_ids_of(session, actor_id, Permission.MANAGEMENT_INFORMATION)
    return [domain_id for domain_id in visible if not wanted or domain_id in wanted]


def _value_of(attribute: Attribute) -> Any:
    mine = (
        AttributeValue.account_id == Person.account_id,
        AttributeValue.attribute_id == attribute.id,
    )
    return (
        select(AttributeValue.value)
        .where(*mine)
        .scalar_subquery()
        .label(f"attribute_{attribute.id}")
    )
