"""Dialects: turn the bytes of a list into rows of text, whatever system or spreadsheet wrote them.

What a row holds is personal and stands in no message and no exception. So refusals are raised
outside of any `except`: they do not drag along the error that quotes it.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import BinaryIO, TextIO

from webapp.errors import Refused
from webapp.importing import workbooks

Line = tuple[int, list[str]]  # line on which a row starts, its fields

UTF_8, WINDOWS_1252 = "utf-8", "windows-1252"
SEPARATORS = (",", ";", "\t")
NAMED_SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)  # a first line that spreadsheets write
NOT_IN_ENCODING = re.compile("[\udc80-\udcff]")  # what the bytes that are not become on reading


def readable_twice(file: BinaryIO) -> BinaryIO:
    """Return the file, or a temporary copy of one that can be read only once, such as a pipe."""
    if file.seekable():
        return file
    copy = tempfile.TemporaryFile()  # noqa: SIM115  # gone when the list is
    shutil.copyfileobj(file, copy)
    return copy


def rows_of(file: BinaryIO, encoding: str = UTF_8) -> Iterator[Line]:
    """Return the rows of the file from its beginning, the heading included.

    Rows of nothing but blanks are passed over. A byte order mark counts more than `encoding`.
    Refused where the file is neither CSV nor a workbook.
    """
    start = _start(file)
    lines = workbooks.rows_of(file) if workbooks.is_one(start) else _csv_rows(file, start, encoding)
    return ((line, row) for line, row in lines if any(map(str.strip, row)))


def is_workbook(file: BinaryIO) -> bool:
    return workbooks.is_one(_start(file))


def _start(file: BinaryIO) -> bytes:
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    return start


def _csv_rows(file: BinaryIO, start: bytes, encoding: str) -> Iterator[Line]:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding, errors, name = "utf-16", "strict", "UTF-16"
    else:
        encoding = UTF_8 if start.startswith(codecs.BOM_UTF8) else encoding
        errors, name = "surrogateescape", "UTF-8" if encoding == UTF_8 else "Windows-1252"
    text = io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")
    try:
        yield from _rows(text, name)
    finally:
        with suppress(ValueError):  # closed already
            text.detach()  # the file stays open: it is read twice


def _rows(text: TextIO, encoding: str) -> Iterator[Line]:
    line, problem = 1, ""
    try:
        before, heading, separator = _begun(text)
        reader = csv.reader(chain([heading], text), delimiter=separator, strict=True)
        while not problem:
            line = before + reader.line_num + 1
            row = next(reader)
            if NOT_IN_ENCODING.search("".join(row)):
                problem = encoding
            else:
                yield line, row
    except StopIteration:
        return
    except UnicodeError:
        problem = encoding
    except csv.Error:
        problem = "CSV"
    raise _unreadable(line, problem)


def _unreadable(line: int, problem: str) -> Refused:
    if problem == "CSV":
        return Refused(
            f"The row that starts on line {line:,} cannot be read as CSV: "
            "a quotation mark may be missing.",
            "Correct the file and import it again.",
        )
    return Refused(
        f"The file is not {problem}: see the row that starts on line {line:,}.",
        "Save it as CSV UTF-8 and import it again."
        + (" If it is Windows-1252, say so with --encoding." if problem == "UTF-8" else ""),
    )


def _begun(text: TextIO) -> tuple[int, str, str]:
    """Return the number of lines before the heading, the heading's own, and the separator."""
    before, named = 0, ""
    first = text.readline().lstrip("\ufeff")  # one byte order mark, or two
    while first and not named:
        found = NAMED_SEPARATOR.fullmatch(first.rstrip("\r\n"))
        if not found and first.strip():
            break
        named = found[1] if found else ""
        before, first = before + 1, text.readline()
    return before, first, named or max(SEPARATORS, key=lambda each: _fields(first, each))


def _fields(heading: str, separator: str) -> int:
    return len(next(csv.reader([heading], delimiter=separator), []))
