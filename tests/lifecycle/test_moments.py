"""A moment is UTC, whatever zone a database answers in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.factories import Office
from webapp.models import Account


def test_a_moment_is_read_as_utc_in_any_zone(session: Session, office: Office) -> None:
    at = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    session.get_one(Account, office.priya.account_id).since = at
    session.commit()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET TIME ZONE 'Europe/Berlin'"))
    read = session.scalars(select(Account.since).where(Account.id == office.priya.account_id)).one()
    assert (read, read.utcoffset(), read.hour) == (at, timedelta(0), 23)
