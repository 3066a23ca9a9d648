"""Dates: read a column of them as a whole, and never guess which number is the day."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from webapp.errors import Invalid, Refused

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # no directory is older
NEVER = {(1, 1, 1), (1601, 1, 1)}  # days that Active Directory writes into empty fields
AHEAD = timedelta(hours=14)  # by so much clocks are ahead of UTC, at most
BLANK = "[ \xa0\u202f]"
NUMERIC = re.compile(
    rf"(\d{{1,2}})([/.-])(\d{{1,2}})\2(\d{{4}})"
    rf"(?:,?{BLANK}(\d{{1,2}}):(\d{{2}})(?::(\d{{2}}))?(?:{BLANK}([AP])M)?)?",
    re.ASCII | re.IGNORECASE,
)
LDAP = re.compile(r"(\d{8})(\d{6})(?:\.\d+)?Z", re.ASCII)  # 20240305060708.0Z
MILLISECONDS = re.compile(r"\d{13}", re.ASCII)  # since 1970, as Keycloak counts


class Order(StrEnum):
    """Which number of a date such as 03/04/2024 is the day."""

    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


class Column:
    """A column of dates, seen value by value. One that is possible in one order only settles it."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.only: dict[Order, int] = {}  # the first line that settles the order
        self.unclear: tuple[int, datetime, datetime] | None = None  # line, and both readings

    def see(self, line: int, text: str) -> None:
        date = NUMERIC.fullmatch(text.strip())
        if date is None:
            return
        day_first, month_first = (_numeric(date, order) for order in Order)
        if day_first is None or month_first is None:
            if day_first or month_first:
                self.only.setdefault(Order.DAY_FIRST if day_first else Order.MONTH_FIRST, line)
        elif day_first != month_first:
            self.unclear = self.unclear or (line, day_first, month_first)

    @property
    def order(self) -> Order:
        """Refused where nothing settles it although it matters, and where two values contradict."""
        if len(self.only) > 1:
            day, month = self.only[Order.DAY_FIRST], self.only[Order.MONTH_FIRST]
            raise Refused(
                f"The dates {self.what} are written in two ways: with the day first "
                f"on line {day:,}, with the month first on line {month:,}.",
                f"Correct the file. {_options()}",
            )
        if self.unclear and not self.only:
            line, day_first, month_first = self.unclear
            raise Refused(
                f"The dates {self.what} can be read in two ways: the one on line {line:,} "
                f"is {_said(day_first)} with the day first, "
                f"{_said(month_first)} with the month first.",
                _options(),
            )
        return next(iter(self.only), Order.DAY_FIRST)


def moment_of(text: str, order: Order, what: str, at: datetime) -> datetime | None:
    """Return a date and time, UTC where it does not say otherwise; None where the field is empty.

    Invalid where it is impossible, before 1990, or later than now, which is `at`.
    """
    text = text.strip()
    if not text:
        return None
    moment = _read(text, order)
    if moment is None:
        raise Invalid(f"The date {what} is not a possible date and time.")
    if moment > at + AHEAD:
        raise Invalid(f"The date {what} is in the future.")
    if (moment.year, moment.month, moment.day) not in NEVER and moment < EARLIEST:
        raise Invalid(f"The date {what} is before 1990.")
    return min(moment, at)


def is_never(moment: datetime | None) -> bool:
    """Tell whether this is what Active Directory writes into an empty field."""
    return moment is not None and moment < EARLIEST


def _options() -> str:
    return f"Say which is meant with --dates {Order.DAY_FIRST} or --dates {Order.MONTH_FIRST}."


def _said(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"


def _read(text: str, order: Order) -> datetime | None:
    """Read a date of two numbers and a year, one of ISO 8601, of LDAP, or of Keycloak."""
    date = NUMERIC.fullmatch(text)
    if date:
        return _numeric(date, order)
    try:
        if MILLISECONDS.fullmatch(text):
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        moment = datetime.fromisoformat(LDAP.sub(r"\1T\2Z", text))
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _numeric(date: re.Match[str], order: Order) -> datetime | None:
    one, _, two, year, hour, minute, second, half = date.groups()
    day, month = (one, two) if order is Order.DAY_FIRST else (two, one)
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + 12 * (half in "pP")
    try:
        return datetime(
            int(year), int(month), int(day), hours, int(minute or 0), int(second or 0), tzinfo=UTC
        )
    except ValueError:
        return None
