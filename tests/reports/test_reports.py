"""Management Information: who reads whom, what filters keep, page and CSV, nobody erased."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office, a_sign_in, a_user, erased, give, give_attribute, many_users
from tests.journeys.browser import Browser
from webapp.models import Permission, Person, State

AT = datetime(2025, 6, 1, 12, 30, tzinfo=UTC)
REPORTS = ("/reports/users", "/reports/sign-ins")


@pytest.fixture
def reader(session: Session, office: Office) -> Person:
    """Let somebody read the reports on Paris only."""
    reader = a_user(session, office.paris, "Paula Reader")
    reader.password_hash = office.max.password_hash
    give(session, reader, office.paris, Permission.MANAGEMENT_INFORMATION)
    return reader


@pytest.fixture
def signed_in(session: Session, office: Office) -> None:
    """Sign everyone in London and Paris in once, in the order of their names.

    The first of them in June 2025, one more each day.
    """
    states = (State.LIVE, State.ARCHIVED, State.DELETED)
    everyone = [
        person
        for domain in (office.london, office.paris)
        for state in states
        for person in office.users[domain.name, state]
    ]
    for day, person in enumerate(everyone):
        a_sign_in(session, person, AT + timedelta(days=day))


def csv_rows(web: Client, path: str) -> list[list[str]]:
    answer = web.get(path)
    assert answer.content_type == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"), newline="")))


def lines(page: Any) -> list[list[str]]:
    """Return the rows of the last table of a page, cell by cell."""
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")]
        for row in page.html.select("table")[-1].select("tbody tr")
    ]


def test_only_people_of_the_reader_s_domains_are_reported(
    web: Client, office: Office, reader: Person, signed_in: None
) -> None:
    web.sign_in("paula.reader")
    for path in (*REPORTS, *(f"{path}?csv=1" for path in REPORTS)):
        text = web.get(path).text
        assert "Quentin Roux" in text
        for person in (*office.live(office.london), *office.deleted(office.dublin)):
            assert person.display_name not in text
        assert "Northwind London" not in text


def test_a_domain_out_of_sight_is_refused_as_a_filter(
    web: Client, office: Office, reader: Person, signed_in: None
) -> None:
    web.sign_in("paula.reader")
    for path in (*(f"{path}?" for path in REPORTS), *(f"{path}?csv=1&" for path in REPORTS)):
        answer = web.get(f"{path}domains={office.london.id}", status=422)
        assert "Choose from the domains shown." in answer
        assert "Anna Archer" not in answer


@pytest.mark.parametrize("state", [State.LIVE, State.ARCHIVED, State.DELETED])
def test_the_report_on_users_is_filtered_by_state_and_domain_alike_on_page_and_in_csv(
    web: Client, office: Office, state: State
) -> None:
    web.sign_in("max.reader")
    query = f"state={state}&domains={office.paris.id}&domains={office.dublin.id}"
    page, (_, *rows) = (
        web.get(f"/reports/users?{query}"),
        csv_rows(web, f"/reports/users?{query}&csv=1"),
    )
    expected = {
        person.user_name
        for domain in (office.paris, office.dublin)
        for person in office.users[domain.name, state]
    }
    expected |= {"nadia.contact", "rosa.admin", "max.reader"} if state is State.LIVE else set()
    assert {row[1] for row in rows} == expected
    assert {row[4] for row in rows} == {state.value}
    shown = page.html.select("table")[-1].select("tbody tr")
    assert [
        [row.select_one(".address").get_text(), row.select_one("td").get_text()] for row in shown
    ] == [[row[1], row[3]] for row in rows]


def test_the_numbers_above_are_the_numbers_of_the_rows_below(web: Client, office: Office) -> None:
    web.sign_in("max.reader")
    page, rows = web.get("/reports/users"), csv_rows(web, "/reports/users?csv=1")[1:]
    summary = [
        [cell.get_text(strip=True) for cell in row.select("th, td")]
        for row in page.html.select("table")[0].select("tbody tr")
    ]
    for domain, *numbers in summary:
        assert [int(number) for number in numbers] == [
            sum(row[3] == domain and row[4] == state for row in rows) for state in State
        ]
    assert [line[0] for line in summary] == [
        "Northwind Dublin",
        "Northwind London",
        "Northwind Paris",
    ]


def test_erased_users_cannot_even_be_asked_for(web: Client, office: Office) -> None:
    web.sign_in("max.reader")
    assert "Not a valid choice" in web.get("/reports/users?state=erased", status=422)


def test_an_attribute_that_was_added_later_is_a_new_column(
    web: Client, session: Session, office: Office
) -> None:
    give_attribute(session, office.live(office.london)[0], "Building", "Floor 3, “The Attic”")
    web.sign_in("max.reader")
    heading, *rows = csv_rows(web, "/reports/users?csv=1")
    assert heading[-2:] == ["Building", "Department"]
    assert [row[-2] for row in rows if row[1] == "anna.archer"] == ["Floor 3, “The Attic”"]
    assert {row[-2] for row in rows if row[1] != "anna.archer"} == {""}
    assert "Floor 3, “The Attic”" in web.get("/reports/users")


def test_the_last_sign_in_is_the_last_one(web: Client, session: Session, office: Office) -> None:
    for day in (3, 9, 5):
        a_sign_in(session, office.live(office.london)[0], AT.replace(day=day))
    web.sign_in("max.reader")
    rows = {row[1]: row for row in csv_rows(web, "/reports/users?csv=1")}
    assert rows["anna.archer"][6] == "2025-06-09 12:30"
    assert rows["jack.keane"][6] == ""
    assert "Never" in {row[4] for row in lines(web.get("/reports/users"))}


def test_sign_ins_are_newest_first_and_filtered_by_both_days(
    web: Client, office: Office, signed_in: None
) -> None:
    web.sign_in("max.reader")
    rows = csv_rows(
        web, f"/reports/sign-ins?csv=1&since=2025-06-02&until=03/06/2025&domains={office.london.id}"
    )
    assert rows[0] == ["When (UTC)", "Name", "User name", "Domain"]
    assert [row[0] for row in rows[1:]] == ["2025-06-03 12:30", "2025-06-02 12:30"]
    page = web.get("/reports/sign-ins?until=2025-12-31")
    moments = [
        datetime.strptime(line[0], "%d %b %Y, %H:%M").replace(tzinfo=UTC) for line in lines(page)
    ]
    assert moments == sorted(moments, reverse=True)
    assert len(moments) == 16


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("since=2025-02-30", "Enter a date that exists"),
        ("since=2025-06-02&until=2025-06-01", "This date lies before the first one."),
    ],
)
def test_a_bad_date_is_named_kept_as_typed_and_no_csv_is_sent(
    web: Client, office: Office, query: str, sentence: str
) -> None:
    web.sign_in("max.reader")
    for csv_or_page in ("", "&csv=1"):
        page = web.get(
            f"/reports/sign-ins?{query}&domains={office.paris.id}{csv_or_page}", status=422
        )
        assert page.content_type == "text/html"
        assert sentence in page
        assert page.html.select_one("#since")["value"] == query.partition("&")[0].removeprefix(
            "since="
        )
        assert page.html.select_one(".choices [checked]")["value"] == str(office.paris.id)


def test_a_day_out_of_all_bounds_is_answered_with_rows_or_with_a_sentence(
    web: Client, office: Office
) -> None:
    web.sign_in("max.reader")
    for csv_or_page in ("", "&csv=1"):
        answer = web.get(f"/reports/sign-ins?until=9999-12-31{csv_or_page}", expect_errors=True)
        assert (answer.status_int, "Enter a date" in answer) in ((200, False), (422, True))


def test_words_that_are_no_filter_do_not_break_the_links_to_other_pages(
    web: Client, session: Session, office: Office
) -> None:
    for person_id in many_users(session, office.paris, 51, State.LIVE):
        a_sign_in(session, session.get_one(Person, person_id), AT)
    web.sign_in("max.reader")
    for path in REPORTS:
        for name in ("endpoint", "_anchor", "unknown"):
            assert "Previous" in web.get(f"{path}?page=2&{name}=1", status=200)


def test_a_csv_is_longer_than_a_page_and_whole(
    web: Client, session: Session, office: Office
) -> None:
    many_users(session, office.paris, 1203, State.ARCHIVED)
    web.sign_in("max.reader")
    rows = csv_rows(web, f"/reports/users?csv=1&state=archived&domains={office.paris.id}")[1:]
    assert len(rows) == len({row[1] for row in rows}) == 1203 + 2
    page = web.get(f"/reports/users?state=archived&domains={office.paris.id}")
    assert len(lines(page)) == 50
    assert "1,205" in page
    assert len(lines(page.click("Next"))) == 50


def test_values_are_in_the_csv_as_written_and_never_a_formula(
    web: Client, session: Session, office: Office
) -> None:
    values = [
        '=cmd|"/c calc"!A1',
        "+1",
        "-1",
        "@SUM(1)",
        "\tx",
        "two\nlines",
        'a "quoted", one',
        "＝1+1",
    ]
    for number, value in enumerate(values):
        give_attribute(session, a_user(session, office.paris, f"Person {number}"), "Note", value)
    web.sign_in("max.reader")
    notes = {row[1]: row[-1] for row in csv_rows(web, "/reports/users?csv=1")}
    for number, value in enumerate(values):
        assert notes[f"person.{number}"] == (value if value[0].isalpha() else f"'{value}")


def test_erased_people_are_in_no_report(
    web: Client, session: Session, office: Office, signed_in: None
) -> None:
    gone = [
        (person.display_name, person.user_name)
        for person in (*office.deleted(office.london), *office.deleted(office.dublin))
    ]
    web.sign_in("max.reader")
    before = {
        path: [
            row
            for row in csv_rows(web, f"{path}?csv=1")
            if not set(row) & {name for pair in gone for name in pair}
        ]
        for path in REPORTS
    }
    browser = Browser(Client(web.app, session), htmx=False)
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    browser.press("Erase 7 users", within="#popup")
    session.commit()
    assert erased(session) == 7
    for path in REPORTS:
        text = web.get(path).text + web.get(f"{path}?csv=1").text
        assert not any(name in text for pair in gone for name in pair)
        assert "rased" not in web.get(f"{path}?csv=1").text
    assert [row for row in csv_rows(web, "/reports/users?csv=1") if row[1] != "priya.contact"] == [
        row for row in before["/reports/users"] if row[1] != "priya.contact"
    ]
    assert [
        row for row in csv_rows(web, "/reports/sign-ins?csv=1") if row[2] != "priya.contact"
    ] == before["/reports/sign-ins"]


@pytest.mark.parametrize("path", REPORTS)
def test_who_may_not_read_reports_gets_neither_page_nor_csv(
    web: Client, office: Office, path: str
) -> None:
    web.sign_in("priya.contact")
    for query in ("", "?csv=1"):
        web.get(path + query, status=403)


@pytest.mark.parametrize(
    "path", ["/reports/users?state=live", "/reports/sign-ins?since=2025-01-01"]
)
def test_past_the_last_page_a_link_leads_to_the_first(
    web: Client, office: Office, signed_in: None, path: str
) -> None:
    web.sign_in("max.reader")
    answer = web.get(f"{path}&page=9", status=200)
    assert "There is no page 9." in answer
    assert answer.click("Go to the first page").request.path_qs == path
