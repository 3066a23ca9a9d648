"""Random numbers that are the same every time, and the dates between which they fall."""

from __future__ import annotations

import random
from datetime import UTC, datetime, time, timedelta

ANCHOR = datetime(2026, 11, 20, 12, tzinfo=UTC)  # the demo's present
MONTHS = 24  # up to and with that of the anchor


def dice(purpose: str) -> random.Random:
    """Make a generator for one purpose, so that changing one part of the demo keeps the others."""
    return random.Random(f"demo {purpose}")  # noqa: S311  # made-up data


def month(number: int) -> datetime:
    """Return the first moment of a month of the demo, from 0 to MONTHS - 1, which has ANCHOR."""
    months = ANCHOR.year * 12 + ANCHOR.month - MONTHS + number
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


def working_time(chance: random.Random, start: datetime, end: datetime) -> datetime:
    """Choose a moment between two, most likely in working hours."""
    moment = start + (end - start) * chance.random()
    tidy = datetime.combine(moment, time(8), UTC) + timedelta(seconds=chance.randrange(10 * 3600))
    return (
        tidy
        if start < tidy < end
        else moment.replace(microsecond=0) + timedelta(microseconds=chance.randrange(1_000_000))
    )
