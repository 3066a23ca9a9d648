"""CSV downloads that no spreadsheet executes, streamed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from flask import Response, stream_with_context

EXECUTED = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
CHUNK = 500  # rows sent at a time


def download(name: str, heading: list[str], rows: Iterable[Iterable[object]]) -> Response:
    """A CSV file (UTF-8 with a byte order mark, so that spreadsheets read every script); `name` holds nothing personal."""
    response = Response(stream_with_context(_lines(heading, rows)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def harmless(value: object) -> str:
    """A cell as text; what a spreadsheet would take for a formula gets an apostrophe in front."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(EXECUTED) else text


def _lines(heading: list[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    buffer.write("\ufeff")
    writer.writerow([harmless(name) for name in heading])
    for number, row in enumerate(rows, 1):
        writer.writerow([harmless(value) for value in row])
        if number % CHUNK == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
