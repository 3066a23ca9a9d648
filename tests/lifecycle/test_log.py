"""SQLite's log holds what was deleted. It is emptied after an erasure, as soon as nobody reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office, many_users
from tests.journeys.browser import Browser

MARK = b"user.000042"


@pytest.fixture
def file(engine: Engine, session: Session, office: Office) -> Path:
    """The database's file; hundreds of deleted users of London are in it."""
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no such log: what stays behind there is a matter of scrubbing")
    many_users(session, office.london, 300)
    session.commit()
    return Path(str(engine.url.database))


@pytest.fixture
def priya(web: Client, office: Office) -> Browser:
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    return browser


def erase(browser: Browser) -> None:
    browser.visit("/users/erase-deleted/")
    browser.fill(keyword="user number")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    browser.fill(number="300")
    browser.press("Erase 300 users", within="#popup")
    assert "300 users have been erased." in browser.text


def log_of(file: Path) -> bytes:
    return file.with_name(f"{file.name}-wal").read_bytes()


def test_the_log_is_empty_when_the_page_says_that_it_is_done(file: Path, priya: Browser) -> None:
    assert MARK in log_of(file) + file.read_bytes()
    erase(priya)
    assert MARK not in log_of(file)


def test_a_reader_in_the_way_delays_it_until_a_later_request(file: Path, priya: Browser) -> None:
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM person")).all()
        erase(priya)
        assert MARK in log_of(file)
    engine.dispose()
    priya.visit("/")
    assert MARK not in log_of(file)
