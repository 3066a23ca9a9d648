"""A receipt tells each reader of the domains that they may see, and of no other."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import PASSWORD, Office, a_user, give
from tests.journeys.browser import Browser
from webapp.evidence.receipt import KEPT, NOT_CHECKED
from webapp.models import Drill, Permission, Person, Receipt


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


def test_a_receipt_says_what_was_kept_checked_and_not_checked(
    web: Client, session: Session, receipt: str
) -> None:
    page = web.get(receipt)
    for sentence in (*KEPT, *NOT_CHECKED):
        assert sentence in page.html.get_text()
    assert "have not been rewritten yet" in page
    assert "No drill with made-up people has shown yet" in page
    session.scalars(select(Receipt)).one().scrubbed_on = date(2026, 11, 25)
    session.add(Drill(at=datetime(2026, 11, 25, 9, 30, tzinfo=UTC), looked_at=90, remains=0))
    session.add(Drill(at=datetime(2026, 11, 26, 9, 30, tzinfo=UTC), looked_at=90, remains=2))
    page = web.get(receipt)
    assert "files were rewritten on 25 Nov 2026" in page
    assert "last found nothing left of them on 25 Nov 2026, 09:30." in page


def test_a_receipt_as_json_holds_no_name_of_anybody(
    web: Client, session: Session, office: Office, receipt: str
) -> None:
    file = web.get(f"{receipt}?json=1")
    assert file.content_type == "application/json"
    assert file.json["accounts"] == 7
    assert file.json["accounts_by_domain"] == {"Northwind London": 4, "Northwind Dublin": 3}
    assert file.json["records_removed_by_kind"]["Attribute values"] == 7
    assert file.json["not_checked"] == list(NOT_CHECKED)
    people = session.scalars(select(Person.display_name))
    assert [name for name in people if name in file.text] == []
    of_one = reader(web, session, office, "Northwind London").get(f"{receipt}?json=1").json
    assert of_one["accounts_by_domain"] == {"Northwind London": 4}
    assert of_one["records_removed_by_kind"] == {}


def test_the_list_can_be_downloaded_until_it_is_confirmed(
    web: Client, session: Session, office: Office
) -> None:
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    address = f"{browser.url}?csv=1"
    rows = web.get(address).text.splitlines()
    assert len(rows) == 1 + 7
    assert "farah.حداد" in rows[1]
    assert browser.soup.select_one(f"#popup a[href='{address}']")
    browser.press("Erase 7 users", within="#popup")
    web.get(address, status=303)
