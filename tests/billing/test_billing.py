"""Billing: who reads what, the months of a life, the list behind a number, erasures."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office, a_user, an_erased_user, give, many_users
from tests.journeys.browser import Browser
from webapp.models import BilledSpan, Domain, ErasedSpan, Permission, Person, State
from webapp.times import month_of, now

YEARS = range(2024, now().year + 1)


@pytest.fixture
def reader(session: Session, office: Office) -> Person:
    """Let somebody read the billing of Paris only."""
    reader = a_user(session, office.paris, "Paula Reader")
    reader.password_hash = office.max.password_hash
    give(session, reader, office.paris, Permission.BILLING)
    return reader


def table(page: Any) -> dict[str, list[str]]:
    """Return the cells of each row by its heading."""
    return {
        row.th.get_text(strip=True): [cell.get_text(strip=True) for cell in row.select("td")]
        for row in page.html.select("tbody tr, tfoot tr")
    }


def numbers(web: Client) -> dict[int, dict[str, list[str]]]:
    """Return all that billing says, by year."""
    return {year: table(web.get(f"/billing?year={year}")) for year in YEARS}


def listed(page: Any) -> list[str]:
    """Return the rows of the table as they are read; in an address a line may end anywhere."""
    for address in page.html.select(".address"):
        address.string = address.get_text()
    return [" ".join(row.get_text(" ").split()) for row in page.html.select("tbody tr")]


def erase(web: Client, session: Session) -> None:
    browser = Browser(Client(web.app, session), htmx=False)
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    browser.press("Erase 7 users", within="#popup")
    assert "7 users have been erased." in browser.text


def test_totals_of_every_month_are_the_same_before_and_after_an_erasure(
    web: Client, session: Session, office: Office
) -> None:
    web.sign_in("max.reader")
    before = numbers(web)
    spans = spans_by_months(session)
    erase(web, session)
    after = numbers(web)
    for year in YEARS:
        erased_before, erased_after = (
            before[year].pop("Of these erased since"),
            after[year].pop("Of these erased since"),
        )
        assert after[year] == before[year]
        assert set(erased_before) == {"0"}
        assert len(erased_after) == len(erased_before)
    assert spans_by_months(session) == spans


def spans_by_months(session: Session) -> Counter[tuple[int, date, date | None]]:
    """Count the spans of everyone, erased or not, by domain, first and last month."""
    session.commit()
    spans = [
        (s.domain_id, s.first_month, s.last_month) for s in session.scalars(select(BilledSpan))
    ]
    erased = {
        (s.domain_id, s.first_month, s.last_month): s.number
        for s in session.scalars(select(ErasedSpan))
    }
    return Counter(spans) + Counter(erased)


def test_the_last_line_is_the_sum_of_the_lines_above(web: Client, office: Office) -> None:
    web.sign_in("max.reader")
    for year, rows in numbers(web).items():
        total, _ = rows.pop("All domains"), rows.pop("Of these erased since")
        assert [int(number) for number in total] == [
            sum(int(number) for number in column) for column in zip(*rows.values(), strict=True)
        ], year


def test_only_domains_of_the_reader_are_billed_and_summed(
    web: Client, office: Office, reader: Person
) -> None:
    web.sign_in("max.reader")
    of_paris = table(web.get("/billing?year=2025"))["Northwind Paris"]
    web.sign_in("paula.reader")
    page = web.get("/billing?year=2025")
    assert table(page) == {
        "Northwind Paris": of_paris,
        "All domains": of_paris,
        "Of these erased since": ["0"] * 12,
    }
    web.get(f"/billing/{office.paris.id}/2025-05", status=200)
    web.get(f"/billing/{office.london.id}/2025-05", status=404)
    assert "London" not in web.get(f"/billing/{office.london.id}/2025-05", status=404)


def test_every_number_leads_to_as_many_accounts(
    web: Client, session: Session, office: Office
) -> None:
    an_erased_user(session, office.paris)
    an_erased_user(session, office.paris)
    web.sign_in("max.reader")
    links = web.get("/billing?year=2025").html.select("tbody td a")
    assert len(links) == 36
    for link in links:
        page = web.get(str(link["href"]))
        told = re.search(r"and (\d+) erased user", page.text)
        erased = int(told[1]) if told else 0
        assert int(link.get_text()) == len(listed(page)) + erased


def test_the_list_behind_a_number_counts_the_erased_and_names_the_others(
    web: Client, session: Session, office: Office
) -> None:
    erase(web, session)
    web.sign_in("max.reader")
    page = web.get(f"/billing/{office.dublin.id}/2025-05")
    assert (
        "9 accounts were live on at least one day of the month. 3 of them have been erased since."
        in page
    )
    assert listed(page) == [
        "Jack Keane jack.keane jack.keane@example.org Live",
        "Kavya Iyer kavya.iyer kavya.iyer@example.org Live",
        "Liam O’Brien liam.o’brien liam.o’brien@example.org Archived",
        "Max Reader max.reader max.reader@example.org Live",
        "Mei 王 mei.王 mei.王@example.org Archived",
        "Rosa Admin rosa.admin rosa.admin@example.org Live",
    ]
    assert "and 3 erased users" in page
    assert not any(name in page for name in ("Niamh", "Oisín", "Pádraig"))


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "1 of them has been erased since."),
        (2, "2 of them have been erased since."),
        (0, "None of them has been"),
    ],
)
def test_one_erased_account_reads_right(
    web: Client, session: Session, office: Office, number: int, words: str
) -> None:
    for _ in range(number):
        an_erased_user(session, office.paris)
    web.sign_in("max.reader")
    page = web.get(f"/billing/{office.paris.id}/2025-05")
    assert words in page
    assert ("erased user" in page) is bool(number)


def test_a_long_list_is_paged_and_every_page_counts_the_erased(
    web: Client, session: Session, office: Office
) -> None:
    an_erased_user(session, office.paris)
    many_users(session, office.paris, 100, State.ARCHIVED)
    web.sign_in("max.reader")
    first = web.get(f"/billing/{office.paris.id}/2025-05")
    second = first.click("Next")
    assert (len(listed(first)), len(listed(second))) == (50, 50)
    assert all("and 1 erased user" in page for page in (first, second))
    assert not set(listed(first)) & set(listed(second))


def test_a_month_counts_from_its_first_to_its_last_live_day(
    web: Client, session: Session, office: Office
) -> None:
    empty = Domain(name="Northwind Oslo", name_key="northwind oslo")
    session.add(empty)
    session.flush()
    give(session, office.max, empty, Permission.BILLING)
    a_user(
        session,
        empty,
        "Zoë Quinn",
        state=State.ARCHIVED,
        since=datetime(2024, 5, 31, 23, 59, tzinfo=UTC),
    )
    web.sign_in("max.reader")
    year = web.get("/billing?year=2024")
    months = [cell.get_text(strip=True) for cell in year.html.select("thead th")][1:]
    assert dict(zip(months, table(year)["Northwind Oslo"], strict=True)) == {
        f"{date(2024, month, 1):%b}": "1" if month in (3, 4, 5) else "0" for month in range(3, 13)
    }


def test_archived_and_reactivated_in_the_same_month_is_billed_once(
    web: Client, session: Session, office: Office
) -> None:
    web.sign_in("max.reader")
    before = numbers(web)
    browser = Browser(Client(web.app, session), htmx=False)
    browser.sign_in("priya.contact")
    for verb in ("Archive", "Reactivate", "Archive"):
        browser.visit(f"/users/person/{office.live(office.london)[0].reference}")
        browser.press(verb, within="main")
        browser.press(f"{verb} 1 user", within="#popup")
        assert numbers(web) == before
    assert session.scalars(
        select(BilledSpan.last_month).where(
            BilledSpan.account_id == office.live(office.london)[0].account_id
        )
    ).all() == [month_of(now())]


def test_months_that_have_not_begun_are_billed_to_nobody(web: Client, office: Office) -> None:
    web.sign_in("max.reader")
    for month in (f"{now().year + 1}-01", "2999-12"):
        web.get(f"/billing/{office.london.id}/{month}", status=404)


def test_years_of_which_nothing_is_known_are_not_found(web: Client, office: Office) -> None:
    web.sign_in("max.reader")
    for year in (now().year + 1, 2023, -1, 10**12):
        assert "Nothing is known of this year." in web.get(f"/billing?year={year}", status=404)
