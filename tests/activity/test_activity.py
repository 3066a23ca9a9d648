"""Administrator activity: who sees which lines, what filters keep, how erased people read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import ALL_OF_USERS, Office, a_user, give, make_contact
from tests.journeys.browser import Browser
from webapp.events import Recorded, record
from webapp.models import BilledSpan, By, Event, Permission, Person, State
from webapp.times import now
from webapp.web.filters import day as written_day

AT = datetime(2025, 6, 1, 12, 30, tzinfo=UTC)


@pytest.fixture
def reader(session: Session, office: Office) -> Person:
    """Let somebody read the activity of Paris only."""
    reader = a_user(session, office.paris, "Paula Reader")
    reader.password_hash = office.max.password_hash
    give(session, reader, office.paris, Permission.ADMINISTRATOR_ACTIVITY)
    return reader


@pytest.fixture
def recorded(session: Session, office: Office) -> None:
    """Record one line in each domain, one by the command line, and one without a domain."""
    for day, domain in enumerate((office.london, office.dublin, office.paris), 1):
        subject = office.live(domain)[0]
        record(
            session,
            Recorded.ARCHIVE,
            AT.replace(day=day),
            actor_id=office.rosa.account_id,
            subject_id=subject.account_id,
            domain_id=domain.id,
        )
    record(
        session,
        Recorded.IMPORT,
        AT.replace(day=4),
        actor_id=None,
        domain_id=office.paris.id,
        number=1200,
    )
    record(session, Recorded.ROLE_ADDED, AT.replace(day=5), actor_id=None)


def rows(page: Any) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in page.html.select("tbody tr")]


def test_only_lines_of_the_reader_s_domains_are_shown_and_offered(
    web: Client, office: Office, reader: Person, recorded: None
) -> None:
    web.sign_in("paula.reader")
    page = web.get("/activity")
    assert rows(page) == [
        "5 Jun 2025, 12:30 Command line Added role",
        "4 Jun 2025, 12:30 Command line Imported 1,200 users Northwind Paris",
        "3 Jun 2025, 12:30 Rosa Admin Archived Quentin Roux Northwind Paris",
    ]
    assert [label.get_text(strip=True) for label in page.html.select(".choices label")] == [
        "Northwind Paris"
    ]
    for hidden in ("Anna Archer", "Jack Keane", "London", "Dublin"):
        assert hidden not in page


def test_a_domain_out_of_sight_is_refused_as_a_filter(
    web: Client, office: Office, reader: Person, recorded: None
) -> None:
    web.sign_in("paula.reader")
    answer = web.get(f"/activity?domains={office.london.id}", status=422)
    assert "Choose from the domains shown." in answer
    assert rows(answer) == []


def test_filters_narrow_together_and_are_kept_in_the_form(
    web: Client, office: Office, recorded: None
) -> None:
    web.sign_in("rosa.admin")
    page = web.get(
        f"/activity?what=ARCHIVE&since=2025-06-02&until=2025-06-03&domains={office.paris.id}&domains={office.london.id}"
    )
    assert rows(page) == ["3 Jun 2025, 12:30 Rosa Admin Archived Quentin Roux Northwind Paris"]
    assert page.html.select_one("#what option[selected]")["value"] == "ARCHIVE"
    assert page.html.select_one("#since")["value"] == "2025-06-02"
    assert {box["value"] for box in page.html.select(".choices [checked]")} == {
        str(office.paris.id),
        str(office.london.id),
    }


def test_both_days_are_included_to_their_last_moment(
    web: Client, session: Session, office: Office
) -> None:
    for moment in (
        datetime(2025, 6, 9, 23, 59, 59, 999999, UTC),
        datetime(2025, 6, 10, tzinfo=UTC),
        datetime(2025, 6, 10, 23, 59, 59, 999999, UTC),
    ):
        record(session, Recorded.RESTORE, moment, actor_id=None, domain_id=office.paris.id)
    record(
        session,
        Recorded.RESTORE,
        datetime(2025, 6, 11, tzinfo=UTC),
        actor_id=None,
        domain_id=office.paris.id,
    )
    web.sign_in("rosa.admin")
    assert len(rows(web.get("/activity?since=10.06.2025&until=2025-06-10"))) == 2


def test_a_bad_date_is_named_and_kept_as_typed(web: Client, office: Office) -> None:
    web.sign_in("rosa.admin")
    for query, sentence, field in (
        ("since=31/02/2025", "Enter a date that exists", "since"),
        ("until=soon", "Enter a date that exists", "until"),
        ("until=9999-12-31", "Enter a date between the years 1900 and 2999.", "until"),
        ("since=2025-06-02&until=2025-06-01", "This date lies before the first one.", "until"),
    ):
        page = web.get(f"/activity?what=DELETE&{query}", status=422)
        assert sentence in page
        assert page.html.select_one(f"#{field}")["aria-invalid"] == "true"
        for typed in query.split("&"):
            name, _, value = typed.partition("=")
            assert page.html.select_one(f"#{name}")["value"] == value
        assert page.html.select_one("#what option[selected]")["value"] == "DELETE"


def test_days_out_of_all_bounds_are_answered_with_lines_or_with_a_sentence(
    web: Client, office: Office, recorded: None
) -> None:
    web.sign_in("rosa.admin")
    for query in ("since=0001-01-01", "until=9999-12-31", "since=1900-01-01&until=2999-12-31"):
        page = web.get(f"/activity?{query}", expect_errors=True)
        assert bool(rows(page)) is not ("Enter a date" in page), query
        assert page.status_int == (200 if rows(page) else 422), query


def test_words_that_are_no_filter_do_not_break_the_links_to_other_pages(
    web: Client, session: Session, office: Office
) -> None:
    for _ in range(51):
        record(session, Recorded.DELETE, AT, actor_id=None, domain_id=office.paris.id)
    web.sign_in("rosa.admin")
    for name in ("endpoint", "_anchor", "_external", "_method", "unknown"):
        assert "Previous" in web.get(f"/activity?page=2&what=DELETE&{name}=1", status=200)


def test_the_next_page_keeps_the_filters(web: Client, session: Session, office: Office) -> None:
    for number in range(60):
        for what in (Recorded.DELETE, Recorded.RESTORE):
            record(
                session, what, AT.replace(minute=number), actor_id=None, domain_id=office.paris.id
            )
    web.sign_in("rosa.admin")
    first = web.get(f"/activity?what=DELETE&domains={office.paris.id}")
    second = first.click("Next")
    assert (len(rows(first)), len(rows(second))) == (50, 10)
    assert all("Deleted" in row for row in rows(first) + rows(second))
    assert rows(second.click("Previous")) == rows(first)


def test_erased_people_read_erased_user_as_actor_and_as_subject_and_on_the_receipt(
    web: Client, session: Session, office: Office
) -> None:
    """Priya erases Farah, and is later deleted and erased herself by Zoë."""
    farah = office.deleted(office.london)[0]
    record(
        session,
        Recorded.DELETE,
        AT,
        actor_id=farah.account_id,
        subject_id=farah.account_id,
        domain_id=office.london.id,
    )
    erase(web, "priya.contact", "farah")
    zoe = a_user(session, office.london, "Zoë Quinn", user_name="zoe")
    zoe.password_hash = office.owen.password_hash
    promote(session, zoe, office)
    office.priya.account.state = State.DELETED
    mine = BilledSpan.account_id == office.priya.account_id
    session.execute(update(BilledSpan).where(mine).values(last_month=date(2026, 1, 1)))
    erase(web, "zoe", "priya")
    web.sign_in("rosa.admin")
    page = web.get("/activity")
    newest, *others = rows(page)
    today = written_day(now())
    assert newest.partition(", ")[2][6:] == "Zoë Quinn Erased Erased user Northwind London"
    assert others == [
        f"{today} Erased user Erased Erased user Northwind London",
        f"{written_day(AT)} Erased user Deleted Erased user Northwind London",
    ]
    for gone in ("Priya", "Farah"):
        assert gone not in page
    receipts = [web.get(str(link["href"])) for link in page.html.select("tbody a")]
    leads = (" ".join(page.html.select_one(".lead").get_text().split()) for page in receipts)
    assert [lead.partition(today)[2].partition("by ")[2] for lead in leads] == [
        "Zoë Quinn.",
        "Erased user.",
    ]


def promote(session: Session, person: Person, office: Office) -> None:
    give(session, person, office.london, *ALL_OF_USERS)
    make_contact(session, person, office.london)
    session.refresh(office.priya, ["account"])


def erase(web: Client, name: str, keyword: str) -> None:
    browser = Browser(web, htmx=False)
    browser.sign_in(name)
    browser.visit("/users/erase-deleted/")
    browser.fill(keyword=keyword)
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    browser.press("Erase 1 user", within="#popup")
    assert "1 user has been erased." in browser.text


def test_what_is_recorded_holds_no_name(
    web: Client, session: Session, office: Office, recorded: None
) -> None:
    texts = {
        str(value)
        for event in session.scalars(select(Event))
        for value in vars(event).values()
        if isinstance(value, str)
    }
    assert texts <= {*(recorded.name for recorded in Recorded), *By}


def test_past_the_last_page_a_link_leads_to_the_first(
    web: Client, office: Office, recorded: None
) -> None:
    web.sign_in("rosa.admin")
    answer = web.get("/activity?page=9&what=DELETE", status=200)
    assert "There is no page 9." in answer
    assert answer.click("Go to the first page").request.path_qs == "/activity?what=DELETE"
