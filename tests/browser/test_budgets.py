"""Hold what the results page weighs at 50 and at 200 rows.

`python -m tests.browser.test_budgets` also measures how fast it is on a slow machine.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from tests.browser.conftest import Visits, launch, maker_of_visits
from tests.browser.server import serving
from tests.browser.test_weight import KB, wire
from tests.browser.visitor import Visitor
from tests.databases import Sqlite
from tests.factories import Office, many_users, the_office
from webapp.models import State

# Bytes of the page alone by rows, headers included: 0.7 KB a row and some air.
WEIGHTS = {50: 50 * KB, 200: 170 * KB}
# What comes with it to an empty cache: style, htmx, the few lines of script, the icon.
FILES, FILES_WEIGHT = 5, 60 * KB
SLOW = 4  # times slower than this machine
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
UNTIL_CHANGED = """([press, watched]) => new Promise(resolve => {
  const start = performance.now()
  const end = () => resolve(performance.now() - start)
  const seen = () => requestAnimationFrame(() => setTimeout(end))
  new MutationObserver((_, observer) => { observer.disconnect(); seen() })
    .observe(document.querySelector(watched), {childList: true, subtree: true, attributes: true})
  document.querySelector(press).click()
})"""


@pytest.mark.parametrize("rows", WEIGHTS)
def test_the_results_page_keeps_to_its_budget(
    visitor: Visitor, visits: Visits, session: Session, office: Office, rows: int
) -> None:
    address = results(visitor, session, office, rows)
    with wire(visitor.page) as again:
        visitor.page.goto(address)
    assert len(again.received) == 1, again.received
    assert again.bytes < WEIGHTS[rows], again.received
    newcomer = visits()
    newcomer.page.context.add_cookies(visitor.page.context.cookies())  # type: ignore[arg-type]  # what one gives, the other takes
    with wire(newcomer.page) as first:
        newcomer.page.goto(address)
    assert len(first.received) <= 1 + FILES, first.received
    assert first.bytes < WEIGHTS[rows] + FILES_WEIGHT, first.received


def results(visitor: Visitor, session: Session, office: Office, rows: int) -> str:
    """Sign in and find 400 deleted users; return the address of a page of so many of them."""
    many_users(session, office.london, 400, State.DELETED)
    session.commit()
    visitor.sign_in()
    visitor.search()
    address = f"{visitor.page.url}?size={rows}"
    visitor.page.goto(address)
    expect(visitor.results.locator("tbody tr")).to_have_count(rows)
    return address


def measured(visitor: Visitor, address: str) -> dict[str, float]:
    """Measure first paint, and from a click to the paint of what it changes.

    Returns milliseconds, on a machine SLOW times slower.
    """
    page = visitor.page
    slowed = page.context.new_cdp_session(page)
    slowed.send("Emulation.setCPUThrottlingRate", {"rate": SLOW})
    page.goto(address)
    page.wait_for_load_state("networkidle")
    times = {"first contentful paint": page.evaluate(FIRST_PAINT)}
    times["tick"] = _until_changed(page, "#ticks [name=ticked]", "#ticks [role=status]")
    times["pop-up"] = _until_changed(page, "#ticks .danger", "#dialog")
    slowed.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    return times


def _until_changed(page: Page, press: str, watched: str) -> Any:
    page.wait_for_load_state("networkidle")
    return page.evaluate(UNTIL_CHANGED, [press, watched])


def main() -> None:
    """Print what `measured` finds: the median of five loads at each number of rows."""
    with ExitStack() as opened, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "server").mkdir()
        sqlite = Sqlite.in_folder(Path(folder))
        server = opened.enter_context(serving(sqlite, Path(folder) / "server"))
        browser = opened.enter_context(launch(opened.enter_context(sync_playwright())))
        for rows in WEIGHTS:
            with Session(
                create_engine(server.start_anew(sqlite.office)), expire_on_commit=False
            ) as session:
                office = the_office(session)
                visitor = maker_of_visits(opened, browser, server)()
                address = results(visitor, session, office, rows)
                with wire(visitor.page) as weighed:
                    visitor.page.goto(address)
                times = [measured(visitor, address) for _ in range(5)]
            medians = {
                name: f"{sorted(each[name] for each in times)[2]:.0f} ms" for name in times[0]
            }
            print(rows, "rows:", medians, f"{weighed.bytes / KB:.1f} KB")  # noqa: T201  # for whoever runs it


if __name__ == "__main__":
    main()
