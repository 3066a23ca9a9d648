"""Answers that come late, in a hurry, or not at all; and refusals, where the reader is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import delete
from sqlalchemy.orm import Session

from tests.browser.conftest import Visits
from tests.browser.visitor import Visitor
from tests.factories import Office, erased, many_users
from webapp.models import SignInSession

OPERATION, TICKS = "**/operations/*", "**/ticks?*"
NOT_KNOWN = "No answer has come. It is not known whether they have been erased."
LATENCY = {"offline": False, "latency": 400, "downloadThroughput": -1, "uploadThroughput": -1}


@pytest.fixture
def found(visitor: Visitor) -> Visitor:
    """Priya, with her seven deleted users found."""
    visitor.sign_in()
    visitor.search()
    return visitor


@pytest.fixture
def unanswered(found: Visitor) -> Iterator[Visitor]:
    """The same, in a test where requests fail, of which the browser and htmx tell the console."""
    yield found
    assert found.trouble.found
    found.trouble.found.clear()


def said(visitor: Visitor) -> Locator:
    """What is said above the table."""
    return visitor.page.locator("#said")


def dialog(visitor: Visitor) -> Locator:
    return visitor.page.locator("dialog[open]")


def when_sent(page: Page, address: str, answer: Callable[[Route], object]) -> None:
    """Answer what is sent to this address like this, and leave alone what is read from it."""

    def handle(route: Route) -> None:
        if route.request.method == "POST":
            answer(route)
        else:
            route.continue_()

    page.route(address, handle)


def give_up(route: Route) -> None:
    route.abort()


def lose_the_answer(route: Route) -> None:
    """The server does it, and its answer gets lost."""
    route.fetch(max_redirects=0)
    route.abort()


def test_the_line_is_right_after_rows_unticked_faster_than_answers_come(found: Visitor) -> None:
    network = found.page.context.new_cdp_session(found.page)
    network.send("Network.emulateNetworkConditions", LATENCY)
    boxes = found.boxes
    for place in range(4):
        boxes.nth(place).click()
        found.page.wait_for_timeout(150)
    expect(found.chosen).to_contain_text("3 of 7 ticked · 4 kept")
    boxes.nth(0).click()
    boxes.nth(1).click()
    boxes.nth(1).click()
    found.page.wait_for_load_state("networkidle")
    expect(found.chosen).to_contain_text("4 of 7 ticked · 3 kept")
    found.page.reload()
    expect(found.results.locator("tbody").get_by_role("checkbox", checked=True)).to_have_count(4)


def test_from_the_press_to_the_answer_nothing_else_can_be_pressed(
    found: Visitor, session: Session
) -> None:
    held: list[Route] = []
    when_sent(found.page, OPERATION, held.append)
    cancel = found.open_popup("7 users").get_by_role("link", name="Cancel").bounding_box()
    assert cancel
    found.confirm("7 users")
    expect(found.popup.get_by_role("status")).to_have_text("Erasing 7 users…")
    found.page.mouse.click(cancel["x"] + 5, cancel["y"] + 5)
    for _ in range(3):
        found.page.keyboard.press("Escape")
    found.page.mouse.click(2, 2)  # the backdrop
    found.page.keyboard.press("Enter")
    expect(dialog(found).get_by_role("heading", name="Erase 7 users?")).to_be_visible()
    assert erased(session) == 0
    held.pop().continue_()
    expect(found.page.locator("#done")).to_contain_text("7 users have been erased.")
    assert held == []


@pytest.mark.parametrize(
    ("answer", "then"),
    [(give_up, "Erase 7 users?"), (lose_the_answer, "Erase deleted users")],
    ids=["not done", "done"],
)
def test_where_no_answer_comes_the_page_that_knows_is_a_press_away(
    unanswered: Visitor, answer: Callable[[Route], object], then: str
) -> None:
    when_sent(unanswered.page, OPERATION, answer)
    unanswered.open_popup("7 users")
    unanswered.confirm("7 users")
    expect(unanswered.popup.get_by_role("alert")).to_contain_text(NOT_KNOWN)
    expect(unanswered.popup.get_by_role("button")).to_have_count(0)
    expect(unanswered.popup.get_by_role("link", name="Cancel")).to_have_count(0)
    unanswered.page.keyboard.press("Escape")
    expect(said(unanswered)).to_contain_text(NOT_KNOWN)
    said(unanswered).get_by_role("link", name="See what has become of this list").click()
    expect(unanswered.heading(then)).to_be_visible()
    if then == "Erase deleted users":
        expect(unanswered.page.locator("#done")).to_contain_text("7 users have been erased.")


def hang(_route: Route) -> None:
    """Let the browser wait until it gives up."""


def bad_gateway(route: Route) -> None:
    route.fulfill(status=502, body="<html><body><h1>502 Bad Gateway</h1></body></html>")


@pytest.mark.parametrize("answer", [give_up, hang, bad_gateway])
def test_ticks_that_are_not_saved_are_marked_until_they_are(
    unanswered: Visitor, answer: Callable[[Route], object]
) -> None:
    page, unsaved = unanswered.page, unanswered.results.locator("tr.unsaved")
    page.evaluate("htmx.config.defaultTimeout = 500")
    when_sent(page, TICKS, answer)
    unanswered.box("Oisín Walsh").uncheck()
    expect(said(unanswered)).to_contain_text("No answer has come. No user has been changed.")
    expect(unsaved).to_have_count(1)
    expect(unsaved).to_contain_text("Oisín Walsh")
    page.unroute(TICKS)
    unanswered.box("Hana 田中").uncheck()
    expect(unanswered.chosen).to_contain_text("5 of 7 ticked · 2 kept")
    expect(unsaved).to_have_count(0)
    expect(said(unanswered)).to_be_empty()


def test_a_list_that_does_not_come_is_said_above_the_table(unanswered: Visitor) -> None:
    unanswered.page.route("**/freeze/*", give_up)
    unanswered.erase_button.click()
    expect(said(unanswered)).to_contain_text("No answer has come. No user has been changed.")
    unanswered.page.unroute("**/freeze/*")
    unanswered.open_popup("7 users")
    expect(said(unanswered)).to_be_empty()


def test_a_refused_confirmation_is_in_sight_on_a_phone(
    visits: Visits, session: Session, office: Office
) -> None:
    many_users(session, office.london, 101)
    session.commit()
    visitor = visits(width=412, height=915, touch=True)
    visitor.sign_in()
    visitor.search("number")
    popup = visitor.open_popup("101 users")
    popup.get_by_role("link", name="Next page").click()
    expect(popup.get_by_text("Page 2 of 2")).to_be_focused()
    visitor.confirm("101 users")
    number = visitor.page.locator("#number")
    expect(number).to_be_focused()
    expect(number).to_be_in_viewport()
    expect(popup.locator(".problem")).to_be_in_viewport()
    expect(number).to_have_accessible_description(
        "The list is longer than one page. Type 101 to confirm that you mean all of them. "
        "Error: Type 101 to confirm that you mean all of them."
    )
    visitor.confirm("101 users")
    expect(number).to_be_focused()


def test_refusals_answer_where_the_reader_is(found: Visitor, session: Session) -> None:
    found.results.get_by_role("button", name="Untick all").click()
    expect(found.chosen).to_contain_text("None of")
    found.erase_button.click()
    expect(dialog(found).get_by_role("heading", name="This cannot be done")).to_be_focused()
    dialog(found).get_by_role("link", name="Go back").click()
    expect(dialog(found)).to_have_count(0)
    session.execute(delete(SignInSession))
    session.commit()
    found.box("Oisín Walsh").check()
    expect(said(found)).to_contain_text("what you ticked or unticked last was not saved")
    expect(found.results.locator("tr.unsaved")).to_have_count(1)
    expect(said(found).get_by_role("link", name="Sign in")).to_be_visible()
