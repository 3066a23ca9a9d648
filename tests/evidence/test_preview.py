"""What the pop-up says will go is what the receipt says has gone."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office
from tests.house.test_erase_list import zoe
from tests.journeys.browser import Browser
from webapp.evidence.receipt import preview
from webapp.lifecycle.erase import ACCOUNTS, NAMES
from webapp.models import Operation, Outcome, Person, ReceiptLine, Selection

__all__ = ["zoe"]  # who has something in every table of personal data


def test_the_preview_counts_what_the_receipt_counts(
    web: Client, session: Session, office: Office, zoe: Person
) -> None:
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    everybody_searches_without_keeping_whom(session, office)
    end_a_list(session, zoe)
    browser.visit("/users/erase-deleted/")
    browser.fill(keyword="quinn")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    mine = Operation.account_id == office.priya.account_id
    before = preview(session, session.scalars(select(Operation).where(mine)).one())
    session.commit()
    shown = [item.text for item in browser.soup.select("#popup details li")]
    browser.press("Erase 1 user", within="#popup")
    lines = select(ReceiptLine.kind, ReceiptLine.number).order_by(ReceiptLine.id)
    removed = lines.where(ReceiptLine.number > 0, ReceiptLine.kind.not_in([ACCOUNTS, NAMES]))
    after = [(kind, number) for kind, number in session.execute(removed)]
    assert before.by_kind == after
    assert shown == [f"{kind}: {number:,}" for kind, number in before.by_kind]
    assert len(after) >= 12


def everybody_searches_without_keeping_whom(session: Session, office: Office) -> None:
    """Turn one search into one that found too many: it goes when its words are forgotten."""
    search = session.scalars(select(Selection).filter_by(id=office.owen.user_name)).one()
    search.found, search.words = None, {"keyword": "everyone"}
    session.commit()


def end_a_list(session: Session, zoe: Person) -> None:
    """End one of the lists she is on."""
    session.scalars(select(Operation).filter_by(id=zoe.user_name)).one().outcome = Outcome.PERFORMED
    session.commit()


def test_the_pop_up_says_how_many_months_of_billing_stay(web: Client, office: Office) -> None:
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    assert "Billing of 15 months stays as it is." in browser.soup.select_one("summary").text
