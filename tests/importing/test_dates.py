"""A column of dates is read as a whole; which number is the day is never guessed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.factories import a_domain
from tests.importing.lists import NOW, lines, one, refusals, run
from webapp.errors import Refused
from webapp.importing.dates import Order
from webapp.models import Domain, State

HEADING = "userPrincipalName,companyName,createdDateTime,deletedDateTime"


@pytest.fixture(autouse=True)
def london(session: Session) -> Domain:
    return a_domain(session)


def deleted(*dates: str, created: str = "") -> str:
    rows = (f"user.{n},Northwind London,{created},{date}" for n, date in enumerate(dates))
    return lines(HEADING, *rows)


def since(session: Session, number: int) -> str:
    return f"{one(session, f'user.{number}').Account.since:%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize("mark", ["/", ".", "-"])
@pytest.mark.parametrize(
    ("dates", "first"),
    [(("03/04/2024", "13/04/2024"), "2024-04-03"), (("03/04/2024", "04/13/2024"), "2024-03-04")],
)
def test_one_impossible_day_settles_the_order(
    session: Session, mark: str, dates: tuple[str, ...], first: str
) -> None:
    run(session, deleted(*dates).replace("/", mark), state=State.DELETED)
    assert since(session, 0) == f"{first} 00:00:00"


@pytest.mark.parametrize("date", ["03/04/2024", "3.4.2024 10:00", "03-04-2024 10:00:00 AM"])
@pytest.mark.parametrize(("order", "read"), [("day-first", "04-03"), ("month-first", "03-04")])
def test_an_ambiguous_column_is_refused_until_somebody_says(
    session: Session, date: str, order: str, read: str
) -> None:
    with pytest.raises(Refused, match="can be read in two ways"):
        run(session, deleted(date), state=State.DELETED, skip_invalid=True)
    run(session, deleted(date), state=State.DELETED, dates=Order(order))
    assert since(session, 0).startswith(f"2024-{read}")


def test_each_column_settles_for_itself(session: Session) -> None:
    with pytest.raises(Refused, match=r"^The dates deleted can be"):
        run(session, deleted("03/04/2024", created="02/25/2020"), state=State.DELETED)


def test_dates_that_contradict_each_other(session: Session) -> None:
    content = deleted("03/04/2024", "25/12/2024", "12/25/2024")
    with pytest.raises(Refused) as refused:
        run(session, content, state=State.DELETED, skip_invalid=True)
    assert refused.value.sentence == (
        "The dates deleted are written in two ways: "
        "with the day first on line 3, with the month first on line 4."
    )
    assert refusals(session, content, state=State.DELETED, dates=Order.DAY_FIRST) == {
        4: "The date deleted is not a possible date and time."
    }


def test_a_date_that_reads_the_same_both_ways_needs_no_order(session: Session) -> None:
    run(session, deleted("04/04/2024", "2024-03-04", ""), state=State.DELETED)
    assert since(session, 0) == "2024-04-04 00:00:00"
    assert since(session, 2) == NOW.strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    "date",
    [
        "2024-03-05T06:07:08Z",
        "2024-03-05 06:07:08Z",
        "2024-03-05T07:07:08+0100",
        "2024-03-05T06:07:08.123Z",
        "20240305060708.0Z",
        "1709618828000",
        "3/15/2024 6:07:08 AM",
        "15.03.2024 06:07:08",
    ],
)
def test_ways_to_write_a_moment(session: Session, date: str) -> None:
    run(session, deleted(date), state=State.DELETED)
    assert since(session, 0) in ("2024-03-05 06:07:08", "2024-03-15 06:07:08")


@pytest.mark.parametrize(
    ("date", "reason"),
    [
        ("31/31/2024", "is not a possible date and time."),
        ("03/04/24", "is not a possible date and time."),
        ("45000", "is not a possible date and time."),
        ("1899-12-30", "is before 1990."),
        ("1989-12-31T23:59:59Z", "is before 1990."),
        ("0001-01-01T00:00:00Z", "is the one that stands for an empty field."),
        ("1601-01-01T00:00:00Z", "is the one that stands for an empty field."),
        ("2026-11-26", "is in the future."),
    ],
)
def test_dates_that_are_refused(session: Session, date: str, reason: str) -> None:
    assert refusals(session, deleted(date), state=State.DELETED) == {
        2: f"The date deleted {reason}"
    }


def test_deleted_before_created(session: Session) -> None:
    content = deleted("2024-03-04", "2024-03-05", created="2024-03-05T06:00:00Z")
    assert refusals(session, content, state=State.DELETED) == {
        2: "The date deleted is before the date created."
    }
    assert since(session, 1) == "2024-03-05 00:00:00"  # the same day


@pytest.mark.parametrize("never", ["0001-01-01T00:00:00Z", "01/01/1601 00:00:00", ""])
def test_an_empty_field_of_active_directory_is_empty_where_nobody_is_deleted(
    session: Session, never: str
) -> None:
    run(session, deleted(never, created=never))
    account = one(session, "user.0").Account
    assert (account.state, account.created_at) == (State.LIVE, NOW)


def test_a_clock_ahead_is_not_the_future(session: Session) -> None:
    run(session, deleted((NOW + timedelta(hours=2)).isoformat()), state=State.DELETED)
    assert one(session, "user.0").Account.since == NOW


def test_a_deleted_user_without_a_date_created_was_there_when_deleted(session: Session) -> None:
    run(session, deleted("2024-03-05"), state=State.DELETED)
    assert one(session, "user.0").Account.created_at == datetime(2024, 3, 5, tzinfo=UTC)
