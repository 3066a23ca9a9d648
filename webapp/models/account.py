"""An account: one user's place on the platform, its states, and what can be done to it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Moment
from webapp.models.domain import Domain
from webapp.models.personal import not_personal


class State(StrEnum):
    """The states of an account; webapp/states.py says what can follow what."""

    LIVE = "live"
    ARCHIVED = "archived"
    DELETED = "deleted"
    ERASED = "erased"


class Verb(StrEnum):
    """What can be done to an account; webapp/states.py says how."""

    ARCHIVE = "archive"
    REACTIVATE = "reactivate"
    DELETE = "delete"
    RESTORE = "restore"
    ERASE = "erase"


class Account(Base):
    """`since` is when the present state began: for a deleted user, the date deleted. Both dates of an erased one are months."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    domain_id: Mapped[int] = mapped_column(ForeignKey("domain.id"))
    state: Mapped[State] = mapped_column(info=not_personal("one of four states"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    since: Mapped[datetime] = mapped_column(Moment)

    domain: Mapped[Domain] = relationship(lazy="raise")

    __table_args__ = (
        Index(
            None, "state", "domain_id", "since", "id"
        ),  # a search within some domains, in the order of the table
        Index(
            None, "state", "since", "id"
        ),  # the same over very many domains: read in order, stop at the page's end
        Index(
            None, "domain_id", "state", "id"
        ),  # the foreign key, counting a domain's accounts, and the report on users, which is in this order
    )
