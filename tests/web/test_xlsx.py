"""XLSX downloads: what goes in comes out, as text and never as a formula or a link."""

from __future__ import annotations

import io
import zipfile

import openpyxl
from flask import Flask
from hypothesis import given
from xlsxwriter import Workbook

from tests.web.test_csv import FORMULAS, tables
from webapp.importing.dialects import rows_of
from webapp.web.csv import written
from webapp.web.xlsx import download, fill

LINKS = ["http://example.org", "mailto:anna@example.org", "internal:Sheet1!A1", "12", "1e5"]


def sent(heading: list[str], rows: list[list[object]]) -> io.BytesIO:
    """The file that a browser saves."""
    with Flask("nothing").test_request_context():
        response = download("users", heading, rows)
        assert response.headers["Content-Disposition"] == "attachment; filename=users.xlsx"
        response.direct_passthrough = False
        return io.BytesIO(response.get_data())


@given(table=tables)
def test_cells_come_out_as_they_went_in(table: list[list[object]]) -> None:
    """Read as an import reads them, which passes blank rows over."""
    _heading, *rows = (row for _line, row in rows_of(sent(["Heading"], table)))
    original = [[written(value) for value in row] for row in table]
    padded = [row + [""] * (len(table[0]) - len(row)) for row in rows]
    assert padded == [row for row in original if "".join(row).strip()]


def test_there_are_no_formulas_numbers_or_links() -> None:
    file = sent(["Value"], [[value] for value in (*FORMULAS, *LINKS)])
    sheet = openpyxl.load_workbook(file).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "inlineStr"}
    with zipfile.ZipFile(file) as packed:
        xml = packed.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in xml
    assert "hyperlink" not in xml


def test_more_rows_than_a_sheet_takes_go_on_on_another() -> None:
    file = io.BytesIO()
    with Workbook(file, {"constant_memory": True}) as workbook:
        fill(workbook, ["Number"], [[number] for number in range(5)], rows_a_sheet=2)
    sheets = openpyxl.load_workbook(file).worksheets
    assert [[row[0] for row in sheet.iter_rows(values_only=True)] for sheet in sheets] == [
        ["Number", "0", "1"],
        ["Number", "2", "3"],
        ["Number", "4"],
    ]
