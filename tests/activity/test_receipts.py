"""A receipt tells each reader of the domains that they may see, and of no other."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import PASSWORD, Office, a_user, give
from tests.journeys.browser import Browser
from webapp.models import Permission, Receipt


@pytest.fixture
def receipt(web: Client, session: Session, office: Office) -> str:
    """Let Priya erase four users of London and three of Dublin; return the receipt's address."""
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    browser.press("Erase 7 users", within="#popup")
    return f"/receipts/{session.scalars(select(Receipt.reference)).one()}"


def reader(web: Client, session: Session, office: Office, *names: str) -> Client:
    """Return a browser of somebody who reads the activity of these domains."""
    domains = {domain.name: domain for domain in (office.london, office.dublin, office.paris)}
    person = a_user(session, office.paris, "Rhea Reader", password=PASSWORD)
    for name in names:
        give(session, person, domains[name], Permission.ADMINISTRATOR_ACTIVITY)
    browser = Client(web.app, session)
    browser.sign_in("rhea.reader")
    return browser


def test_who_erased_reads_all_of_it(web: Client, receipt: str) -> None:
    page = web.get(receipt)
    assert "7 users were erased" in page
    assert "Records removed, by kind" in page
    assert {"Northwind London", "Northwind Dublin"} <= {row.text for row in page.html.select("th")}


def test_a_reader_of_one_domain_reads_of_that_one_only(
    web: Client, session: Session, office: Office, receipt: str
) -> None:
    page = reader(web, session, office, "Northwind London").get(receipt)
    assert "4 users were erased" in page
    for of_others in ("Dublin", "7 users", "Records removed", "domains that you may see"):
        assert of_others not in page.html.select_one("main").get_text(), of_others


def test_a_reader_of_both_domains_reads_all_of_it(
    web: Client, session: Session, office: Office, receipt: str
) -> None:
    both = reader(web, session, office, "Northwind London", "Northwind Dublin")
    assert "Records removed, by kind" in both.get(receipt)


def test_a_reader_of_neither_domain_reads_nothing(
    web: Client, session: Session, office: Office, receipt: str
) -> None:
    reader(web, session, office, "Northwind Paris").get(receipt, status=404)
