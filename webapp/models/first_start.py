"""The code with which somebody becomes the first administrator of a console that has none."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, Moment
from webapp.models.personal import not_personal


class FirstStart(Base):
    """One row, while a code counts. The code is in the console's log, and here is only its hash.

    It is in the database so that all processes on all machines know the same one.
    """

    __tablename__ = "first_start"
    kept = "Until it is used, or half an hour."

    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), info=not_personal("hash of a random code"))
    expires_at: Mapped[datetime] = mapped_column(Moment)
