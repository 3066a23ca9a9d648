"""Which presses count: none that was meant for something else."""

from __future__ import annotations

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect
from sqlalchemy.orm import Session

from tests.browser.conftest import Visits
from tests.browser.visitor import RESTORE, Visitor
from tests.factories import Office, a_user, erased
from webapp.models import State

PHONE = {"width": 412, "height": 915, "touch": True}
SMALL_WINDOW = {"width": 480, "height": 800}
SCREENS = (PHONE, SMALL_WINDOW, {"width": 320}, {"width": 1280})


@pytest.fixture
def two(session: Session, office: Office) -> None:
    """Two deleted users for whom to search."""
    for name in ("Doubletap One", "Doubletap Two"):
        a_user(session, office.london, name, state=State.DELETED)
    session.commit()


def box_of(element: Locator) -> FloatRect:
    found = element.bounding_box()
    assert found
    return found


def middle(box: FloatRect) -> tuple[float, float]:
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def press_at(page: Page, place: tuple[float, float], *, touch: bool) -> None:
    (page.touchscreen.tap if touch else page.mouse.click)(*place)


def at_the_end_of_the_results(visitor: Visitor) -> FloatRect:
    """Search for the two and scroll to the end of the page; where *Erase* then is."""
    visitor.sign_in()
    visitor.search("doubletap")
    visitor.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    return box_of(visitor.erase_button)


@pytest.mark.parametrize("screen", [PHONE, SMALL_WINDOW], ids=["phone", "small window"])
def test_a_second_press_at_the_same_place_erases_nobody(
    visits: Visits, session: Session, two: None, screen: dict[str, int]
) -> None:
    visitor, touch = visits(**screen), bool(screen.get("touch"))
    place = middle(at_the_end_of_the_results(visitor))
    press_at(visitor.page, place, touch=touch)
    expect(visitor.popup.get_by_role("heading", name="Erase 2 users?")).to_be_visible()
    for _ in range(2):
        press_at(visitor.page, place, touch=touch)
    visitor.page.wait_for_load_state("networkidle")
    assert erased(session) == 0


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: f"{screen['width']} px")
def test_what_erases_is_not_where_the_button_was_that_led_to_it(
    visits: Visits, two: None, screen: dict[str, int], javascript: bool
) -> None:
    """Apart from left to right: how far the page is scrolled then does not matter."""
    visitor = visits(javascript=javascript, **screen)
    opener = at_the_end_of_the_results(visitor)
    performing = box_of(visitor.open_popup("2 users").locator("[data-performs] button"))
    assert performing["x"] >= opener["x"] + opener["width"]


def test_restoring_is_laid_out_alike(visits: Visits, two: None) -> None:
    visitor = visits(**PHONE)
    visitor.sign_in()
    visitor.search("doubletap", RESTORE)
    restore = visitor.results.get_by_role("button", name="Restore", exact=True)
    opener = box_of(restore)
    restore.click()
    performing = box_of(visitor.popup.locator("[data-performs] button"))
    assert performing["x"] >= opener["x"] + opener["width"]


def test_a_press_counts_once_the_pop_up_has_been_there_for_a_moment(
    visitor: Visitor, session: Session, two: None
) -> None:
    page = visitor.page
    visitor.sign_in()
    visitor.search("doubletap")
    page.clock.install()
    page.clock.pause_at(page.evaluate("Date.now() + 1000"))
    visitor.erase_button.click()
    expect(visitor.popup.get_by_role("heading", name="Erase 2 users?")).to_be_visible()
    page.clock.run_for(20)  # the next frame shows it
    button = visitor.popup.locator("[data-performs] button")
    expect(button).to_be_disabled()
    page.clock.run_for(400)
    press_at(page, middle(box_of(button)), touch=False)
    button.focus()
    page.keyboard.down("Enter")  # held until after it counts
    page.clock.run_for(400)
    expect(button).to_be_enabled()
    page.keyboard.down("Enter")  # as a key does that is held
    expect(visitor.heading("Erase 2 users?")).to_be_visible()
    page.keyboard.up("Enter")
    page.wait_for_load_state("networkidle")
    assert erased(session) == 0
    page.clock.run_for(10)
    press_at(page, middle(box_of(button)), touch=False)
    expect(page.locator("#done")).to_contain_text("2 users have been erased.")
