"""A CSV export of a user list, as Microsoft Entra ID writes it: rows, columns, dates.

What a row holds is personal and stands in no message and no exception.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO

from webapp.errors import Invalid, Refused

# What the export calls them, newer names first.
OF_PERSON = {
    "user_name": ("userPrincipalName",),
    "display_name": ("displayName",),
    "given_name": ("givenName",),
    "surname": ("surname",),
    "email": ("mail",),
    "external_id": ("id", "objectId"),
    "phone": ("telephoneNumber",),
    "mobile_phone": ("mobilePhone", "mobile"),
}
ENABLED = ("accountEnabled",)
CREATED = ("createdDateTime",)
DELETED = ("deletedDateTime", "deletionTimestamp")

NOT_UTF_8 = re.compile("[\udc80-\udcff]")  # what the bytes that are not become on reading
US_DATE = re.compile(
    r"(\d{1,2})/(\d{1,2})/(\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?[ \xa0\u202f]([AP])M)?",
    re.ASCII | re.IGNORECASE,
)

Line = tuple[int, list[str]]  # line on which a row starts, its fields


def lines_of(text: TextIO) -> Iterator[Line]:
    """Read the rows of the file, the heading included, without blank lines.

    Refused where it is not CSV in UTF-8.
    """
    reader = csv.reader(text, strict=True)
    readable = True
    while readable:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            readable = False
            continue
        if NOT_UTF_8.search("".join(row)):
            raise Refused(
                f"The file is not UTF-8: see the row that starts on line {line:,}.",
                "Save it as CSV UTF-8 and import it again.",
            )
        if row:
            yield line, row
    raise Refused(
        f"The row that starts on line {line:,} cannot be read as CSV: "
        "a quotation mark may be missing.",
        "Correct the file and import it again.",
    )


@dataclass(frozen=True)
class Layout:
    """Where in a row things stand; None for a column that the file does not have."""

    width: int
    of_person: dict[str, int]
    domain: int
    enabled: int | None
    created: int | None
    deleted: int | None
    attributes: dict[str, int]


def layout_of(
    heading: list[str], *, domain_column: str, attributes: Sequence[str], needs_deleted: bool
) -> Layout:
    """Refused where a needed column is missing."""
    places = {field: _place(heading, *spellings) for field, spellings in OF_PERSON.items()}
    of_person = {field: place for field, place in places.items() if place is not None}
    return Layout(
        width=len(heading),
        of_person=of_person | {"user_name": _needed(heading, *OF_PERSON["user_name"])},
        domain=_needed(heading, domain_column),
        enabled=_place(heading, *ENABLED),
        created=_place(heading, *CREATED),
        deleted=_needed(heading, *DELETED) if needs_deleted else _place(heading, *DELETED),
        attributes={name: _needed(heading, name) for name in attributes},
    )


def _needed(heading: list[str], *spellings: str) -> int:
    place = _place(heading, *spellings)
    if place is None:
        raise Refused(
            f"The file has no column {spellings[0]}.",
            "Its first line must name the columns, separated by commas.",
        )
    return place


def _place(heading: list[str], *spellings: str) -> int | None:
    names = [name.strip().casefold() for name in heading]
    for spelling in spellings:
        if names.count(spelling.casefold()) > 1:
            raise Refused(
                f"The file has more than one column {spelling}.",
                "Rename or remove all but one of them.",
            )
        if spelling.casefold() in names:
            return names.index(spelling.casefold())
    return None


def moment_of(row: list[str], place: int | None, what: str) -> datetime | None:
    """A date and time, UTC where it does not say otherwise; None where the field is empty."""
    text = row[place].strip() if place is not None else ""
    moment = _read_moment(text) if text else None
    if text and moment is None:
        raise Invalid(f"The date {what} is not a possible date and time.")
    return moment


def _read_moment(text: str) -> datetime | None:
    """A US date such as 4/26/2023 1:04:00 PM, or one of ISO 8601; None for anything else."""
    american = US_DATE.fullmatch(text)
    try:
        moment = _american(*american.groups()) if american else datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _american(
    month: str,
    day: str,
    year: str,
    hour: str | None,
    minute: str | None,
    second: str | None,
    half: str | None,
) -> datetime:
    if hour is None or half is None:
        return datetime(int(year), int(month), int(day), tzinfo=UTC)
    if not 1 <= int(hour) <= 12:
        raise ValueError
    return datetime(
        int(year),
        int(month),
        int(day),
        int(hour) % 12 + 12 * (half in "pP"),
        int(minute or 0),
        int(second or 0),
        tzinfo=UTC,
    )
