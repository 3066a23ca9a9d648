"""A domain: the part of the organisation that an account belongs to."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base
from webapp.models.names import LONGEST_NAME, LONGEST_NAME_KEY
from webapp.models.personal import not_personal


class Domain(Base):
    __tablename__ = "domain"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(
        String(LONGEST_NAME), info=not_personal("name of a part of the organisation")
    )
    name_key: Mapped[str] = mapped_column(
        String(LONGEST_NAME_KEY), unique=True, info=not_personal("the same name, without capitals")
    )
