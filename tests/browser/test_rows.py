"""The table of results: what is in sight, ticking by row and by page, and the way to *Erase*."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy.orm import Session

from tests.browser.conftest import Visits
from tests.browser.test_keyboard import UNSEEN
from tests.browser.visitor import Visitor
from tests.factories import Office, many_users

SCREENS = [{"width": 1280, "height": 800}, {"width": 375, "height": 812, "touch": True}]
COVERED = """() => {
    const at = document.activeElement.getBoundingClientRect();
    const bar = document.querySelector("#bar").getBoundingClientRect();
    return document.activeElement.closest("#bar") === null && at.bottom > bar.top;
}"""


@pytest.fixture
def found(visitor: Visitor, session: Session, office: Office) -> Visitor:
    """Priya, with 60 deleted users found."""
    many_users(session, office.london, 60)
    session.commit()
    visitor.sign_in()
    visitor.search("number")
    return visitor


def test_the_first_row_and_the_bar_are_in_sight_at_once(
    visits: Visits, session: Session, office: Office
) -> None:
    many_users(session, office.london, 60)
    session.commit()
    for screen in SCREENS:
        visitor = visits(**screen)
        visitor.sign_in()
        visitor.search("number")
        for shown in (visitor.results.locator("tbody tr").first, visitor.erase_button):
            expect(shown).to_be_in_viewport(ratio=1)
        expect(visitor.page).to_have_title(
            "60 users found – Erase deleted users – Management Console"
        )


def row(visitor: Visitor, number: int) -> Locator:
    return visitor.results.locator("tbody tr").nth(number)


def test_a_click_anywhere_in_a_row_ticks_it(found: Visitor) -> None:
    row(found, 2).get_by_text("Northwind London").click()
    expect(found.chosen).to_contain_text("59 of 60 ticked · 1 kept")
    expect(found.boxes.nth(2)).not_to_be_checked()
    row(found, 2).locator(".day").click()
    expect(found.chosen).to_contain_text("All 60 ticked")
    found.page.reload()
    expect(found.results.locator("tbody").get_by_role("checkbox", checked=True)).to_have_count(50)


def test_a_click_on_a_name_opens_the_user_and_ticks_nobody(found: Visitor) -> None:
    results, name = found.page.url, row(found, 2).get_by_role("button")
    name.click()
    expect(found.results).to_have_count(0)
    found.page.goto(results)
    expect(found.chosen).to_contain_text("All 60 ticked")


def test_a_click_with_shift_ticks_all_rows_up_to_the_last_one(found: Visitor) -> None:
    found.boxes.nth(1).click()
    found.boxes.nth(4).click(modifiers=["Shift"])
    expect(found.chosen).to_contain_text("56 of 60 ticked · 4 kept")
    found.boxes.nth(2).click(modifiers=["Shift"])
    expect(found.chosen).to_contain_text("59 of 60 ticked · 1 kept")
    found.page.reload()
    expect(found.boxes.nth(1)).not_to_be_checked()


def test_the_box_in_the_heading_ticks_the_page(found: Visitor) -> None:
    every = found.results.get_by_label("Every user on this page")
    expect(every).to_be_checked()
    every.click()
    expect(found.chosen).to_contain_text("10 of 60 ticked · 50 kept")
    found.boxes.nth(3).click()
    expect(found.chosen).to_contain_text("11 of 60 ticked · 49 kept")
    assert every.evaluate("box => box.indeterminate")
    every.click()
    expect(found.chosen).to_contain_text("All 60 ticked")
    found.results.get_by_role("button", name="Next page").click()
    expect(found.results).to_contain_text("Page 2 of 2")
    expect(every).to_be_checked()


def test_erase_is_few_stops_away_and_no_stop_is_covered(found: Visitor) -> None:
    page = found.page
    found.results.get_by_role("heading").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip the list")).to_be_focused()
    assert page.evaluate(UNSEEN) is None
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(found.erase_button).to_be_focused()
    found.results.get_by_role("heading").focus()
    for _ in range(40):  # the whole page of rows, none of them under the bar or the heading
        page.keyboard.press("Tab")
        assert page.evaluate(UNSEEN) is None
        assert not page.evaluate(COVERED)


def test_who_takes_the_browser_s_time_zone_reads_times_in_it(visitor: Visitor) -> None:
    page = visitor.page
    visitor.sign_in()
    page.goto("/you")
    page.get_by_label("Time zone").select_option("Asia/Tokyo")
    page.get_by_role("button", name="Keep").click()
    expect(page.locator("footer")).to_contain_text("Times are in Asia/Tokyo")
    here = page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    page.get_by_role("button", name=f"Take this browser’s: {here}").click()
    expect(page.get_by_label("Time zone")).to_have_value(here)
