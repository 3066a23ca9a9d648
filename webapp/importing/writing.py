"""Writing: exactly what was previewed, in one short transaction, or nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    func,
    select,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.access import attributes, domains
from webapp.db import begin_writing
from webapp.errors import Refused
from webapp.importing.adding import add
from webapp.importing.changing import change_users, hold
from webapp.importing.preview import Preview
from webapp.models import (
    Domain,
    Kind,
)


def write(preview: Preview) -> None:
    """Do what was previewed, and commit it.

    Refused or NotPerformed where it cannot be done any more, because somebody changed something.
    """
    session, clash = preview.staged.session, False
    session.commit()  # the reading; the temporary tables stay
    begin_writing(session)
    try:
        _write(session, preview)
        session.commit()
    except IntegrityError:  # its own message would name somebody
        clash = True
    finally:
        session.rollback()
    if clash:
        raise Refused(
            "A user of the file was added by someone else in the meantime.",
            "Import the file again.",
        )


def _write(session: Session, preview: Preview) -> None:
    staged = preview.staged
    hold(session, staged)
    _add_domains(session, preview)
    attribute_ids = {
        column: _attribute(session, name, preview.kinds[name], preview.at)
        for column, name in staged.attributes.items()
    }
    if preview.counts.users:
        add(session, preview, attribute_ids)
    if preview.counts.changes:
        change_users(session, preview, attribute_ids)


def _add_domains(session: Session, preview: Preview) -> None:
    """Add those that are missing, named as in the first row of each."""
    row = preview.staged.rows.c
    first = select(func.min(row.line)).group_by(row.domain_key)
    missing = row.domain_key.not_in(select(Domain.name_key))
    for name in session.scalars(select(row.domain).where(row.line.in_(first.where(missing)))).all():
        domains.add(session, name, preview.at, actor_id=None)


def _attribute(session: Session, name: str, kind: Kind, at: datetime) -> int:
    """Return the id of the attribute of this name, made where there is none."""
    found = attributes.named(session, name)
    return found.id if found else attributes.add(session, name, kind, at, actor_id=None)
