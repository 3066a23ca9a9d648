"""CSV downloads that no spreadsheet executes, streamed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from flask import Response, stream_with_context

from webapp.importing.cells import harmless

CHUNK = 500  # rows sent at a time


def download(name: str, heading: list[str], rows: Iterable[Iterable[object]]) -> Response:
    """Answer with a CSV file. `name` holds nothing personal.

    It is UTF-8 with a byte order mark, so that spreadsheets read every script.
    """
    response = Response(stream_with_context(_lines(heading, rows)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def written(value: object) -> str:
    """Return a value as a cell's text."""
    return "" if value is None else str(value)


def _lines(heading: list[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL)
    buffer.write("\ufeff")
    writer.writerow([harmless(name) for name in heading])
    for number, row in enumerate(rows, 1):
        writer.writerow([harmless(written(value)) for value in row])
        if number % CHUNK == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
