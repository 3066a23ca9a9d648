"""Administrator activity, as SQL: names are looked up now, so that an erased person has none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Row, and_, func, select
from sqlalchemy.orm import Session, aliased, load_only

from webapp.models import Domain, Event, Part, Party, Person, Receipt

NO_DOMAIN = 0
NEWEST_FIRST = Event.day.desc(), Event.at.desc().nulls_last(), Event.id.desc()
Acts, Concerns = aliased(Party, name="acts"), aliased(Party, name="concerns")
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
) -> Sequence[Row[Event, Person, Person, str, str, str, str]]:
    """Return page `page` (from 1), newest first: event, actor, subject, domain, receipt, from, to.

    There is one row more than `size` where there is a next page. `elsewhere` adds the events that
    belong to no domain, such as those about roles. Of an event in which an erased person took part
    only the day is known: it comes last on its day.
    """
    found = select(Event.id).where(_within(domain_ids, elsewhere))
    if since:
        found = found.where(Event.day >= since)
    if until:
        found = found.where(Event.day <= until)
    if what:
        found = found.where(Event.key == what)
    found = found.order_by(*NEWEST_FIRST).limit(size + 1).offset((page - 1) * size)
    asked = (
        select(
            Event,
            Actor,
            Subject,
            Domain.name.label("domain"),
            Receipt.reference.label("receipt"),
            func.coalesce(Event.before, Concerns.before).label("before"),
            func.coalesce(Event.after, Concerns.after).label("after"),
        )
        .options(
            load_only(Actor.display_name, Actor.user_name),
            load_only(Subject.display_name, Subject.user_name),
        )
        .outerjoin(Acts, and_(Acts.event_id == Event.id, Acts.part == Part.ACTOR))
        .outerjoin(Actor, Actor.account_id == Acts.account_id)
        .outerjoin(Concerns, and_(Concerns.event_id == Event.id, Concerns.part == Part.SUBJECT))
        .outerjoin(Subject, Subject.account_id == Concerns.account_id)
        .outerjoin(Domain, Domain.id == Event.domain_id)
        .outerjoin(Receipt, Receipt.id == Event.receipt_id)
        .where(Event.id.in_(select(found.subquery().c.id)))
    )
    return session.execute(asked.order_by(*NEWEST_FIRST)).all()


def _within(domain_ids: Sequence[int], elsewhere: bool) -> ColumnElement[bool]:
    """Return the condition on the domain of an event.

    With `elsewhere` no index on domains fits. The events are then read newest first, only until
    the page is full: what a reader of many domains sees lies in almost every event.
    """
    if elsewhere:
        return func.coalesce(Event.domain_id, NO_DOMAIN).in_([NO_DOMAIN, *domain_ids])
    return Event.domain_id.in_(domain_ids)
