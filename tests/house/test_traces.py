"""What erasing leaves of a person who was everywhere: nothing, in any row, page, CSV or log.

Rows and pages are found, not listed.
"""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Date, Enum, Integer, Table, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.types import String, Text

from tests.conftest import Client
from tests.factories import SINCE, Office, give, make_contact
from tests.house.walk import all_rights, everything, search_everywhere
from tests.journeys.browser import Browser
from webapp.db import Base, Moment
from webapp.events import Recorded, record
from webapp.models import Permission, Person
from webapp.models.personal import personal_tables

MARK = "zqxmarker"
NUMBER = 48151623  # the mark of columns that hold numbers
# The mark of those that hold days; not past, since what has expired goes by itself.
DAY = date(2087, 6, 5)
MOMENT = datetime(2087, 6, 5, 4, 3, 2, tzinfo=UTC)
KEPT_AS_NUMBERS = {"billed_span.last_month"}  # months, counted without identity afterwards
MARKED = (MARK, str(NUMBER), "2087-06-05", "5 june 2087", "5 jun 2087")


def personal() -> list[Table]:
    return [model.__table__ for model in personal_tables()]


@pytest.fixture
def marked(session: Session, office: Office) -> Person:
    """Give a deleted user of London a row in every personal table.

    The mark is in every column of it that can hold one.
    """
    person = office.deleted(office.london)[0]
    give(session, person, office.paris, Permission.BILLING)
    make_contact(session, person, office.london)
    record(
        session,
        Recorded.DELETE,
        SINCE,
        actor_id=office.owen.account_id,
        subject_id=person.account_id,
        domain_id=office.london.id,
    )
    record(
        session,
        Recorded.ARCHIVE,
        SINCE,
        actor_id=person.account_id,
        subject_id=office.live(office.london)[0].account_id,
        domain_id=office.london.id,
    )
    for table in reversed(personal()):  # what is referred to before what refers
        mine = table.c.account_id == person.account_id
        if session.execute(select(table).where(mine)).first() is None:
            values = {c.name: value_for(c) for c in table.columns if value_for(c) is not None}
            values |= {c.name: some(session, c) for c in table.columns if c.foreign_keys}
            session.execute(insert(table).values(values | {"account_id": person.account_id}))
        for column in table.columns:
            if value_for(column) is not None and not (
                column.primary_key or column.foreign_keys or str(column) in KEPT_AS_NUMBERS
            ):
                session.execute(table.update().where(mine).values({column: value_for(column)}))
    session.commit()
    return person


def some(session: Session, column: Column[Any]) -> Any:
    """Return what a foreign key can refer to: any row that there is; None where it may be empty."""
    (key,) = column.foreign_keys
    return None if column.nullable else session.scalar(select(key.column).limit(1))


def value_for(column: Column[Any]) -> Any:
    """Return a value that is recognised wherever it is found.

    None where the column cannot hold such a one.
    """
    if isinstance(column.type, Enum):
        return None if column.nullable else column.type.enums[0]
    if isinstance(column.type, Boolean):
        return False
    kinds = (
        (Moment, MOMENT),
        (Date, DAY),
        (String | Text, MARK),
        (JSON, {MARK: MARK}),
        (Integer, None if column.primary_key else NUMBER),
    )
    return next((value for kind, value in kinds if isinstance(column.type, kind)), None)


def test_every_personal_column_that_can_be_marked_is(session: Session, marked: Person) -> None:
    """Notice a kind of column that `value_for` does not know."""
    found = places(session)
    for table in personal():
        assert count(session, table, marked.account_id) > 0, table.name
        for column in table.columns:
            assert f"{table.name}.{column.name}" in found or has_no_words_of_its_own(column), (
                f"{table.name}.{column.name}"
            )


def has_no_words_of_its_own(column: Column[Any]) -> bool:
    """Tell whether it refers to another row, numbers its own, or holds one of a few words."""
    return (
        bool(column.foreign_keys)
        or isinstance(column.type, Enum | Boolean)
        or (column.primary_key and isinstance(column.type, Integer | Date))
        or str(column) in KEPT_AS_NUMBERS
    )


def places(session: Session) -> list[str]:
    """Return every `table.column` of the database in which a mark is found."""
    session.commit()
    found = []
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)):
            found += [
                f"{table.name}.{name}"
                for name, value in row._mapping.items()
                if any(mark in str(value).casefold() for mark in MARKED)
            ]
    return sorted(set(found))


def test_an_erased_person_is_in_no_row_no_page_no_csv_and_no_log(
    web: Client, session: Session, office: Office, marked: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    all_rights(session, office, office.priya)
    account_id = marked.account_id
    look_at_everything(web, session, office, marked)
    before = rows_of_others(session, account_id)
    erase(web)
    assert places(session) == []
    assert {table.name: count(session, table, account_id) for table in personal()} == {
        table.name: 0 for table in personal()
    }
    after = rows_of_others(session, account_id)
    assert set(before.pop("party")) <= set(after["party"])  # Priya erased, which is recorded
    assert {name: (rows, after[name]) for name, rows in before.items() if rows != after[name]} == {}
    search_everywhere(Browser(web, htmx=False))
    seen = {url: answer.text for url, answer in everything(web, session)}
    assert {pattern.split("/")[1] for pattern in seen if pattern != "/"} >= {
        "activity",
        "billing",
        "reports",
        "users",
        "receipts",
        "operations",
    }
    assert [
        url for url, text in seen.items() if any(mark in text.casefold() for mark in MARKED)
    ] == []
    assert [mark for mark in MARKED if mark in caplog.text.casefold()] == []


def look_at_everything(web: Client, session: Session, office: Office, marked: Person) -> None:
    """Let Priya and Owen type the mark wherever one can, and look at the person in every way."""
    owen = Browser(Client(web.app, session), htmx=False)
    owen.sign_in("owen.contact")
    owen.visit("/users/restore-deleted/")
    owen.fill(keyword=MARK)
    owen.press("Search for deleted users")
    assert "1 user found" in owen.text
    priya = Browser(web, htmx=True)
    priya.sign_in(MARK, MARK)
    priya.sign_in("priya.contact")
    search_everywhere(priya, MARK)
    priya.visit("/users/")
    priya.fill(keyword=MARK * 30)
    priya.press("Search for", within="#search")
    assert priya.status == 422
    dict(everything(web, session))


def erase(web: Client) -> None:
    browser = Browser(web, htmx=False)
    browser.visit("/users/erase-deleted/")
    browser.fill(keyword=MARK)
    browser.press("Search for deleted users")
    assert MARK not in browser.url
    browser.press("Erase", within="#results")
    browser.press("Erase 1 user", within="#popup")
    assert "1 user has been erased." in browser.text


def count(session: Session, table: Table, account_id: int) -> int:
    return len(session.execute(select(table).where(table.c.account_id == account_id)).all())


def rows_of_others(session: Session, account_id: int) -> dict[str, list[str]]:
    """Return every row that says something of another account.

    Searches and sessions, which come and go with requests, are left out.
    """
    session.commit()
    kept = [
        table
        for table in (
            *personal(),
            Base.metadata.tables["account"],
        )
        if table.name not in PASSING
    ]
    return {
        table.name: sorted(
            str(tuple(row))
            for row in session.execute(select(table).where(owner_of(table) != account_id))
        )
        for table in kept
    }


PASSING = ("selection", "selection_tick", "sign_in_session", "sign_in", "operation")


def owner_of(table: Table) -> Column[Any]:
    return table.c.id if table.name == "account" else table.c.account_id
