"""Every page: quiet, within a narrow window, without barriers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy.orm import Session

from tests.browser.conftest import Visits
from tests.browser.tour import World, an_awkward_world, tour
from tests.factories import Office
from webapp import create_app
from webapp.config import Settings

TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll("dialog[open]")]
    .map(e => [e.localName, e.scrollWidth - (e.localName === "html" ? innerWidth : e.clientWidth)])
    .filter(([name, excess]) => excess > 0)
    .map(([name, excess]) => `${name} is ${excess} px too wide`)"""
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ENOUGH_ROWS = "{exclude: [['tbody tr:nth-child(n + 12)']]}"  # of a table: the others are the same
ASKED = "{runOnly: standards, resultTypes: ['violations'], preload: false}"
RUN_AXE = f"standards => axe.run({ENOUGH_ROWS}, {ASKED}).then(found => found.violations)"
CONTRAST = ["color-contrast"]  # all that is different in the dark


@pytest.fixture
def world(session: Session, office: Office) -> World:
    return an_awkward_world(session, office)


def test_every_page_is_shown_says_nothing_to_the_console_and_never_scrolls_sideways(
    visits: Visits, session: Session, world: World, app: Flask
) -> None:
    """Look at 320 px and, enlarged to 200 %, at 640 px.

    What is said to the console and asked of strangers is collected by the visit itself.
    """
    visitor = visits(width=320, scale=2)

    def look() -> list[str]:
        return [
            f"{problem} at {width} px"
            for width in (640, 320)
            for problem in at(visitor.page, width).evaluate(TOO_WIDE)
        ]

    assert problems(tour(visitor, session, world, app), look) == []


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """Make an application that is asked for nothing but its addresses."""
    return create_app(
        Settings(instance_path=str(tmp_path), secret_key="a key for tests that is long enough")
    )


def at(page: Page, width: int) -> Page:
    page.set_viewport_size({"width": width, "height": 800})
    return page


def test_no_page_has_barriers(visits: Visits, session: Session, world: World, app: Flask) -> None:
    """Let axe look for barriers against WCAG 2.2 AA.

    The policy, which forbids tools as it forbids strangers, is switched off for it.
    """
    visitor = visits(bypass_csp=True)
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
    visitor.page.add_init_script(axe)

    def look() -> list[str]:
        found = visitor.page.evaluate(RUN_AXE, STANDARDS)
        visitor.page.emulate_media(color_scheme="dark")
        found += visitor.page.evaluate(RUN_AXE, CONTRAST)
        visitor.page.emulate_media(color_scheme="light")
        return [f"{each['id']}: {node['html'][:120]}" for each in found for node in each["nodes"]]

    assert problems(tour(visitor, session, world, app), look) == []


def problems(pages: Iterator[str], look: Callable[[], list[str]]) -> list[str]:
    """Return what is found on each of the pages."""
    return [f"{name}: {problem}" for name in pages for problem in look()]
