"""Where personal data may live, and how any other text says why it is none."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import Table

from webapp.db import Base


class PersonalData(Base):
    """A table of personal data. Deriving from this puts it on the list that erasing walks.

    It needs a column `account_id`, a foreign key that does not cascade, and `counted_as`, its name
    on the receipt.
    """

    __abstract__ = True
    erasing: ClassVar[str] = "The rows of the people erased are deleted."
    kept: ClassVar[str] = "Until the person is erased."
    __table__: ClassVar[Table]
    counted_as: ClassVar[str]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.__table__.info["personal"] = True


def personal_tables() -> list[type[PersonalData]]:
    """List the tables of personal data in an order in which their rows can be deleted.

    A table comes before those that it refers to.
    """
    order = {table: place for place, table in enumerate(Base.metadata.sorted_tables)}
    return sorted(PersonalData.__subclasses__(), key=lambda model: -order[model.__table__])


def not_personal(why: str) -> dict[str, str]:
    """Return the `info` of a text column outside a personal table: why it is never personal."""
    return {"not_personal": why}
