"""Attributes: named extra fields of a person, defined by administrators."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base
from webapp.models.names import LONGEST_NAME, LONGEST_NAME_KEY
from webapp.models.person import LONGEST
from webapp.models.personal import PersonalData, not_personal


class Kind(StrEnum):
    """What the values of an attribute are."""

    TEXT = "text"
    DATE = "date"
    CHOICE = "choice"
    USER = "user"


class Attribute(Base):
    __tablename__ = "attribute"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(
        String(LONGEST_NAME), info=not_personal("name of a field, set by an administrator")
    )
    name_key: Mapped[str] = mapped_column(
        String(LONGEST_NAME_KEY), unique=True, info=not_personal("the same name, without capitals")
    )
    kind: Mapped[Kind] = mapped_column(default=Kind.TEXT, info=not_personal("one of four kinds"))


class AttributeValue(PersonalData):
    """A value as written. One of kind `user` is empty where a `Reference` says who is meant.

    It stays when they are erased, and the reference goes. Where nobody here is meant, it is kept
    as written, with its `value_key`, and emptied when somebody of that name is erased.
    """

    __tablename__ = "attribute_value"
    counted_as = "Attribute values"
    erasing = (
        "The rows of the people erased are deleted. Values of others that name them are emptied, "
        "where it was so decided."
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"), primary_key=True)
    attribute_id: Mapped[int] = mapped_column(ForeignKey("attribute.id"), primary_key=True)
    value: Mapped[str] = mapped_column(String(LONGEST))
    value_key: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index(None, "attribute_id"),  # the foreign key: an attribute that is used stays
        Index(None, "value_key"),  # whose name it is, when they are erased
    )


class Reference(PersonalData):
    """The value of an attribute of `holder_id` is the user `account_id`. It goes with either."""

    __tablename__ = "attribute_reference"
    counted_as = "Places in others’ attributes"

    holder_id: Mapped[int] = mapped_column(primary_key=True)
    attribute_id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"), index=True)

    __table_args__ = (
        ForeignKeyConstraint(
            ["holder_id", "attribute_id"],
            ["attribute_value.account_id", "attribute_value.attribute_id"],
            ondelete="CASCADE",
        ),
    )
