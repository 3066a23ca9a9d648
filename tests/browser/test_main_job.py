"""The main job in the browser, with JavaScript and without: done, cancelled and refused."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.browser.visitor import ERASE, Visitor
from tests.factories import Office, many_users
from webapp.models import Account, Person, Receipt, State


@pytest.fixture
def numbered(session: Session, office: Office) -> list[int]:
    """Make 120 deleted users of London, three pages of results; return their accounts.

    The first is `User Number 000028`.
    """
    ids = many_users(session, office.london, 120)
    session.commit()
    return ids


def states(session: Session, ids: list[int]) -> dict[State, int]:
    """Count these accounts by state, as the server has left them."""
    with Session(session.get_bind()) as fresh:
        return dict(
            fresh.execute(
                select(Account.state, func.count())
                .where(Account.id.in_(ids))
                .group_by(Account.state)
            ).all()
        )


def names(session: Session, ids: list[int]) -> list[str]:
    return list(
        session.scalars(
            select(Person.display_name)
            .where(Person.account_id.in_(ids))
            .order_by(Person.account_id)
        )
    )


def test_the_main_job_is_done(anyone: Visitor, session: Session, numbered: list[int]) -> None:
    page = anyone.page
    anyone.sign_in()
    page.get_by_label("Areas").get_by_role("link", name="User Management").click()
    page.get_by_label("User Management", exact=True).get_by_role(
        "link", name="Erase deleted users"
    ).click()
    page.get_by_label("Keyword").fill("number")
    page.get_by_role("button", name="Search for deleted users").click()
    expect(anyone.heading("120 users found")).to_be_visible()
    kept = [untick_first_of_page(anyone, 1), untick_first_of_page(anyone, 2)]
    review(anyone, kept)
    page.locator("#number").fill("118")
    anyone.confirm("118 users")
    expect(anyone.heading("Erase deleted users")).to_be_visible()
    expect(page.locator("#done")).to_contain_text("118 users have been erased.")
    assert page.url.split("?")[0].endswith(ERASE)
    assert states(session, numbered) == {State.DELETED: 2}
    assert sorted(names(session, numbered)) == sorted(kept)
    page.get_by_role("link", name="Read the receipt").click()
    expect(page.locator("main")).to_contain_text("118 users were erased")


def untick_first_of_page(visitor: Visitor, number: int) -> str:
    """Untick the first user of this page and go to the next; return the user's name."""
    expect(visitor.results).to_contain_text(f"Page {number} of 3")
    box = visitor.results.get_by_role("checkbox").first
    name = str(box.get_attribute("aria-label"))
    box.uncheck()
    visitor.results.get_by_role("button", name="Next page").click()
    expect(visitor.results).to_contain_text(f"Page {number + 1} of 3")
    expect(visitor.chosen).to_contain_text(f"{number} of 120 users will be kept")
    return name


def review(visitor: Visitor, kept: list[str]) -> None:
    """Open the pop-up and read both of its pages: all of those left ticked, and nobody else."""
    popup = visitor.open_popup("118 users")
    expect(popup).to_contain_text("cannot be undone")
    listed = popup.get_by_role("rowheader")
    expect(listed).to_have_count(100)
    first = listed.all_inner_texts()
    popup.get_by_role("link", name="Next page").click()
    expect(listed).to_have_count(18)
    seen = set(first + listed.all_inner_texts())
    assert len(seen) == 118
    assert seen.isdisjoint(kept)


def test_a_wrong_number_is_refused_in_the_pop_up(
    anyone: Visitor, session: Session, numbered: list[int]
) -> None:
    anyone.sign_in()
    anyone.search("number")
    anyone.open_popup("120 users")
    anyone.page.locator("#number").fill("119")
    anyone.confirm("120 users")
    expect(anyone.popup).to_contain_text("Type 120 to confirm")
    expect(anyone.page.locator("#number")).to_have_value("119")
    assert states(session, numbered) == {State.DELETED: 120}


def test_cancel_leads_back_to_the_results(
    anyone: Visitor, session: Session, office: Office
) -> None:
    anyone.sign_in()
    anyone.search("walsh")
    anyone.open_popup("1 user").get_by_role("link", name="Cancel").click()
    expect(anyone.heading("1 user found")).to_be_visible()
    expect(anyone.page.get_by_role("heading", name="Erase 1 user?")).to_have_count(0)
    assert states(session, [person.account_id for person in office.deleted(office.dublin)]) == {
        State.DELETED: 3
    }


def test_a_user_restored_by_someone_else_refuses_the_whole_list(
    anyone: Visitor, session: Session, office: Office
) -> None:
    ids = [person.account_id for person in office.deleted(office.london)]
    anyone.sign_in()
    anyone.search()
    anyone.open_popup("7 users")
    session.execute(update(Account).where(Account.id == ids[0]).values(state=State.ARCHIVED))
    session.commit()
    anyone.confirm("7 users")
    expect(anyone.popup.get_by_role("heading", name="User operation not performed")).to_be_visible()
    expect(anyone.popup).to_contain_text("1 of 7 users changed since you reviewed them.")
    expect(anyone.popup).to_contain_text("Farah حداد, now archived in Northwind London")
    assert states(session, ids) == {State.ARCHIVED: 1, State.DELETED: 3}
    anyone.popup.get_by_role("link", name="Review the list again").click()
    expect(anyone.heading("6 users found")).to_be_visible()


def test_a_double_click_on_the_last_button_erases_once_and_shows_the_result(
    anyone: Visitor, session: Session, office: Office
) -> None:
    deleted = [person.account_id for person in office.deleted(office.london)]
    anyone.sign_in()
    anyone.search()
    anyone.open_popup("7 users").get_by_role("button", name="Erase 7 users").dblclick()
    expect(anyone.page.locator("#done")).to_contain_text("7 users have been erased.")
    assert session.scalars(select(Receipt.number)).all() == [7]
    assert states(session, deleted) == {}
