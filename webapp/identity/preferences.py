"""What people choose once and find again: time zone, rows a page, order of results."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from webapp.db import upsert
from webapp.models import Preference, Purpose


def order_of(session: Session, account_id: int, purpose: Purpose) -> str:
    """Return the order chosen last on this search page; empty where none was."""
    kept = session.get(Preference, account_id)
    return kept.orders.get(purpose, "") if kept else ""


def remember_order(session: Session, account_id: int, purpose: Purpose, order: str) -> None:
    kept = _kept(session, account_id)
    kept.orders = kept.orders | {purpose: order}


def remember(session: Session, account_id: int, **chosen: Any) -> None:
    """Keep what was chosen: `time_zone`, `page_size`, or both."""
    kept = _kept(session, account_id)
    for name, value in chosen.items():
        setattr(kept, name, value)


def _kept(session: Session, account_id: int) -> Preference:
    """Return the person's row, which is made where there is none."""
    row = upsert(session, Preference).values(account_id=account_id, orders={})
    session.execute(row.on_conflict_do_nothing())
    return session.get_one(Preference, account_id)
