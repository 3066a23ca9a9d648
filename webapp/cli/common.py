"""What commands share: one transaction, and looking things up by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.db import begin_writing, db
from webapp.models import Account, Domain, Permission, Person, Role, State
from webapp.models.person import key_of


@contextmanager
def writing() -> Iterator[Session]:
    """A transaction that writes: committed at the end, rolled back where anything is raised."""
    session = db.session
    begin_writing(session)
    try:
        yield session
        session.commit()
    finally:
        session.rollback()


def one_domain(session: Session, name: str) -> Domain | None:
    return session.scalar(select(Domain).where(Domain.name_key == key_of(name)))


def domain_named(session: Session, name: str) -> Domain:
    domain = one_domain(session, name)
    if domain is None:
        raise click.ClickException(
            "There is no domain of this name; `flask domains list` shows them, `flask domains add` makes one."
        )
    return domain


def role_named(session: Session, name: str) -> Role:
    role = session.scalar(select(Role).where(Role.name_key == key_of(name)))
    if role is None:
        raise click.ClickException(
            "There is no role of this name; `flask access roles` shows them, `flask access role` makes one."
        )
    return role


def person_named(session: Session, user_name: str) -> Person:
    """The live user of this name; nobody else can be given anything."""
    asked = select(Person).join(Account, Account.id == Person.account_id)
    person = session.scalar(
        asked.where(Person.user_name_key == key_of(user_name), Account.state == State.LIVE)
    )
    if person is None:
        raise click.ClickException("There is no live user of this name.")
    return person


def permission_named(name: str) -> Permission:
    for permission in Permission:
        if key_of(permission.value) == key_of(name):
            return permission
    raise click.ClickException(f"There is no such permission. There are: {', '.join(Permission)}.")
