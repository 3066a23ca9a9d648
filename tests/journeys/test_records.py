"""What is left in activity, reports and billing before and after an erasure."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office, a_sign_in, a_user
from tests.journeys.browser import Browser
from webapp.events import Recorded, record
from webapp.models import BilledSpan, State

AT = datetime(2025, 6, 1, 12, 30, tzinfo=UTC)


def rows(page: Any) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in page.html.select("tbody tr")]


def csv_rows(web: Client, path: str) -> list[list[str]]:
    answer = web.get(path)
    assert answer.content_type == "text/csv"
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def erase_london(web: Client, office: Office) -> None:
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.tick("Northwind London", on=True)
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    browser.press("Erase 4 users", within="#popup")
    assert "4 users have been erased." in browser.text


@pytest.fixture
def happened(session: Session, office: Office) -> None:
    """Let Farah, who will be erased, delete someone, and Priya delete Farah, in June 2025."""
    farah, anna = office.deleted(office.london)[0], office.live(office.london)[0]
    record(
        session,
        Recorded.ARCHIVE,
        AT,
        actor_id=farah.account_id,
        subject_id=anna.account_id,
        domain_id=office.london.id,
    )
    record(
        session,
        Recorded.DELETE,
        AT.replace(day=2),
        actor_id=office.priya.account_id,
        subject_id=farah.account_id,
        domain_id=office.london.id,
    )
    record(
        session,
        Recorded.DELETE,
        AT.replace(day=3),
        actor_id=office.nadia.account_id,
        subject_id=None,
        domain_id=office.paris.id,
    )
    a_sign_in(session, farah, AT)
    a_sign_in(session, anna, AT)


def test_activity_names_people_until_they_are_erased(
    web: Client, office: Office, happened: None
) -> None:
    web.sign_in("rosa.admin")
    assert rows(web.get("/activity")) == [
        "3 Jun 2025, 12:30 Nadia Contact Deleted Northwind Paris",
        "2 Jun 2025, 12:30 Priya Contact Deleted Farah حداد Northwind London",
        "1 Jun 2025, 12:30 Farah حداد Archived Anna Archer Northwind London",
    ]
    erase_london(web, office)
    web.sign_in("rosa.admin")
    newest, *others = rows(web.get("/activity"))
    assert newest.endswith("Priya Contact Erased 4 erased users Northwind London")
    assert others[1:] == [
        "2 Jun 2025 Priya Contact Deleted Erased user Northwind London",
        "1 Jun 2025 Erased user Archived Anna Archer Northwind London",
    ]


def test_activity_is_filtered_by_date_verb_and_domain(
    web: Client, office: Office, happened: None
) -> None:
    web.sign_in("rosa.admin")
    assert len(rows(web.get("/activity?since=2025-06-02&until=02/06/2025"))) == 1
    assert len(rows(web.get("/activity?what=DELETE"))) == 2
    assert rows(web.get(f"/activity?domains={office.paris.id}")) == [
        "3 Jun 2025, 12:30 Nadia Contact Deleted Northwind Paris"
    ]
    wrong = web.get("/activity?since=2025-06-02&until=2025-06-01", status=422)
    assert "This date lies before the first one." in wrong
    assert wrong.html.select_one("#since")["value"] == "2025-06-02"


def test_activity_is_paged(web: Client, session: Session, office: Office) -> None:
    for _ in range(51):
        record(session, Recorded.ARCHIVE, AT, actor_id=None, domain_id=office.paris.id)
    web.sign_in("rosa.admin")
    first = web.get("/activity?what=ARCHIVE")
    assert len(rows(first)) == 50
    assert len(rows(first.click("Next"))) == 1


def test_reports_hold_no_erased_people(web: Client, office: Office, happened: None) -> None:
    web.sign_in("max.reader")
    assert any(row.startswith("Farah") for row in rows(web.get("/reports/users")))
    assert [row[1] for row in csv_rows(web, "/reports/sign-ins?csv=1&until=2025-12-31")[1:]] == [
        "Anna Archer",
        "Farah حداد",
    ]
    before = len(csv_rows(web, "/reports/users?csv=1"))
    erase_london(web, office)
    web.sign_in("max.reader")
    after = csv_rows(web, "/reports/users?csv=1")
    assert len(after) == before - 4
    assert not any("Farah" in cell for row in after for cell in row)
    assert [row[1] for row in csv_rows(web, "/reports/sign-ins?csv=1&until=2025-12-31")[1:]] == [
        "Anna Archer"
    ]
    left = Counter(row[4] for row in after if row[3] == "Northwind London")
    assert left == {State.LIVE: 5, State.ARCHIVED: 2}
    numbers = " ".join(str(left[state]) for state in State)
    assert f"Northwind London {numbers}" in rows(web.get("/reports/users"))
    assert not any(
        "Farah" in row
        for row in rows(web.get("/reports/users")) + rows(web.get("/reports/sign-ins"))
    )


def test_the_report_on_users_has_attributes_last_sign_in_and_filters(
    web: Client, office: Office, happened: None
) -> None:
    web.sign_in("max.reader")
    heading, *lines = csv_rows(web, f"/reports/users?csv=1&state=live&domains={office.london.id}")
    assert heading[-2:] == ["Last sign-in (UTC)", "Department"]
    anna = next(line for line in lines if line[0] == "Anna Archer")
    assert anna[1:] == [
        "anna.archer",
        "anna.archer@example.org",
        "Northwind London",
        "live",
        "2025-05-20 16:45",
        "2025-06-01 12:30",
        "Team of Anna Archer",
    ]
    assert {line[4] for line in lines} == {"live"}


def test_a_name_cannot_be_a_formula(web: Client, session: Session, office: Office) -> None:
    a_user(session, office.london, "=1+3", user_name="+formula")
    web.sign_in("max.reader")
    assert ["'=1+3", "'+formula"] in [row[:2] for row in csv_rows(web, "/reports/users?csv=1")]


def test_billing_is_the_same_before_and_after_an_erasure(web: Client, office: Office) -> None:
    web.sign_in("max.reader")
    before = rows(web.get("/billing?year=2025"))
    assert before[0] == "Northwind Dublin 9 9 9 9 9 4 4 4 4 4 4 4"
    erase_london(web, office)
    web.sign_in("max.reader")
    page = web.get("/billing?year=2025")
    assert rows(page) == before
    erased = [" ".join(row.get_text(" ").split()) for row in page.html.select("tfoot tr")][1]
    assert erased == "Of these erased since 4 4 4 4 4 0 0 0 0 0 0 0"
    behind = web.get(f"/billing/{office.london.id}/2025-05")
    assert (
        "11 accounts were live on at least one day of the month. 4 of them have been erased since."
        in behind
    )
    assert "and 4 erased users" in behind
    assert len(rows(behind)) == 11 - 4


def test_an_account_counts_once_a_month_however_often_it_was_live(
    web: Client, session: Session, office: Office
) -> None:
    person = a_user(
        session,
        office.paris,
        "Xavier Y",
        state=State.ARCHIVED,
        since=datetime(2025, 2, 3, tzinfo=UTC),
    )
    session.add(
        BilledSpan(
            account_id=person.account_id,
            domain_id=office.paris.id,
            first_month=AT.date().replace(month=10, day=1),
            last_month=None,
        )
    )
    web.sign_in("max.reader")
    paris = rows(web.get("/billing?year=2025"))[2]
    assert paris == "Northwind Paris 9 9 8 8 8 3 3 3 3 4 4 4"


def test_months_and_domains_out_of_sight_are_not_found(web: Client, office: Office) -> None:
    web.sign_in("max.reader")
    web.get("/billing/9999/2025-05", status=404)
    web.get(f"/billing/{office.london.id}/2025-13", status=404)
    web.get("/billing?year=1066", status=404)
    web.sign_in("priya.contact")
    for path in ("/billing", "/reports/users", "/reports/sign-ins", "/activity"):
        web.get(path, status=403)


def test_a_receipt_is_for_its_author_and_for_readers_of_activity(
    web: Client, office: Office
) -> None:
    erase_london(web, office)
    web.sign_in("rosa.admin")
    receipt = str(web.get("/activity?what=ERASE").html.select_one("tbody a")["href"])
    assert "4 users were erased" in web.get(receipt)
    web.sign_in("priya.contact")
    assert "Names, addresses and passwords" in web.get(receipt)
    for name in ("owen.contact", "nadia.contact", "max.reader"):
        web.sign_in(name)
        web.get(receipt, status=404)
