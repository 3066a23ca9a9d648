"""Workbooks: the rows of the first sheet of an XLSX file, as text. Nothing in it is executed."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import BinaryIO

import openpyxl
from openpyxl.utils.escape import unescape

from webapp.errors import Refused

ZIP, OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LARGEST = 1 << 30  # bytes that a workbook may unpack to
LAST_ROW = 1_048_576  # of any sheet

NOT_ONE = Refused(
    "The file is a workbook that cannot be read.",
    "Save it as XLSX without a password, or as CSV UTF-8, and import it again.",
)


def is_one(start: bytes) -> bool:
    """Tell by its first bytes whether a file is a workbook, perhaps of a kind that is refused."""
    return start.startswith((ZIP, OLD))


def rows_of(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    """Return number and fields of every row. Of a formula, the value that was saved with it."""
    try:
        yield from _rows(file)
        return
    except GeneratorExit:
        raise
    except Exception:  # noqa: S110  # what damaged files raise is without end
        pass
    raise Refused(NOT_ONE.sentence, NOT_ONE.next_step)


def _rows(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    with zipfile.ZipFile(file) as packed:
        if sum(part.file_size for part in packed.infolist()) > LARGEST:
            raise ValueError
    workbook = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    sheet = workbook.worksheets[0]
    sheet.reset_dimensions()  # some programs write them wrong
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        if number > LAST_ROW:
            raise ValueError
        yield number, [_text(value) for value in row]


def _text(value: object) -> str:
    """Return a cell's value as CSV would hold it."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return unescape(value) if isinstance(value, str) else str(value)
