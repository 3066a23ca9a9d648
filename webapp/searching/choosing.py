"""Find one user by part of a name, to choose from a few."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.models import Account, Person, State
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
