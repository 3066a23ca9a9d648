"""Administrator activity, as SQL: names are looked up now, so that an erased person has none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import Session, aliased, load_only

from webapp.models import Domain, Event, Permission, Person, Receipt
from webapp.permissions import domain_ids_of
from webapp.times import start_of

NO_DOMAIN = 0
Actor, Subject = aliased(Person, name="actor"), aliased(Person, name="subject")


def events(
    session: Session,
    actor_id: int,
    *,
    since: date | None,
    until: date | None,
    what: str,
    domain_ids: Sequence[int],
    page: int,
    size: int,
) -> Sequence[Row[Event, Person, Person, str, str]]:
    """Page `page` (from 1), newest first, and one row more where there is a next page: event, actor, subject, domain, receipt."""
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
        .where(
            _seen(domain_ids_of(session, actor_id, Permission.ADMINISTRATOR_ACTIVITY), domain_ids)
        )
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


def _seen(visible: Sequence[int], wanted: Sequence[int]) -> ColumnElement[bool]:
    """In the domains wanted; where none are, in every visible one and in none at all (roles, for instance).

    The second is written so that no index on domains fits: the events are then read newest first, only until the page is full.
    """
    if wanted:
        return Event.domain_id.in_(set(visible) & set(wanted))
    return func.coalesce(Event.domain_id, NO_DOMAIN).in_([NO_DOMAIN, *visible])
