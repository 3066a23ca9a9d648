"""What erasing leaves of a person: nothing, anywhere. Every personal column is found by walking the schema, so a new one is covered."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Column, Table, select, update
from sqlalchemy.orm import Session
from sqlalchemy.types import String

from tests.conftest import Client
from tests.factories import Office, a_sign_in, give, give_attribute, make_contact
from tests.journeys.browser import Browser
from webapp.db import Base
from webapp.models import Permission, Person
from webapp.models.personal import personal_tables

MARK = "zqxmarker"


@pytest.fixture
def marked(session: Session, office: Office) -> Person:
    """A deleted user of London with a row in every personal table, and the mark in every personal text."""
    person = office.deleted(office.london)[0]
    give_attribute(session, person, "Shoe size", MARK)
    give(session, person, office.paris, Permission.BILLING)
    make_contact(session, person, office.london)
    a_sign_in(session, person)
    for model in personal_tables():
        for column in texts_of(model.__table__):
            session.execute(
                update(model)
                .where(model.__table__.c.account_id == person.account_id)
                .values({column: MARK})
            )
    session.commit()
    return person


def texts_of(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if isinstance(column.type, String)]


def test_the_mark_is_where_it_should_be_before(marked: Person, session: Session) -> None:
    found = {place.partition(".")[0] for place in marks(session)}
    assert found >= {"person", "attribute_value"}


def test_erasing_leaves_the_mark_nowhere(
    web: Client, session: Session, office: Office, marked: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    account_id, others = marked.account_id, rows_of_others(session, marked.account_id)
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.fill(keyword=MARK)
    browser.press("Search for deleted users")
    assert "1 user found" in browser.text
    assert MARK not in browser.url
    browser.press("Erase", within="#results")
    browser.press("Erase 1 user", within="#popup")
    assert "1 user has been erased." in browser.text
    assert marks(session) == []
    assert {
        table: rows
        for table, rows in rows_of_others(session, account_id).items()
        if rows != others[table]
    } == {}
    assert [page for page, text in pages(web, office) if MARK in text] == []
    assert MARK not in caplog.text


def marks(session: Session) -> list[str]:
    """Every `table.column` of the database that holds the mark."""
    session.commit()
    return [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if held(session, column)
    ]


def held(session: Session, column: Column[Any]) -> bool:
    return any(MARK in str(value).casefold() for value in session.scalars(select(column)))


def rows_of_others(session: Session, account_id: int) -> dict[str, list[str]]:
    """Every row of every personal table that belongs to somebody else; searches and sessions come and go with requests."""
    passing = {"selection", "sign_in_session", "sign_in"}
    kept = {}
    for model in personal_tables():
        table = model.__table__
        if table.name not in passing:
            kept[table.name] = sorted(
                str(tuple(row))
                for row in session.execute(select(table).where(table.c.account_id != account_id))
            )
    return kept


def pages(web: Client, office: Office) -> Iterator[tuple[str, str]]:
    """Every page and CSV that can be opened without knowing an id, by the one who may do everything, who is a contact too."""
    make_contact(web.session, office.rosa, office.london)
    web.sign_in("rosa.admin")
    for rule in web.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments:
            for query in ("", "?csv=1"):
                yield rule.rule + query, web.get(rule.rule + query).text
    month = f"/billing/{office.london.id}/2025-05"
    yield month, web.get(month).text
    for path in ("/users/", "/users/restore-deleted/", "/users/erase-deleted/"):
        browser = Browser(web, htmx=False)
        browser.visit(path)
        browser.press("Search for", within="#search")
        yield path, str(browser.soup)
