"""The few numbers of the home page, as SQL that stays cheap however many users there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from webapp.events import Recorded
from webapp.models import Account, Domain, Event, State

MOST = 10_000  # users or events that are counted one by one


@dataclass(frozen=True)
class Recent:
    """How much was recorded lately, and how much of that was erasing."""

    events: int
    erasures: int


def by_state(
    session: Session, domain_ids: Mapping[str, Sequence[int]]
) -> dict[str, dict[State, int] | None]:
    """Return the number of users by state, for each of these groups of domains.

    MOST and one more where it is more; None for a group without domains. Groups that are the same
    are counted once.
    """
    groups = list({tuple(ids) for ids in domain_ids.values() if ids})
    if not groups:
        return dict.fromkeys(domain_ids)
    counts = (_number(state, group) for group in groups for state in State)
    numbers = iter(session.execute(select(*counts)).one())
    counted = {group: {state: next(numbers) for state in State} for group in groups}
    return {name: counted.get(tuple(ids)) for name, ids in domain_ids.items()}


def oldest(session: Session, domain_ids: Sequence[int]) -> datetime | None:
    """Return since when the user has been deleted who has been so for longest.

    Each domain is asked for its own, which its index knows.
    """
    of_one = (
        select(func.min(Account.since))
        .where(Account.state == State.DELETED, Account.domain_id == Domain.id)
        .scalar_subquery()
    )
    return session.scalar(select(func.min(of_one)).where(Domain.id.in_(domain_ids)))


def recent(session: Session, domain_ids: Sequence[int], since: date) -> Recent:
    """Return what was recorded in these domains from this day on, up to MOST and one more."""
    lately = select(Event.key).where(Event.domain_id.in_(domain_ids), Event.day >= since)
    listed = lately.limit(MOST + 1).subquery()
    erasures = func.count().filter(listed.c.key == Recorded.ERASE.name)
    return Recent(*session.execute(select(func.count(), erasures).select_from(listed)).one())


def _number(state: State, domain_ids: Sequence[int]) -> ScalarSelect[int]:
    asked = select(Account.id).where(Account.state == state, Account.domain_id.in_(domain_ids))
    return select(func.count()).select_from(asked.limit(MOST + 1).subquery()).scalar_subquery()
