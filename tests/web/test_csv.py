"""CSV downloads: what goes in comes out, and no spreadsheet takes it for a formula."""

from __future__ import annotations

import csv
import io
import re

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from webapp.importing.cells import as_it_was, harmless
from webapp.web.csv import CHUNK, download

FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://example.org";"Anna")',
    "+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
]
STARTS = tuple(formula[0] for formula in FORMULAS)
EXECUTED = tuple(start for start in STARTS if start.strip())
SEPARATOR = re.compile("[;,\t\r\n]")
LEFT_OUT = ' "\u00a0'  # what spreadsheets leave out in front of a formula

words = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("=+-@;,\t\r\n \"'")),
    max_size=20,
)
cells = st.one_of(
    words,
    st.builds(str.__add__, st.sampled_from([*STARTS, '"', "'", ";", ","]), words),
    st.integers(0),
    st.none(),
)
tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), max_size=8)
)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_gets_an_apostrophe_in_front(formula: str) -> None:
    assert harmless(formula).startswith("'" + formula[0])


@pytest.mark.parametrize("name", ["Anna Archer", "O’Brien", "a=b", "", "王", "1-2"])
def test_a_name_stays_as_it_is(name: str) -> None:
    assert harmless(name) == name


@pytest.mark.parametrize("separator", [";", ",", "\t", "\n", "\r\n"])
@pytest.mark.parametrize("between", ["", " ", "\u00a0", '"', "'", " \"'"])
def test_a_formula_behind_a_separator_gets_one_too(separator: str, between: str) -> None:
    assert harmless(f"x{separator}{between}=1+1;y") == f"x{separator}'{between}=1+1;y"


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_heading_is_no_formula_either(formula: str) -> None:
    assert read(sent(["Name", formula], []))[0] == ["Name", harmless(formula)]


@given(table=tables)
def test_cells_come_out_as_they_went_in_except_formulas(table: list[list[object]]) -> None:
    heading = ["Heading"]
    first, *rows = read(sent(heading, table))
    assert first == heading
    assert len(rows) == len(table)
    for row, original in zip(rows, table, strict=True):
        for cell, value in zip(row, original, strict=True):
            text = "" if value is None else str(value)
            assert cell == harmless(text)
            assert as_it_was(cell) == text
            assert not [
                part for part in SEPARATOR.split(cell) if part.lstrip(LEFT_OUT).startswith(EXECUTED)
            ]


def test_no_row_is_lost_where_one_part_of_the_file_ends() -> None:
    number = CHUNK * 2 + 1
    rows = read(sent(["Number"], [[n] for n in range(number)]))
    assert rows[1:] == [[str(n)] for n in range(number)]


def sent(heading: list[str], rows: list[list[object]]) -> str:
    """Return the file that a browser saves."""
    with Flask("nothing").test_request_context():
        response = download("users", heading, rows)
        assert response.headers["Content-Disposition"] == 'attachment; filename="users.csv"'
        return response.get_data().decode("utf-8")


def read(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff"), "Without this mark, spreadsheets guess the encoding."
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
