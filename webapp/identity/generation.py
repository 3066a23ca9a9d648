"""Sessions that have ended must not come back with a backup of the database.

The database counts how often sessions were ended before their time, and a file beside the secret
keeps the count. A database that knows of fewer is a backup: none of its sessions counts, and the
next sign-in ends them all.
"""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import ColumnElement, bindparam, delete, func, select
from sqlalchemy.orm import Session

from webapp.db import affected, upsert
from webapp.models import Generation, SignInSession

ENDED = "generation"  # in the `info` of a database session: what is to be kept after its commit


def end_sessions(session: Session, which: ColumnElement[bool]) -> int:
    """End these sessions before their time; return how many."""
    ended = affected(session, delete(SignInSession).where(which))
    if ended:
        session.info[ENDED] = _count(session, 1)
    return ended


def keep(session: Session, folder: str) -> None:
    """Write the count beside the secret, after the commit of the transaction that raised it."""
    number = session.info.pop(ENDED, 0)
    if number > kept(folder):
        written = Path(folder) / f"{ENDED}.{os.getpid()}"
        written.write_text(str(number))
        written.replace(Path(folder) / ENDED)


def kept(folder: str) -> int:
    """Return the count that stands beside the secret; 0 where nothing was kept yet."""
    try:
        return int((Path(folder) / ENDED).read_text())
    except (FileNotFoundError, ValueError):
        return 0


def not_restored() -> ColumnElement[bool]:
    """Return the condition that the database is no backup. It takes the count that was `kept`."""
    known = select(Generation.number).scalar_subquery()
    return func.coalesce(known, 0) >= bindparam("kept")


def end_restored_sessions(session: Session, kept: int) -> None:
    """End every session where the database is a backup, and let it count as the present one."""
    known = session.scalar(select(Generation.number)) or 0
    if known < kept:
        session.execute(delete(SignInSession))
        _count(session, kept - known)


def _count(session: Session, more: int) -> int:
    new = upsert(session, Generation).values(id=1, number=more)
    raised = {"number": Generation.number + more}
    counted = new.on_conflict_do_update(index_elements=[Generation.id], set_=raised)
    return session.scalars(counted.returning(Generation.number)).one()
