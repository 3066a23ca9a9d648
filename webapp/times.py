"""Days and months. Moments are aware and UTC everywhere; a month is its first day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

CONTINENTS = {
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
}  # fmt: skip


def now() -> datetime:
    return datetime.now(UTC)


@cache
def zone_of(name: str) -> ZoneInfo:
    """Return the time zone of this name; UTC where this machine does not know it any more."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


@cache
def zone_names() -> list[str]:
    """Return UTC and the zones named after a place, such as Europe/Dublin, by name."""
    places = {name for name in available_timezones() if name.partition("/")[0] in CONTINENTS}
    return ["UTC", *sorted(places)]


def start_of(day: date) -> datetime:
    """Return the first moment of this day."""
    return datetime.combine(day, time(), UTC)


def month_of(moment: datetime) -> date:
    """Return the month that `moment` lies in."""
    return date(moment.year, moment.month, 1)
