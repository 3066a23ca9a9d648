"""Administrator activity, as SQL: names are looked up now, so that an erased person has none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session, aliased

from webapp.lifecycle.selection import start_of
from webapp.models import Domain, Event, Permission, Person, Receipt
from webapp.permissions import visible_to

Actor, Subject = aliased(Person, name="actor"), aliased(Person, name="subject")


def events(
    session: Session, actor_id: int, *, since: date | None, until: date | None, what: str, domain_ids: Sequence[int], page: int, size: int
) -> Sequence[Row[Event, Person, Person, str, str]]:
    """Page `page` (from 1), newest first, and one row more where there is a next page: event, actor, subject, domain, receipt."""
    asked = (
        select(Event, Actor, Subject, Domain.name.label("domain"), Receipt.reference.label("receipt"))
        .outerjoin(Actor, Actor.account_id == Event.actor_id)
        .outerjoin(Subject, Subject.account_id == Event.subject_id)
        .outerjoin(Domain, Domain.id == Event.domain_id)
        .outerjoin(Receipt, Receipt.id == Event.receipt_id)
        .where(or_(Event.domain_id.is_(None), visible_to(actor_id, Permission.ADMINISTRATOR_ACTIVITY, Event.domain_id)))
    )
    if since:
        asked = asked.where(Event.at >= start_of(since))
    if until:
        asked = asked.where(Event.at < start_of(until) + timedelta(days=1))
    if what:
        asked = asked.where(Event.key == what)
    if domain_ids:
        asked = asked.where(Event.domain_id.in_(domain_ids))
    return session.execute(asked.order_by(Event.at.desc(), Event.id.desc()).limit(size + 1).offset((page - 1) * size)).all()
