"""What the few lines of script do: dialog, focus, ticks saved at once, back button."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Locator, Playwright, Route, expect
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.browser.conftest import KEEPS_PAGES, launch, maker_of_visits
from tests.browser.server import Server
from tests.browser.visitor import ERASE, Visitor
from tests.factories import Office, many_users
from webapp.models import Account, State


@pytest.fixture
def reviewing(visitor: Visitor) -> Visitor:
    """Sign Priya in and open the pop-up about her seven deleted users."""
    visitor.sign_in()
    visitor.search()
    visitor.open_popup("7 users")
    return visitor


def dialog(visitor: Visitor) -> Locator:
    return visitor.page.locator("dialog[open]")


def test_the_pop_up_opens_as_a_native_dialog_with_the_focus_on_its_heading(
    reviewing: Visitor,
) -> None:
    expect(dialog(reviewing)).to_be_visible()
    assert dialog(reviewing).evaluate("dialog => dialog.matches(':modal')")
    expect(reviewing.popup.get_by_role("heading")).to_be_focused()
    expect(reviewing.page.get_by_role("dialog", name="Erase 7 users?")).to_be_visible()


def test_paging_keeps_the_dialog_open(visitor: Visitor, session: Session, office: Office) -> None:
    many_users(session, office.london, 101)
    session.commit()
    visitor.sign_in()
    visitor.search("number")
    visitor.open_popup("101 users").get_by_role("link", name="Next page").click()
    expect(dialog(visitor).locator("#listed")).to_contain_text("Page 2 of 2")
    assert "/operations/" not in visitor.page.url
    expect(visitor.popup.get_by_role("button", name="Erase 101 users")).to_be_visible()


def test_cancel_closes_the_dialog_and_leaves_nothing_of_it(reviewing: Visitor) -> None:
    reviewing.popup.get_by_role("link", name="Cancel").click()
    expect_closed(reviewing)


def test_escape_closes_the_dialog_and_leaves_nothing_of_it(reviewing: Visitor) -> None:
    reviewing.page.keyboard.press("Escape")
    expect_closed(reviewing)


def expect_closed(visitor: Visitor) -> None:
    expect(dialog(visitor)).to_have_count(0)
    expect(visitor.erase_button).to_be_focused()
    expect(visitor.page.locator("dialog *")).to_have_count(1)
    expect(visitor.page.locator("dialog > #popup")).to_have_text("")
    visitor.open_popup("7 users")  # and it opens again
    expect(dialog(visitor)).to_be_visible()


def test_asked_again_in_the_moment_it_closes_the_pop_up_opens_again(reviewing: Visitor) -> None:
    """See that nothing is lost that is asked for while the dialog closes.

    The browser says a moment later that it has closed.
    """
    reviewing.page.evaluate(
        "['[data-close]', '#results .danger'].forEach(it => document.querySelector(it).click())"
    )
    expect(dialog(reviewing).get_by_role("heading", name="Erase 7 users?")).to_be_focused()


def test_a_refusal_is_shown_in_the_dialog_with_the_focus_in_it(
    visitor: Visitor, session: Session, office: Office
) -> None:
    visitor.sign_in()
    visitor.search("walsh")
    visitor.open_popup("1 user")
    session.execute(
        update(Account)
        .where(Account.id == office.deleted(office.dublin)[1].account_id)
        .values(state=State.ARCHIVED)
    )
    session.commit()
    visitor.confirm("1 user")
    expect(
        dialog(visitor).get_by_role("heading", name="User operation not performed")
    ).to_be_focused()


def test_done_moves_the_focus_to_the_sentence_that_says_so(reviewing: Visitor) -> None:
    reviewing.confirm("7 users")
    done = reviewing.page.locator("#done")
    expect(done).to_contain_text("7 users have been erased.")
    expect(done).to_be_focused()
    assert reviewing.page.url.split("?")[0].endswith(ERASE)


def test_boxes_unticked_in_a_hurry_are_all_kept(visitor: Visitor, office: Office) -> None:
    visitor.sign_in()
    visitor.search()
    visitor.page.route("**/ticks?*", slowly)
    kept = [person.display_name for person in office.deleted(office.london)[:3]]
    for name in kept:
        visitor.box(name).uncheck()
    listed = visitor.open_popup("4 users").locator("th .written").all_inner_texts()
    gone = office.deleted(office.london)[3:] + office.deleted(office.dublin)
    assert sorted(listed) == sorted(person.display_name for person in gone)


def slowly(route: Route) -> None:
    """Take time, as a network does: ticks are under way when the next thing happens."""
    time.sleep(0.3)
    route.continue_()


def test_the_number_ticked_is_said_as_the_boxes_change(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.search()
    expect(visitor.chosen).to_contain_text("All 7 ticked")
    visitor.box("Oisín Walsh").uncheck()
    expect(visitor.chosen).to_contain_text("6 of 7 ticked · 1 kept")
    visitor.box("Oisín Walsh").check()
    expect(visitor.chosen).to_contain_text("All 7 ticked")
    visitor.page.reload()
    expect(visitor.results.locator("tbody").get_by_role("checkbox", checked=True)).to_have_count(7)


@pytest.fixture(params=[True, False], ids=["javascript", "plain"])
def keeping(
    request: pytest.FixtureRequest, playwright: Playwright, server: Server, office: Office
) -> Iterator[Visitor]:
    """Make a visitor whose browser keeps whole pages for the back button, as people's do."""
    with launch(playwright, ignore_default_args=KEEPS_PAGES) as browser, ExitStack() as opened:
        yield maker_of_visits(opened, browser, server)(javascript=request.param)


def test_the_back_button_shows_nothing_of_the_erased(keeping: Visitor, office: Office) -> None:
    """Look for the pop-up, for the results it was opened from, and for earlier results."""
    erased = [
        person.user_name
        for domain in (office.london, office.dublin)
        for person in office.deleted(domain)
    ]
    keeping.sign_in()
    keeping.search()
    keeping.page.goto("/help")
    keeping.page.go_back(wait_until="commit")
    expect(keeping.results).to_contain_text(erased[0])  # kept until then
    keeping.page.go_forward(wait_until="commit")
    keeping.search()
    keeping.open_popup("7 users")
    keeping.confirm("7 users")
    expect(keeping.page.locator("#done")).to_be_visible()
    for _ in range(6):
        keeping.page.go_back(wait_until="commit")
        expect(keeping.page.locator("footer")).to_be_visible()
        assert [name for name in erased if name in keeping.page.content()] == []


def test_the_menu_follows_a_tick(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.search("kavya", "/users/")
    visitor.page.get_by_role("button", name="Create new selection").click()
    menu = visitor.page.get_by_role("region", name="Selection")
    expect(menu.get_by_role("link")).to_have_text("1 user selected")
    visitor.boxes.uncheck()
    expect(menu.get_by_role("link")).to_have_text("0 users selected")
    expect(menu.get_by_role("button", name="Archive")).to_have_count(0)
    expect(visitor.boxes).to_be_focused()
    visitor.boxes.check()
    menu.get_by_role("button", name="Archive").click()
    expect(visitor.heading("Archive 1 user?")).to_be_visible()
