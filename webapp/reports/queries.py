"""The reports, as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, Select, SQLColumnExpression, func, select
from sqlalchemy.orm import Session

from webapp.access.attributes import NAME, said
from webapp.db import without_index
from webapp.models import Account, Attribute, AttributeValue, Domain, Kind, Person, SignIn
from webapp.times import start_of

AnySelect = Select[*tuple[Any, ...]]


def users(
    domain_ids: Sequence[int],
    *,
    state: str,
    shown: Sequence[Attribute],
    who: SQLColumnExpression[str] = NAME,
) -> AnySelect:
    """Ask for name, user name, e-mail, domain, state, since when, last sign-in, and attributes.

    The columns of the attributes `shown` come last, in their order. `who` is how those are named
    whom an attribute means.
    """
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
    asked = select(*columns, *(_value_of(attribute, who) for attribute in shown)).select_from(
        Person
    )
    asked = asked.join(Account, Account.id == Person.account_id).join(
        Domain, Domain.id == Account.domain_id
    )
    return _within(asked, domain_ids, state).order_by(Account.domain_id, Account.state, Account.id)


def users_by_domain(
    session: Session, domain_ids: Sequence[int], *, state: str
) -> Sequence[Row[str, str, int]]:
    """Return domain, state and number of users, by domain.

    Counted in `account` alone: every account has its person.
    """
    counted = select(Account.domain_id, Account.state, func.count().label("number")).group_by(
        Account.domain_id, Account.state
    )
    counted_within = _within(counted, domain_ids, state).subquery()
    asked = select(Domain.name, counted_within.c.state, counted_within.c.number).join(
        counted_within, counted_within.c.domain_id == Domain.id
    )
    return session.execute(asked.order_by(Domain.name_key)).all()


def sign_ins(domain_ids: Sequence[int], *, since: date | None, until: date | None) -> AnySelect:
    """Ask for when, name, user name and domain of every sign-in, newest first."""
    asked = select(SignIn.at, Person.display_name, Person.user_name, Domain.name).select_from(
        SignIn
    )
    asked = asked.join(Person, Person.account_id == SignIn.account_id).join(
        Account, Account.id == SignIn.account_id
    )
    asked = asked.join(Domain, Domain.id == Account.domain_id)
    # Sign-ins are read newest first, only until the page is full.
    asked = asked.where(without_index(Account.domain_id).in_(domain_ids))
    if since:
        asked = asked.where(SignIn.at >= start_of(since))
    if until:
        asked = asked.where(SignIn.at < start_of(until) + timedelta(days=1))
    return asked.order_by(SignIn.at.desc(), SignIn.id.desc())


def page_of(session: Session, asked: AnySelect, page: int, size: int) -> Sequence[Row[Any]]:
    """Return page `page` (from 1), and one row more than `size` where there is a next page."""
    return session.execute(asked.limit(size + 1).offset((page - 1) * size)).all()


def _within(asked: AnySelect, domain_ids: Sequence[int], state: str) -> AnySelect:
    asked = asked.where(Account.domain_id.in_(domain_ids))
    return asked.where(Account.state == state) if state else asked


def _value_of(attribute: Attribute, who: SQLColumnExpression[str]) -> Any:
    mine = (
        AttributeValue.account_id == Person.account_id,
        AttributeValue.attribute_id == attribute.id,
    )
    return (
        select(said(who) if attribute.kind is Kind.USER else AttributeValue.value)
        .where(*mine)
        .scalar_subquery()
        .label(f"attribute_{attribute.id}")
    )
