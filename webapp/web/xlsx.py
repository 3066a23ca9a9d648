"""XLSX downloads: text in every cell, no formulas and no links."""

from __future__ import annotations

from collections.abc import Iterable
from tempfile import TemporaryFile

from flask import Response, send_file
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from webapp.web.csv import written

MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS = 1_048_575  # of one sheet, under its heading


def download(name: str, heading: list[str], rows: Iterable[Iterable[object]]) -> Response:
    """Send a workbook, made in a temporary file; `name` holds nothing personal."""
    file = TemporaryFile()  # noqa: SIM115  # closed when it has been sent
    with Workbook(file, {"constant_memory": True}) as workbook:
        fill(workbook, heading, rows)
    file.seek(0)
    return send_file(file, MIMETYPE, as_attachment=True, download_name=f"{name}.xlsx")


def fill(
    workbook: Workbook,
    heading: list[str],
    rows: Iterable[Iterable[object]],
    rows_a_sheet: int = ROWS,
) -> None:
    """Write the rows, on as many sheets as it takes."""
    sheet = workbook.add_worksheet()
    _write(sheet, 0, heading)
    for number, row in enumerate(rows):
        if number and number % rows_a_sheet == 0:
            sheet = workbook.add_worksheet()
            _write(sheet, 0, heading)
        _write(sheet, number % rows_a_sheet + 1, row)


def _write(sheet: Worksheet, line: int, row: Iterable[object]) -> None:
    for column, value in enumerate(row):
        sheet.write_string(line, column, written(value))
