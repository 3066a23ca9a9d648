"""How far the console has been set up, as SQL."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from webapp.models import Account, Contact, Domain, Role


@dataclass(frozen=True)
class Progress:
    """What there is of everything that the first steps are about."""

    domains: int
    several_users: bool
    roles: int
    without_primary: int  # domains without a primary contact


def progress(session: Session) -> Progress:
    several = select(Account.id).order_by(Account.id).offset(1).limit(1)
    primary = exists().where(Contact.domain_id == Domain.id, Contact.primary)
    domains = select(func.count()).select_from(Domain)
    found = session.execute(
        select(
            domains.scalar_subquery(),
            exists(several),
            select(func.count()).select_from(Role).scalar_subquery(),
            domains.where(~primary).scalar_subquery(),
        )
    ).one()
    return Progress(*found)
