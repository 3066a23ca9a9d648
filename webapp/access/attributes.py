"""Attributes: named extra fields of a person, and what their values say."""

from __future__ import annotations

from sqlalchemy import ColumnElement, SQLColumnExpression, case, func, select
from sqlalchemy.orm import Session, aliased

from webapp.models import Attribute, AttributeValue, Kind, Person, Reference
from webapp.models.names import checked_name, key_of
from webapp.words import ERASED

Referred = aliased(Person, name="referred")
NAME = func.coalesce(func.nullif(Referred.display_name, ""), Referred.user_name)


def named(session: Session, name: str) -> Attribute | None:
    return session.scalar(select(Attribute).where(Attribute.name_key == key_of(name)))


def add(session: Session, name: str, kind: Kind) -> int:
    """Make an attribute and return its id; Invalid for such a name."""
    name = checked_name(name, "attribute")
    made = Attribute(name=name, name_key=key_of(name), kind=kind)
    session.add(made)
    session.flush()
    return made.id


def said(who: SQLColumnExpression[str] = NAME) -> ColumnElement[str]:
    """Return what a row of AttributeValue says: its text, or who is meant.

    `who` is how a person is named, as an expression on `Referred`.
    """
    meant = select(who).join(Reference, Reference.account_id == Referred.account_id)
    name = meant.where(
        Reference.holder_id == AttributeValue.account_id,
        Reference.attribute_id == AttributeValue.attribute_id,
    ).scalar_subquery()
    text = AttributeValue.value
    return case((text != "", text), else_=func.coalesce(name, ERASED))
