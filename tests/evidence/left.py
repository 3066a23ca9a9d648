"""Erase people by the page, and look what the files of a database still hold of them."""

from __future__ import annotations

from sqlalchemy import Engine

from tests.conftest import Client
from tests.journeys.browser import Browser
from webapp.evidence.traces import Finder, files_of


def erase_all(web: Client, keyword: str, number: int) -> None:
    """Let Priya erase everyone found."""
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.fill(keyword=keyword)
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    if number > 100:
        browser.fill(number=str(number))
    browser.press("Erase ", within="#popup")
    assert "been erased." in browser.text


def left_in_files(engine: Engine, *words: str) -> list[str]:
    """Return the files, with the place, in which one of these words is found."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.exec_driver_sql("CHECKPOINT")
    finder = Finder(words)
    files, unseen = files_of(engine)
    assert files
    assert unseen == []
    return [f"{file.name} at {place}" for file in files for place, _ in finder.in_file(file)]
