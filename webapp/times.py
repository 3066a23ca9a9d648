"""Days and months. Moments are aware and UTC everywhere; a month is its first day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time


def now() -> datetime:
    return datetime.now(UTC)


def start_of(day: date) -> datetime:
    """Return the first moment of this day."""
    return datetime.combine(day, time(), UTC)


def month_of(moment: datetime) -> date:
    """Return the month that `moment` lies in."""
    return date(moment.year, moment.month, 1)
