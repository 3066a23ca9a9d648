"""Domains: the parts of the organisation that accounts belong to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from webapp.db import upsert
from webapp.errors import Refused
from webapp.events import Recorded, record
from webapp.models import Domain
from webapp.models.names import checked_name, key_of


def add(session: Session, name: str, at: datetime, *, actor_id: int | None) -> int:
    """Add a domain and return its id; Invalid for such a name, Refused where it is taken."""
    name = checked_name(name, "domain")
    new = upsert(session, Domain).values(name=name, name_key=key_of(name))
    domain_id: int | None = session.scalar(new.on_conflict_do_nothing().returning(Domain.id))
    if domain_id is None:
        raise Refused("There is a domain of this name already.", "Choose another name.")
    record(session, Recorded.DOMAIN_ADDED, at, actor_id=actor_id, domain_id=domain_id)
    return domain_id
