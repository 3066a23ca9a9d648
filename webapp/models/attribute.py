"""Attributes: named extra fields of a person, defined by administrators."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base
from webapp.models.names import LONGEST_NAME, LONGEST_NAME_KEY
from webapp.models.person import LONGEST
from webapp.models.personal import PersonalData, not_personal


class Attribute(Base):
    __tablename__ = "attribute"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(
        String(LONGEST_NAME), info=not_personal("name of a field, set by an administrator")
    )
    name_key: Mapped[str] = mapped_column(
        String(LONGEST_NAME_KEY), unique=True, info=not_personal("the same name, without capitals")
    )


class AttributeValue(PersonalData):
    __tablename__ = "attribute_value"
    counted_as = "Attribute values"

    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"), primary_key=True)
    attribute_id: Mapped[int] = mapped_column(ForeignKey("attribute.id"), primary_key=True)
    value: Mapped[str] = mapped_column(String(LONGEST))

    __table_args__ = (
        Index(None, "attribute_id"),
    )  # the foreign key: an attribute that is used cannot be removed
