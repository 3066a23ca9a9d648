"""Who may do what: by domain and by person, to read and to download."""

from __future__ import annotations

import csv
import io

import pytest
from openpyxl import load_workbook
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office, give
from webapp.models import Account, Permission, State

PATH = "/who-may-do-what"


@pytest.fixture
def rosa(web: Client, office: Office) -> Client:
    web.sign_in("rosa.admin")
    return web


def rows(web: Client, query: str = "") -> list[list[str]]:
    body = web.get(PATH + query).html.select("tbody tr")
    return [[" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")] for row in body]


def downloaded(web: Client, query: str = "") -> list[list[str]]:
    text = web.get(f"{PATH}?csv=1{query}").text.removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text)))


def test_what_each_may_do_is_what_counts_now(
    rosa: Client, session: Session, office: Office
) -> None:
    found = rows(rosa, f"?domains={office.london.id}")
    assert [row[:3] for row in found] == [
        ["Northwind London", "Max Reader", "No"],
        ["Northwind London", "Owen Contact", "Yes"],
        ["Northwind London", "Priya Contact", "Primary"],
        ["Northwind London", "Rosa Admin", "No"],
    ]
    may = {row[1]: row[3] for row in found}
    assert may["Owen Contact"] == "User Management, Restore deleted users"
    assert may["Priya Contact"].startswith("User Management, Erase deleted users")
    give(session, office.nadia, office.london, Permission.ERASE_DELETED_USERS)
    session.get_one(Account, office.max.account_id).state = State.ARCHIVED
    may = {row[1]: row[3] for row in rows(rosa, f"?domains={office.london.id}")}
    assert "Max Reader" not in may
    assert may["Nadia Contact"] == "Nothing, or only what counts for primary contacts"


def test_the_same_by_person(rosa: Client, office: Office) -> None:
    found = [row[:2] for row in rows(rosa, "?by=person")]
    assert [place for name, place in found if name == "Priya Contact"] == [
        "Northwind Dublin",
        "Northwind London",
    ]
    assert found == sorted(found)


def test_who_may_erase_is_found(rosa: Client, office: Office) -> None:
    found = rows(rosa, "?permission=Erase+deleted+users")
    assert [row[:2] for row in found] == [
        ["Northwind Dublin", "Priya Contact"],
        ["Northwind London", "Priya Contact"],
    ]


def test_downloads_hold_a_row_for_each_permission(rosa: Client, office: Office) -> None:
    heading, *found = downloaded(rosa, f"&domains={office.paris.id}")
    assert heading == ["Domain", "Name", "User name", "Contact", "Permission"]
    of_nadia = [row[3:] for row in found if row[2] == "nadia.contact"]
    assert of_nadia == [
        ["Primary contact", "Restore deleted users"],
        ["Primary contact", "User Management"],
    ]
    assert len([row for row in found if row[2] == "rosa.admin"]) == len(Permission) - 1
    erasing = downloaded(rosa, "&permission=Erase+deleted+users&by=person")
    assert [row[:2] for row in erasing[1:]] == [
        ["Northwind Dublin", "Priya Contact"],
        ["Northwind London", "Priya Contact"],
    ]
    sheet = load_workbook(io.BytesIO(rosa.get(f"{PATH}?xlsx=1").body)).active
    assert sheet is not None
    assert [list(row) for row in sheet.iter_rows(values_only=True)] == downloaded(rosa)


def test_a_filter_that_cannot_be_read_is_said(rosa: Client) -> None:
    for query in ("?by=magic", "?permission=Everything", "?domains=0"):
        assert rosa.get(PATH + query, status=422).html.select("#problems")
