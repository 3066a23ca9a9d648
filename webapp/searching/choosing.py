"""Find one user by part of a name, to choose from a few."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp.models import Account, Person, State
from webapp.models.names import key_of
from webapp.searching.criteria import Keyword

OFFERED = 20


def live_users(session: Session, words: str, domain_ids: Sequence[int]) -> Sequence[Person]:
    """Return up to OFFERED live users of these domains in whose names these words are, by name."""
    asked = select(Person).join(Account).where(Account.state == State.LIVE)
    asked = asked.where(Account.domain_id.in_(domain_ids))
    keyword = Keyword()
    values = keyword.parameters({keyword.name: words})
    asked = asked.where(*(keyword.condition(parameter) for parameter in values))
    return session.scalars(asked.order_by(Person.search_text).limit(OFFERED), values).all()


def named(session: Session, user_name: str) -> Person | None:
    """Return the live user of this user name, in whatever domain; None where there is none."""
    asked = select(Person).join(Account).where(Account.state == State.LIVE)
    asked = asked.where(Person.user_name_key == bindparam("key"))
    # Passed beside the statement: the cache of statements keeps the values in them.
    return session.scalar(asked, {"key": key_of(user_name)})
