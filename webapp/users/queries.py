"""What the pages of User Management show, as SQL."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from webapp.access.attributes import said
from webapp.errors import Gone
from webapp.models import (
    Account,
    Attribute,
    AttributeValue,
    Domain,
    Person,
    SignIn,
)
from webapp.states import MANAGED


def person(
    session: Session, domain_ids: Sequence[int], reference: str
) -> Row[Person, Account, Domain]:
    """Return a user of these domains who is in User Management; Gone where there is none."""
    asked = (
        select(Person, Account, Domain)
        .join(Account, Account.id == Person.account_id)
        .join(Domain, Domain.id == Account.domain_id)
    )
    found = session.execute(
        asked.where(
            Person.reference == reference,
            Account.state.in_(MANAGED),
            Account.domain_id.in_(domain_ids),
        )
    ).one_or_none()
    if found is None:
        raise Gone(
            "There is no such user in User Management, or not any more.",
            "Search for the user again.",
        )
    return found


def attributes(session: Session, account_id: int) -> Sequence[Row[str, str]]:
    """Return name and value of a person's attributes."""
    asked = select(Attribute.name, said()).join(
        AttributeValue, AttributeValue.attribute_id == Attribute.id
    )
    return session.execute(
        asked.where(AttributeValue.account_id == account_id).order_by(Attribute.name_key)
    ).all()


def last_sign_in(session: Session, account_id: int) -> object:
    return session.scalar(select(func.max(SignIn.at)).where(SignIn.account_id == account_id))
