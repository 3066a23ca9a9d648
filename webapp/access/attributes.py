"""Attributes: named extra fields of a person, and what their values say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, case, delete, func, select
from sqlalchemy.orm import Session, aliased

from webapp.access import find
from webapp.db import upsert
from webapp.errors import Refused
from webapp.events import Recorded, record
from webapp.models import Attribute, AttributeValue, Kind, Permission, Person, Reference
from webapp.models.names import checked_name, key_of
from webapp.permissions import require
from webapp.words import ERASED

TAKEN = ("There is an attribute of this name already.", "Choose another name.")
Referred = aliased(Person, name="referred")
NAME = func.coalesce(func.nullif(Referred.display_name, ""), Referred.user_name)


def named(session: Session, name: str) -> Attribute | None:
    return session.scalar(select(Attribute).where(Attribute.name_key == key_of(name)))


def every(session: Session) -> Sequence[Attribute]:
    """Return the attributes, by name."""
    return session.scalars(select(Attribute).order_by(Attribute.name_key)).all()


def add(session: Session, name: str, kind: Kind, at: datetime, *, actor_id: int | None) -> int:
    """Add an attribute and return its id; Invalid for such a name, Refused where it is taken."""
    require(session, actor_id, Permission.SET_UP_ATTRIBUTES)
    name = checked_name(name, "attribute")
    new = upsert(session, Attribute).values(name=name, name_key=key_of(name), kind=kind)
    made: int | None = session.scalar(new.on_conflict_do_nothing().returning(Attribute.id))
    if made is None:
        raise Refused(*TAKEN)
    what, after = Recorded.ATTRIBUTE_ADDED, _described(name, kind)
    record(session, what, at, actor_id=actor_id, after=after)
    return made


def change(
    session: Session, which: int | str, name: str, kind: Kind, at: datetime, *, actor_id: int | None
) -> bool:
    """Give an attribute this name and kind; return whether anything has changed.

    Invalid for such a name. Refused where it is taken, and for another kind where there are values.
    """
    require(session, actor_id, Permission.SET_UP_ATTRIBUTES)
    attribute, name = find.attribute(session, which, changing=True), checked_name(name, "attribute")
    taken = Attribute.name_key == key_of(name), Attribute.id != attribute.id
    if session.scalar(select(Attribute.id).where(*taken)) is not None:
        raise Refused(*TAKEN)
    if kind is not attribute.kind and _values(session, attribute.id, most=1):
        raise Refused(
            "Users have values of this attribute, which would not be of the other kind.",
            "Add another attribute of that kind.",
        )
    before, after = _described(attribute.name, attribute.kind), _described(name, kind)
    if before == after:
        return False
    attribute.name, attribute.name_key, attribute.kind = name, key_of(name), kind
    what = Recorded.ATTRIBUTE_CHANGED
    record(session, what, at, actor_id=actor_id, before=before, after=after)
    return True


def remove(
    session: Session, which: int | str, values: int, at: datetime, *, actor_id: int | None
) -> None:
    """Remove an attribute with its values; Refused where they are not as many as `values`."""
    require(session, actor_id, Permission.SET_UP_ATTRIBUTES)
    attribute = find.attribute(session, which, changing=True)
    if _values(session, attribute.id) != values:
        raise Refused(
            "The number of its values has changed since you looked.",
            "Nothing was removed. Look again, then decide.",
        )
    of_it = AttributeValue.attribute_id == attribute.id
    session.execute(delete(AttributeValue).where(of_it))  # references go with their values
    session.execute(delete(Attribute).where(Attribute.id == attribute.id))
    what, before = Recorded.ATTRIBUTE_REMOVED, _described(attribute.name, attribute.kind)
    record(session, what, at, actor_id=actor_id, number=values, before=before)


def with_values(session: Session, which: int | str) -> tuple[Attribute, int]:
    """Return an attribute and how many users have a value of it; Gone where there is none."""
    attribute = find.attribute(session, which)
    return attribute, _values(session, attribute.id)


def _described(name: str, kind: Kind) -> str:
    return f"{name} ({kind})"


def _values(session: Session, attribute_id: int, most: int | None = None) -> int:
    values = select(AttributeValue.account_id).where(AttributeValue.attribute_id == attribute_id)
    return session.scalar(select(func.count()).select_from(values.limit(most).subquery())) or 0


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
