"""Separators, encodings and workbooks: the same two people come out of all of them."""

from __future__ import annotations

import io
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy.orm import Session

from tests.conftest import Runner
from tests.factories import a_domain
from tests.importing.lists import lines, one, refusals, run
from webapp.errors import Refused
from webapp.importing.preview import Imported
from webapp.models import Domain, State

HEADING = ("userPrincipalName", "displayName", "companyName", "accountEnabled", "createdDateTime")
ANNA = ("anna@example.org", "Anna Archer", "Northwind London", "True", "2023-04-26T13:04:00Z")
BJÖRN = ("björn@example.org", "Björn Åkesson", "Northwind London", "False", "2023-04-26T13:04:00Z")
LIST = lines(*(",".join(row) for row in (HEADING, ANNA, BJÖRN)))
BOTH_READ: tuple[Imported, dict[int, str]] = (Imported(2, 0), {})


@pytest.fixture(autouse=True)
def london(session: Session) -> Domain:
    return a_domain(session)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("named", [False, True], ids=["unnamed", "named"])
def test_separators(session: Session, separator: str, named: bool) -> None:
    content = f"sep={separator}\r\n" * named + LIST.replace(",", separator)
    assert run(session, content) == BOTH_READ


def test_another_separator_is_read_where_the_first_line_names_it(session: Session) -> None:
    assert run(session, "sep=|\r\n" + LIST.replace(",", "|")) == BOTH_READ


def test_a_separator_in_a_quoted_heading_does_not_count(session: Session) -> None:
    content = LIST.replace(",", ";").replace("displayName", '"Name, first, last, all"')
    assert run(session, content) == BOTH_READ


@pytest.mark.parametrize(
    "content",
    [
        LIST.encode(),
        b"\xef\xbb\xbf" + LIST.encode(),
        b"\xef\xbb\xbf\xef\xbb\xbf" + LIST.encode(),
        LIST.encode("utf-16"),
        "\ufeff".encode("utf-16-be") + LIST.encode("utf-16-be"),
        b"\r\n\r\n" + LIST.encode(),
        LIST.replace("\r\n", "\r").encode(),
        LIST.replace("\r\n", "\r\n,,,,\r\n  ,\r\n").encode(),
    ],
    ids=["UTF-8", "a mark", "two marks", "UTF-16", "big-endian", "blank first", "CR", "blank rows"],
)
def test_encodings_and_blank_rows(session: Session, content: bytes) -> None:
    assert run(session, content) == BOTH_READ
    assert one(session, "björn@example.org").Person.display_name == "Björn Åkesson"


def test_windows_1252_is_read_on_request(session: Session) -> None:
    content = LIST.encode("cp1252")
    with pytest.raises(Refused) as refused:
        run(session, content)
    assert refused.value.sentence == "The file is not UTF-8: see the row that starts on line 3."
    assert "--encoding" in refused.value.next_step
    assert run(session, content, encoding="windows-1252") == BOTH_READ
    assert one(session, "björn@example.org").Person.display_name == "Björn Åkesson"


def test_a_byte_order_mark_counts_more_than_what_was_asked_for(session: Session) -> None:
    assert run(session, b"\xef\xbb\xbf" + LIST.encode(), encoding="windows-1252") == BOTH_READ


def test_a_broken_utf_16_file_is_refused(session: Session) -> None:
    with pytest.raises(Refused) as refused:
        run(session, LIST.encode("utf-16")[:-3] + b"\x00\xd8")
    assert refused.value.sentence.startswith("The file is not UTF-16")
    assert refused.value.__context__ is None


def test_a_longer_row_is_refused(session: Session) -> None:
    content = LIST + ",".join((*ANNA[:1], "a", "b", "c", "", "d"))
    assert refusals(session, content) == {
        4: "Its number of fields (6) is not that of the first line (5)."
    }


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.create_sheet().append(["another sheet"])
    book.save(file)
    return file.getvalue()


def test_a_workbook_with_its_own_kinds_of_values(session: Session) -> None:
    anna = (*ANNA[:3], True, datetime(2023, 4, 3, 13, 4))  # noqa: DTZ001  # as workbooks hold it
    content = workbook((*HEADING, "telephoneNumber"), (*anna, 447700900001), (None,), BJÖRN)
    assert run(session, content) == BOTH_READ
    person, account = one(session, "anna@example.org")
    assert (person.phone, account.state) == ("447700900001", State.LIVE)
    assert account.created_at == datetime(2023, 4, 3, 13, 4, tzinfo=UTC)
    assert one(session, "björn@example.org").Account.state == State.ARCHIVED


def test_rows_of_a_workbook_are_refused_by_their_number(session: Session) -> None:
    content = workbook(HEADING, (), ANNA, (None, "Nobody", "Northwind London"))
    assert list(refusals(session, content)) == [4]


def test_nothing_in_a_workbook_is_executed(session: Session) -> None:
    content = workbook(HEADING, (*ANNA[:1], '=HYPERLINK("http://example.org")', *ANNA[2:]))
    run(session, content)
    assert one(session, "anna@example.org").Person.display_name == ""  # no value was saved with it


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 nothing more",
        workbook(HEADING, ANNA)[:-200],
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ],
    ids=["no archive", "cut off", "an older kind"],
)
def test_workbooks_that_cannot_be_read(session: Session, content: bytes) -> None:
    with pytest.raises(Refused) as refused:
        run(session, content)
    assert refused.value.sentence == "The file is a workbook that cannot be read."
    assert refused.value.__context__ is None


def test_a_list_can_come_through_a_pipe(runner: Runner, tmp_path: Path, session: Session) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_text(LIST, encoding="utf-8"))
    writer.start()
    result = runner.invoke(args=["users", "import", str(pipe)])
    writer.join()
    assert result.stdout == "2 users have been imported.\n"
