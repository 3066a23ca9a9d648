"""An account: one user's place on the platform, its states, and what can be done to it."""

from __future__ import annotations

import secrets
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.db import Base, Moment
from webapp.models.domain import Domain
from webapp.models.personal import not_personal


class State(StrEnum):
    """The states of an account; webapp/states.py says what can follow what."""

    LIVE = "live"
    ARCHIVED = "archived"
    DELETED = "deleted"


class Verb(StrEnum):
    """What can be done to an account; webapp/states.py says how."""

    ARCHIVE = "archive"
    REACTIVATE = "reactivate"
    DELETE = "delete"
    RESTORE = "restore"
    ERASE = "erase"


class Account(Base):
    """`since` is when the present state began: for a deleted user, the date deleted.

    `key` is what is kept outside of the database once the account is erased. It is given when the
    account is made, so that a backup holds it, and says nothing about anyone.
    """

    __tablename__ = "account"
    erasing = "The rows of the people erased are deleted."
    kept = "Until the person is erased."

    id: Mapped[int] = mapped_column(primary_key=True)
    domain_id: Mapped[int] = mapped_column(ForeignKey("domain.id"))
    key: Mapped[str] = mapped_column(
        String(32), default=lambda: secrets.token_hex(16), info=not_personal("random")
    )
    state: Mapped[State] = mapped_column(info=not_personal("one of three states"))
    created_at: Mapped[datetime] = mapped_column(Moment)
    since: Mapped[datetime] = mapped_column(Moment)

    domain: Mapped[Domain] = relationship(lazy="raise")

    __table_args__ = (
        # A search within some domains, in the order of the table.
        Index(None, "state", "domain_id", "since", "id"),
        # The same over very many domains: read in order, stop at the end of the page.
        Index(None, "state", "since", "id"),
        # The foreign key, the number of a domain's accounts, and the order of the report on users.
        Index(None, "domain_id", "state", "id"),
    )
