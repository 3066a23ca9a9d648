"""The main job with the keyboard alone: every stop can be seen, and Enter does what it says."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.browser.visitor import Visitor
from tests.factories import PASSWORD, Office
from webapp.models import Person

MOST_STOPS = 60
UNSEEN = """() => {
    const at = document.activeElement, box = at.getClientRects()[0], style = getComputedStyle(at);
    if (at === document.body) return null;
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const seen = box.width > 3 && box.height > 3 && top && (at.contains(top) || top.contains(at));
    const parts = at.type === "date"; // the browser marks the day, the month and the year in it
    const marked = parts || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
    const wrong = seen ? "not marked" : "out of sight";
    return seen && marked ? null : `${wrong}: ${at.outerHTML.slice(0, 150)}`;
}"""


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until `wanted` has the focus, which can be seen at every stop."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        assert page.evaluate(UNSEEN) is None
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {wanted}")


def press(page: Page, key: str, on: Locator) -> None:
    tab_to(page, on)
    page.keyboard.press(key)


def test_the_main_job_is_done_by_keyboard(
    visitor: Visitor, session: Session, office: Office
) -> None:
    page = visitor.page
    find_by_keyboard(visitor)
    tab_to(page, visitor.box("Oisín Walsh"))
    page.keyboard.press("Space")
    expect(visitor.chosen).to_contain_text("6 of 7 ticked")
    expect(visitor.box("Oisín Walsh")).to_be_focused()
    press(page, "Enter", visitor.erase_button)
    expect(visitor.popup.get_by_role("heading")).to_be_focused()
    press(page, "Enter", visitor.popup.get_by_role("link", name="Cancel"))
    expect(visitor.erase_button).to_be_focused()
    page.keyboard.press("Space")
    expect(visitor.popup.get_by_role("heading")).to_be_focused()
    confirm = visitor.popup.get_by_role("button", name="Erase 6 users")
    tab_to(page, confirm)
    expect(confirm).to_be_enabled()  # once it has been in sight for a moment
    page.keyboard.press("Enter")
    expect(page.locator("#done")).to_be_focused()
    press(page, "Enter", page.get_by_role("link", name="Read the receipt"))
    expect(page.locator("main")).to_contain_text("6 users were erased")
    deleted = [
        person.account_id
        for domain in (office.london, office.dublin)
        for person in office.deleted(domain)
    ]
    assert session.scalars(
        select(Person.display_name).where(Person.account_id.in_(deleted))
    ).all() == ["Oisín Walsh"]


def find_by_keyboard(visitor: Visitor) -> None:
    """Sign in, walk to *Erase deleted users*, search."""
    page = visitor.page
    page.goto("/sign-in")
    for label, text in (("User name", "priya.contact"), ("Password", PASSWORD)):
        tab_to(page, page.get_by_label(label))
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    expect(visitor.heading("Management Console")).to_be_visible()
    press(page, "Enter", page.get_by_label("Areas").get_by_role("link", name="User Management"))
    expect(page.locator("h1")).to_have_text("User Management")
    press(
        page,
        "Enter",
        page.get_by_role("complementary").get_by_role("link", name="Erase deleted users"),
    )
    expect(page.locator("h1")).to_have_text("Erase deleted users")
    tab_to(page, page.get_by_label("Keyword"))
    page.keyboard.type("example.org")
    page.keyboard.press("Enter")
    expect(visitor.heading("7 users found")).to_be_visible()


def test_the_dialog_keeps_the_focus_and_the_page_under_it_gets_none(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.search()
    visitor.open_popup("7 users")
    for key in ("Tab", "Shift+Tab"):
        for _ in range(8):
            visitor.page.keyboard.press(key)
            assert visitor.page.evaluate(
                "(at => at === document.body || !!at.closest('dialog'))(document.activeElement)"
            )


def test_enter_on_a_box_ticks_and_unticks_nobody(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.search()
    visitor.box("Oisín Walsh").uncheck()
    expect(visitor.chosen).to_contain_text("6 of 7 ticked")
    with visitor.page.expect_response(lambda response: response.request.method == "POST"):
        visitor.box("Hana 田中").press("Enter")
    visitor.page.wait_for_load_state("networkidle")
    expect(visitor.chosen).to_contain_text("6 of 7 ticked · 1 kept")
    expect(visitor.results.locator("tbody").get_by_role("checkbox", checked=True)).to_have_count(6)


def test_enter_on_a_box_of_the_current_selection_presses_no_verb(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.search("", "/users/")
    visitor.page.get_by_role("button", name="Create new selection").click()
    expect(
        visitor.page.get_by_role("region", name="Selection").get_by_role("button", name="Archive (")
    ).to_be_visible()
    with visitor.page.expect_response(lambda response: response.request.method == "POST") as answer:
        visitor.boxes.first.press("Enter")
    assert "/ticks" in answer.value.url
    visitor.page.wait_for_load_state("networkidle")
    expect(visitor.page.get_by_role("heading", level=1)).to_contain_text("users found")
