"""Lists as systems and people write them (`cases/`): each with what is right."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import PASSWORD, a_domain, a_user, give, make_contact
from tests.importing.lists import CASES, one, refusals, run
from tests.journeys.browser import Browser
from webapp.errors import Refused
from webapp.importing.preview import Imported
from webapp.models import Account, Domain, Permission, Person, State

HELD = (
    "Its user name is that of a deleted user. Restore that user, or erase them, and import again."
)


@pytest.fixture(autouse=True)
def london(session: Session) -> Domain:
    return a_domain(session)


def names(session: Session) -> list[str]:
    return list(session.scalars(select(Person.user_name).order_by(Person.user_name)))


@pytest.mark.parametrize(
    "case",
    [
        "01a-semicolons",
        "01b-sep-line-comma",
        "01d-tabs",
        "03b-rows-of-commas",
        "03c-trailing-blank-lines",
    ],
)
def test_two_people_in_another_dialect(session: Session, case: str) -> None:
    assert run(session, CASES / f"{case}.csv") == (Imported(2, 0), {})
    assert one(session, "a02@nw.example").Person.display_name == "Béla Próba"


def test_missing_fields_at_the_end_are_empty(session: Session) -> None:
    options = {"attributes": ("jobTitle",)}
    assert run(session, CASES / "03a-ragged-short.csv", **options)[0] == Imported(2, 0)


def test_deleted_users_of_the_admin_centre_need_a_domain(session: Session) -> None:
    case, options = CASES / "05-m365-deleted-users.csv", {"state": State.DELETED}
    with pytest.raises(Refused) as refused:
        run(session, case, **options)
    assert "--domain " in refused.value.next_step
    run(session, case, **options, domain="Northwind London")
    person, account = one(session, "old.timer@nw.example")
    assert (person.display_name, person.given_name, person.surname) == ("Old Timer", "Old", "Timer")
    assert (account.state, account.since, account.created_at) == (
        State.DELETED,
        datetime(2024, 3, 5, 6, 7, 8, tzinfo=UTC),
        datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
    )


def test_an_older_list_names_the_option_that_helps(session: Session) -> None:
    case = CASES / "07-entra-older-list.csv"
    with pytest.raises(Refused) as refused:
        run(session, case)
    assert refused.value.sentence == "The file has no column companyName."
    assert "--domain-column department" in refused.value.next_step
    assert "physicalDeliveryOfficeName" in refused.value.next_step  # the headings found
    assert run(session, case, columns={"domain": "department"})[0] == Imported(1, 0)


def test_ambiguous_dates_are_refused_with_both_readings(session: Session) -> None:
    with pytest.raises(Refused) as refused:
        run(session, CASES / "08a-day-first-dates.csv", state=State.DELETED)
    assert refused.value.sentence == (
        "The dates deleted can be read in two ways: the one on line 2 is 3 April 2024 "
        "with the day first, 4 March 2024 with the month first."
    )
    assert "--dates day-first" in refused.value.next_step
    assert names(session) == []


def test_one_day_over_twelve_settles_the_order(session: Session) -> None:
    run(session, CASES / "08b-day-first-mixed.csv", state=State.DELETED)
    assert [
        one(session, f"d1{number}@nw.example").Account.since.date().isoformat()
        for number in (1, 2, 3)
    ] == ["2024-04-03", "2024-12-25", "2025-02-11"]


def test_impossible_moments_are_refused_by_line(session: Session) -> None:
    case = CASES / "08d-impossible-moments.csv"
    empty = "The date deleted is the one that stands for an empty field."
    assert refusals(session, case, state=State.DELETED) == {
        2: empty,
        3: empty,
        4: "The date deleted is in the future.",
        5: "The date deleted is before the date created.",
    }


def test_a_mangled_user_name_becomes_the_real_one_and_its_clash_is_said(session: Session) -> None:
    done, _ = run(session, CASES / "10-mangled-upn-deleted.csv", state=State.DELETED)
    assert done == Imported(1, 0, had_object_id=1)
    assert names(session) == ["maria.example@nw.example"]
    assert refusals(session, CASES / "10b-recreated-live.csv") == {2: HELD}


def test_a_user_name_that_a_deleted_user_holds(session: Session) -> None:
    run(session, CASES / "11a-rehire-deleted.csv", state=State.DELETED)
    assert refusals(session, CASES / "11b-rehire-live.csv") == {2: HELD}
    assert names(session) == ["newcomer@nw.example", "rehired@nw.example"]


def test_after_an_erasure_a_list_brings_somebody_new(
    web: Client, session: Session, london: Domain
) -> None:
    run(session, CASES / "11a-rehire-deleted.csv", state=State.DELETED)
    before = one(session, "rehired@nw.example").Account
    id_before, key_before = before.id, before.key
    eraser = a_user(session, london, "The Eraser", password=PASSWORD)
    make_contact(session, eraser, london)
    give(session, eraser, london, Permission.ERASE_DELETED_USERS)
    browser = Browser(web, htmx=False)
    browser.sign_in("the.eraser")
    browser.visit("/users/erase-deleted/")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    browser.press("Erase 1 user", within="#popup")
    done, _ = run(session, CASES / "11b-rehire-live.csv", update=True)
    assert done == Imported(2, 0)
    account = one(session, "rehired@nw.example").Account
    assert account.id != id_before
    assert account.key != key_before
    assert (account.state, account.since) == (State.LIVE, account.created_at)


def test_invisible_marks_are_refused_by_line(session: Session) -> None:
    unseen = "userPrincipalName holds a character that cannot be seen."
    assert refusals(session, CASES / "13a-invisible.csv") == {2: unseen, 3: unseen, 4: unseen}
    assert names(session) == ["zw.sp@nw.example"]


def test_formulas_behind_separators_go_in_as_they_are(session: Session) -> None:
    """What is written into a CSV for a spreadsheet is another matter: tests/web/test_calc.py."""
    run(session, CASES / "16-formula-after-separator.csv", attributes=("jobTitle",))
    assert one(session, "inj3@nw.example").Person.email == "x;=1+1;y@nw.example"


@pytest.mark.parametrize(
    ("case", "number"), [("18a-grow", 5), ("18b-grow", 1), ("19-double-tap", 5)]
)
def test_plain_deleted_users(session: Session, case: str, number: int) -> None:
    assert run(session, CASES / f"{case}.csv", state=State.DELETED)[0] == Imported(number, 0)
    asked = select(func.count()).where(Account.state == State.DELETED)
    assert session.scalar(asked) == number


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("O’Bryon", "Quinn O’Bryon"),
        ("Anne‑Marie", "Anne‑Marie Dashwood"),
        ("o'mackin", "Liam O'Mackin"),
    ],
)
def test_names_with_apostrophes_and_dashes_are_found_as_written(
    web: Client, session: Session, london: Domain, typed: str, found: str
) -> None:
    run(session, CASES / "14-apostrophes.csv")
    reader = a_user(session, london, "The Reader", password=PASSWORD)
    give(session, reader, london, Permission.USER_MANAGEMENT)
    browser = Browser(web, htmx=False)
    browser.sign_in("the.reader")
    browser.visit("/users/")
    browser.fill(keyword=typed)
    browser.press("Search for users")
    assert found in browser.text
