"""Administrator activity, as SQL: names are looked up now, so that an erased person has none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session, aliased, load_only

from webapp.models import Domain, Event, Person, Receipt
from webapp.times import start_of

NO_DOMAIN = 0
Actor, Subject = aliased(Person, name="actor"), aliased(Person, name="subject")


def events(
    session: Session,
    domain_ids: Sequence[int],
    *,
    elsewhere: bool,
    since: date | None,
    until: date | None,
    what: str,
    page: int,
    size: int,
) -> Sequence[Row[Event, Person, Person, str, str]]:
    """Return page `page` (from 1), newest first: event, actor, subject, domain, receipt.

    There is one row more than `size` where there is a next page. `elsewhere` adds the events that
    belong to no domain, such as those about roles.
    """
    asked = (
        select(
            Event, Actor, Subject, Domain.name.label("domain"), Receipt.reference.label("receipt")
        )
        .options(
            load_only(Actor.display_name, Actor.user_name),
            load_only(Subject.display_name, Subject.user_name),
        )
        .outerjoin(Actor, Actor.account_id == Event.actor_id)
        .outerjoin(Subject, Subject.account_id == Event.subject_id)
        .outerjoin(Domain, Domain.id == Event.domain_id)
        .outerjoin(Receipt, Receipt.id == Event.receipt_id)
        .where(_within(domain_ids, elsewhere))
    )
    if since:
        asked = asked.where(Event.at >= start_of(since))
    if until:
        asked = asked.where(Event.at < start_of(until) + timedelta(days=1))
    if what:
        asked = asked.where(Event.key == what)
    return session.execute(
        asked.order_by(Event.at.desc(), Event.id.desc()).limit(size + 1).offset((page - 1) * size)
    ).all()


def _within(domain_ids: Sequence[int], elsewhere: bool) -> ColumnElement[bool]:
    """Return the condition on the domain of an event.

    With `elsewhere` no index on domains fits. The events are then read newest first, only until
    the page is full: what a reader of many domains sees lies in almost every event.
    """
    if elsewhere:
        return func.coalesce(Event.domain_id, NO_DOMAIN).in_([NO_DOMAIN, *domain_ids])
    return Event.domain_id.in_(domain_ids)
