"""How one person likes to see pages."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.models.personal import PersonalData


class Preference(PersonalData):
    """What the person `account_id` has chosen; nobody has a row who has chosen nothing.

    `orders` says, for each search page by its purpose, how its results are sorted.
    """

    __tablename__ = "preference"
    counted_as = "Preferences"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("person.account_id"), primary_key=True, autoincrement=False
    )
    time_zone: Mapped[str | None] = mapped_column(String(60))
    page_size: Mapped[int | None]  # rows
    orders: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
