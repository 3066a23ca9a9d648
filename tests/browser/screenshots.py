"""`make screenshots`: draw every page and state of the tour, light, dark and on a phone.

They go to `.cache/screenshots`, which is not committed, as `012 erase.dark.png`.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from contextlib import ExitStack
from itertools import count
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from tests.browser.conftest import launch, maker_of_visits
from tests.browser.server import serving
from tests.browser.tour import an_awkward_world, tour
from tests.databases import Sqlite
from tests.factories import the_office
from webapp import create_app
from webapp.config import ROOT, Settings

FOLDER = ROOT / ".cache" / "screenshots"
WIDE, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=375, height=812)
RENDITIONS = {"light": WIDE, "dark": WIDE, "phone": PHONE}


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        (folder / "server").mkdir()
        sqlite = Sqlite.in_folder(folder)
        server = opened.enter_context(serving(sqlite, folder / "server"))
        browser = opened.enter_context(launch(opened.enter_context(sync_playwright())))
        engine = create_engine(server.start_anew(sqlite.office))
        session = opened.enter_context(Session(engine, expire_on_commit=False))
        world = an_awkward_world(session, the_office(session))
        app = create_app(Settings(instance_path=str(folder), secret_key="a key for " + "x" * 32))
        # The policy is switched off: drawing hides the caret with a style of its own.
        visitor = maker_of_visits(opened, browser, server)(bypass_csp=True)
        for number, name in zip(count(1), tour(visitor, session, world, app), strict=False):
            draw(visitor.page, f"{number:03} {re.sub('[^a-z0-9]+', ' ', name.casefold()).strip()}")
    print(f"{len(list(FOLDER.iterdir()))} pictures are in {FOLDER}.")  # noqa: T201  # for whoever runs it


def draw(page: Page, name: str) -> None:
    """Draw what the page shows before it is scrolled."""
    for rendition, size in RENDITIONS.items():
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="dark" if rendition == "dark" else "light")
        page.screenshot(path=FOLDER / f"{name}.{rendition}.png")
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")


if __name__ == "__main__":
    main()
