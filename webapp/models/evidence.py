"""What is known of drills: that one ran, when, and what it found."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base, Moment


class Drill(Base):
    """A drill that came to its end: `remains` is in how many places it still found something."""

    __tablename__ = "drill"
    kept = "For good: it shows that erasing leaves nothing."

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Moment)
    looked_at: Mapped[int]  # places
    remains: Mapped[int]
