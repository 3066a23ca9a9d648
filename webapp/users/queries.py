"""What the pages of User Management show, as SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session, aliased

from webapp.access.attributes import said
from webapp.errors import Gone
from webapp.events import Recorded
from webapp.models import (
    Account,
    Attribute,
    AttributeValue,
    Domain,
    Event,
    Part,
    Party,
    Person,
    SignIn,
    State,
)

Acts, Concerns = aliased(Party), aliased(Party)


def person(
    session: Session, domain_ids: Sequence[int], states: Sequence[State], reference: str
) -> Row[Person, Account, Domain, datetime | None]:
    """Return a user of these domains in one of these states, with the moment of the last sign-in.

    Gone where there is none.
    """
    last_sign_in = select(func.max(SignIn.at)).where(SignIn.account_id == Account.id)
    asked = (
        select(Person, Account, Domain, last_sign_in.scalar_subquery())
        .join(Account, Account.id == Person.account_id)
        .join(Domain, Domain.id == Account.domain_id)
    )
    found = session.execute(
        asked.where(
            Person.reference == reference,
            Account.state.in_(states),
            Account.domain_id.in_(domain_ids),
        )
    ).one_or_none()
    if found is None:
        raise Gone(
            "There is no such user here, or not any more.",
            "Search for the user again.",
        )
    return found


def deletion(session: Session, account: Account) -> Row[Event, Person] | None:
    """Return the event of a deleted user's deletion, and who did it, as far as both are known.

    There is none of a user who was deleted before the import. Of one in which an erased person took
    part, only the day is known.
    """
    if account.state is not State.DELETED:
        return None
    asked = (
        select(Event, Person)
        .join(Concerns, and_(Concerns.event_id == Event.id, Concerns.part == Part.SUBJECT))
        .outerjoin(Acts, and_(Acts.event_id == Event.id, Acts.part == Part.ACTOR))
        .outerjoin(Person, Person.account_id == Acts.account_id)
        .where(Concerns.account_id == account.id, Event.key == Recorded.DELETE.name)
        .where(Event.day == account.since.date())
    )
    return session.execute(asked.order_by(Event.at.desc().nulls_last()).limit(1)).one_or_none()


def attributes(session: Session, account_id: int) -> Sequence[Row[str, str]]:
    """Return name and value of a person's attributes."""
    asked = select(Attribute.name, said()).join(
        AttributeValue, AttributeValue.attribute_id == Attribute.id
    )
    return session.execute(
        asked.where(AttributeValue.account_id == account_id).order_by(Attribute.name_key)
    ).all()
