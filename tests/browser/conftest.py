"""Give tests in the browser a server, and visitors to it.

A visit fails at its end where something went wrong that nobody looked at.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from tests.browser.server import Server, serving
from tests.browser.visitor import Trouble, Visitor
from tests.databases import Sqlite
from tests.factories import Office

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
# Playwright's argument; left out, the back button shows what people see.
KEEPS_PAGES = ["--disable-back-forward-cache"]

PATIENCE = 30_000  # milliseconds, for which only a failing test waits

Visits = Callable[..., Visitor]


@pytest.fixture(scope="session")
def server(sqlite: Sqlite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(sqlite, tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def database_url(server: Server, sqlite: Sqlite) -> str:
    """Set the server's database back. The other databases are no matter for a browser."""
    return server.start_anew(sqlite.office)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """Open a session on the server's database, without an application.

    Flask's does not run beside Playwright in one thread.
    """
    engine = create_engine(database_url)
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Run Playwright for this folder only: no application can be asked in its thread meanwhile."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as running:
        yield running


def launch(playwright: Playwright, **options: Any) -> Browser:
    if not CHROMIUM.exists():
        pytest.fail(
            f"Chromium is missing: there is no {CHROMIUM}. "
            "`make test` installs it; CHROMIUM=… names another one.",
            pytrace=False,
        )
    return playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, **options)


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    with launch(playwright) as browser:
        yield browser


@pytest.fixture
def visits(chromium: Browser, server: Server, office: Office) -> Iterator[Visits]:
    """Make visitors of the small office, each in a fresh window: `visits(width=320)`.

    Nothing may have gone wrong unseen at the end.
    """
    with ExitStack() as opened:
        yield maker_of_visits(opened, chromium, server)


def maker_of_visits(opened: ExitStack, browser: Browser, server: Server) -> Visits:
    def visit(
        *,
        javascript: bool = True,
        width: int = 1280,
        height: int = 800,
        scale: int = 1,
        touch: bool = False,
        bypass_csp: bool = False,
    ) -> Visitor:
        context = browser.new_context(
            base_url=server.url,
            viewport={"width": width, "height": height},
            device_scale_factor=scale,
            java_script_enabled=javascript,
            has_touch=touch,
            bypass_csp=bypass_csp,
            locale="en-GB",
        )
        trouble = Trouble(server.url)
        trouble.watch(context)
        opened.callback(nothing_wrong, trouble)
        opened.callback(context.close)
        context.set_default_timeout(PATIENCE)
        return Visitor(context.new_page(), trouble, javascript=javascript)

    return visit


def nothing_wrong(trouble: Trouble) -> None:
    assert trouble.found == []


@pytest.fixture(params=[True, False], ids=["javascript", "plain"])
def anyone(request: pytest.FixtureRequest, visits: Visits) -> Visitor:
    """Make a visitor with JavaScript, and one without."""
    return visits(javascript=request.param)


@pytest.fixture
def visitor(visits: Visits) -> Visitor:
    """Make a visitor with JavaScript."""
    return visits()
