"""Import users from a directory's export.

What goes in comes out as written, and what is refused is named by its line only.
"""

from __future__ import annotations

import csv
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from tests.conftest import Client, Runner
from tests.factories import PASSWORD, a_domain, a_user, give
from tests.importing.lists import NOW, lines, one, refusals, run
from tests.journeys.browser import Browser
from webapp.errors import Refused
from webapp.events import Recorded
from webapp.importing.preview import CHUNK, Imported
from webapp.models import (
    Account,
    Attribute,
    AttributeValue,
    BilledSpan,
    By,
    Domain,
    Event,
    Permission,
    Person,
    State,
)
from webapp.times import month_of

AWKWARD = Path(__file__).with_name("awkward-users-export.csv")
LEGAL = 30  # rows of that file, before the five bad ones

HEADING = "userPrincipalName,displayName,companyName,accountEnabled,createdDateTime"
ANNA = "anna@example.org,Anna Archer,Northwind London,True,4/26/2023 1:04:00 PM"
BJÖRN = "björn@example.org,Björn Åkesson,Northwind London,False,2023-04-26T15:04:00+02:00"


@pytest.fixture
def london(session: Session) -> Domain:
    return a_domain(session)


def awkward_rows() -> list[dict[str, str]]:
    with AWKWARD.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_awkward_person_comes_out_as_written(session: Session, london: Domain) -> None:
    done, _ = run(
        session, AWKWARD.read_bytes(), skip_invalid=True, attributes=("department", "jobTitle")
    )
    assert done == Imported(users=LEGAL, refused=5)
    for written in awkward_rows()[:LEGAL]:
        person, account = one(session, written["userPrincipalName"])
        assert {
            "displayName": person.display_name, "surname": person.surname,
            "givenName": person.given_name, "mail": person.email,
            "id": person.external_id, "telephoneNumber": person.phone,
            "mobilePhone": person.mobile_phone,
        }.items() <= written.items()  # fmt: skip
        assert (account.domain_id, account.state) == (
            london.id,
            State.LIVE if written["accountEnabled"] == "True" else State.ARCHIVED,
        )
        assert account.created_at == datetime.strptime(
            written["createdDateTime"], "%m/%d/%Y %I:%M:%S %p"
        ).replace(tzinfo=UTC)
        values = (
            select(Attribute.name, AttributeValue.value)
            .join(AttributeValue)
            .where(AttributeValue.account_id == account.id)
        )
        assert dict(session.execute(values).all()) == {
            name: written[name] for name in ("department", "jobTitle") if written[name]
        }


@pytest.mark.usefixtures("london")
@pytest.mark.parametrize(
    "name", ["  Anna  ", "Anna\r\nArcher", "Anna\rArcher", "\tAnna\u00a0", "=1+3", "\u202eAnna"]
)
def test_blanks_and_line_breaks_stay_as_they_are(session: Session, name: str) -> None:
    run(session, lines(HEADING, f'anna@example.org,"{name}",Northwind London,True,'))
    assert one(session, "anna@example.org")[0].display_name == name


def test_the_five_bad_rows_are_refused_by_line_and_reason(session: Session, london: Domain) -> None:
    assert refusals(session, AWKWARD.read_bytes()) == {
        34: "Its user name stands in an earlier row already, perhaps in other capitals.",
        35: "There is no user name (userPrincipalName).",
        36: "There is no domain (companyName).",
        37: "The date created is not a possible date and time.",
        38: "Its user name stands in an earlier row already, perhaps in other capitals.",
    }


def test_one_bad_row_keeps_everyone_out(runner: Runner, session: Session, london: Domain) -> None:
    result = runner.invoke(args=["users", "import", str(AWKWARD), "--attribute", "department"])
    assert result.exit_code == 1
    assert "No user has been imported. 5 rows are refused." in result.stderr
    assert [line.partition(":")[0] for line in result.stderr.splitlines()][:5] == [
        "Line 34",
        "Line 35",
        "Line 36",
        "Line 37",
        "Line 38",
    ]
    assert counts(session) == {
        "accounts": 0,
        "people": 0,
        "events": 0,
        "attributes": 0,
        "domains": 1,
    }


def test_bad_rows_are_left_out_when_asked(runner: Runner, session: Session, london: Domain) -> None:
    result = runner.invoke(args=["users", "import", str(AWKWARD), "--skip-invalid"])
    assert (result.exit_code, result.stdout) == (
        0,
        "30 users have been imported. 5 rows refused and left out.\n",
    )
    assert counts(session) == {
        "accounts": LEGAL,
        "people": LEGAL,
        "events": 1,
        "attributes": 0,
        "domains": 1,
    }


def test_a_dry_run_leaves_nothing(runner: Runner, session: Session) -> None:
    result = runner.invoke(
        args=[
            "users",
            "import",
            str(AWKWARD),
            "--dry-run",
            "--skip-invalid",
            "--create-domains",
            "--attribute",
            "department",
        ]
    )
    assert result.exit_code == 0
    assert (
        result.stdout == "Dry run: 30 users would be imported. 5 rows refused and left out. "
        "Nothing has been changed.\n"
    )
    assert counts(session) == {
        "accounts": 0,
        "people": 0,
        "events": 0,
        "attributes": 0,
        "domains": 0,
    }


def test_a_dry_run_fails_where_the_import_would(runner: Runner, london: Domain) -> None:
    assert runner.invoke(args=["users", "import", str(AWKWARD), "--dry-run"]).exit_code == 1


@pytest.mark.usefixtures("london")
@pytest.mark.parametrize(
    "mark", [b"", b"\xef\xbb\xbf"], ids=["without a byte order mark", "with one"]
)
def test_with_or_without_a_byte_order_mark(session: Session, mark: bytes) -> None:
    assert run(session, mark + lines(HEADING, ANNA).encode())[0] == Imported(1, 0)
    assert one(session, "anna@example.org").Person.display_name == "Anna Archer"


def test_older_column_names(session: Session, london: Domain) -> None:
    heading = "objectId,UserPrincipalName,mobile,companyName,deletionTimestamp"
    run(
        session,
        lines(
            heading,
            "abc-1,anna@example.org,+44 7700 900001,Northwind London,2026-01-02T03:04:05.1234567Z",
        ),
        state=State.DELETED,
    )
    person, account = one(session, "anna@example.org")
    assert (person.external_id, person.mobile_phone) == ("abc-1", "+44 7700 900001")
    assert (account.state, account.since) == (
        State.DELETED,
        datetime(2026, 1, 2, 3, 4, 5, 123456, UTC),
    )


def test_what_an_import_makes_of_live_and_archived_users(session: Session, london: Domain) -> None:
    run(session, lines(HEADING, ANNA, BJÖRN))
    anna, björn = (
        one(session, "anna@example.org").Account,
        one(session, "björn@example.org").Account,
    )
    created = datetime(2023, 4, 26, 13, 4, tzinfo=UTC)
    assert (anna.state, anna.created_at, anna.since) == (State.LIVE, created, created)
    assert (björn.state, björn.created_at, björn.since) == (State.ARCHIVED, created, NOW)
    assert [
        (span.account_id, span.first_month, span.last_month)
        for span in session.scalars(select(BilledSpan))
    ] == [(anna.id, month_of(NOW), None)]
    assert [
        (e.key, e.number, e.domain_id, e.done_by, e.at) for e in session.scalars(select(Event))
    ] == [(Recorded.IMPORT.name, 2, london.id, By.COMMAND_LINE, NOW)]


def test_a_date_that_is_not_given_is_that_of_the_import(session: Session, london: Domain) -> None:
    run(
        session,
        lines(f"{HEADING},deletedDateTime", "anna@example.org,Anna,Northwind London,True,,"),
        state=State.DELETED,
    )
    account = one(session, "anna@example.org").Account
    assert (account.state, account.created_at, account.since) == (State.DELETED, NOW, NOW)
    assert session.scalar(select(func.count()).select_from(BilledSpan)) == 0


@pytest.mark.usefixtures("london")
@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("  ,Anna,Northwind London,True,", "There is no user name (userPrincipalName)."),
        ("anna@example.org,Anna,  ,True,", "There is no domain (companyName)."),
        (
            "anna@example.org,Anna,Northwind Oslo,True,",
            "There is no domain of the name given. "
            "Add it with `flask domains add`, or use --create-domains.",
        ),
        (
            "anna@example.org,Anna,Northwind London,True,2/30/2025 1:00:00 PM",
            "The date created is not a possible date and time.",
        ),
        (
            "anna@example.org,Anna,Northwind London,True,2/3/2025 13:00:00 PM",
            "The date created is not a possible date and time.",
        ),
        (
            "anna@example.org,Anna,Northwind London,True,0001-01-01T00:00:00+05:00",
            "The date created is not a possible date and time.",
        ),
        (
            "anna@example.org,Anna,Northwind London,perhaps,",
            "accountEnabled is neither True nor False: only these are accepted.",
        ),
        (
            "anna@example.org,Anna,Northwind London,True,,x",
            "Its number of fields (6) is not that of the first line (5).",
        ),
        (
            f"anna@example.org,{'x' * 1001},Northwind London,True,",
            "displayName is longer than 1,000 characters.",
        ),
        (f"{'名' * 1000},Anna,Northwind London,True,", "userPrincipalName is too long."),
        ("anna@example.org,An\0na,Northwind London,True,", "It holds a NUL character."),
    ],
)
def test_reasons_for_refusing_a_row(session: Session, row: str, reason: str) -> None:
    assert refusals(session, lines(HEADING, row, BJÖRN)) == {2: reason}
    assert [person.user_name for person in session.scalars(select(Person))] == ["björn@example.org"]


def test_lines_are_counted_as_an_editor_counts_them(session: Session, london: Domain) -> None:
    two_lines = '"anna@example.org","Anna\nArcher",Northwind London,True,'
    assert list(refusals(session, lines(HEADING, two_lines, "", two_lines))) == [5]


def test_a_user_name_is_taken_by_an_existing_user_in_any_capitals(
    session: Session, london: Domain
) -> None:
    a_user(session, london, user_name="ANNA@example.org", state=State.ARCHIVED)
    assert refusals(session, lines(HEADING, ANNA)) == {
        2: "Its user name is that of an existing user already, perhaps in other capitals."
    }


def test_a_user_name_that_a_deleted_user_holds_says_what_to_do(
    session: Session, london: Domain
) -> None:
    a_user(session, london, user_name="ANNA@example.org", state=State.DELETED)
    assert refusals(session, lines(HEADING, ANNA)) == {
        2: "Its user name is that of a deleted user. "
        "Restore that user, or erase them, and import again."
    }


def test_a_user_name_is_taken_by_a_row_of_an_earlier_chunk(
    session: Session, london: Domain
) -> None:
    many = [f"user.{number},User,Northwind London,True," for number in range(CHUNK)]
    done, refused = run(
        session, lines(HEADING, *many, "USER.0,User,Northwind London,True,"), skip_invalid=True
    )
    assert (done.users, list(refused)) == (CHUNK, [CHUNK + 2])
    assert "earlier row" in refused[CHUNK + 2]


def test_a_refused_row_does_not_take_its_user_name(session: Session, london: Domain) -> None:
    bad = ANNA.replace("True", "perhaps")
    assert list(refusals(session, lines(HEADING, bad, ANNA))) == [2]


def test_a_deleted_user_does_not_slip_in_as_archived(session: Session, london: Domain) -> None:
    refused = refusals(
        session, lines(f"{HEADING},deletedDateTime", f"{ANNA},8/22/2026 11:00:00 AM")
    )
    assert refused == {
        2: "There is a date deleted: deleted users are imported with --state deleted."
    }


def test_domains_are_created_when_asked_and_only_for_users_who_come_in(session: Session) -> None:
    done, _ = run(
        session,
        lines(HEADING, ANNA, "björn@example.org,,Northwind Oslo,perhaps,"),
        create_domains=True,
        skip_invalid=True,
    )
    assert done == Imported(1, 1)
    assert list(session.scalars(select(Domain.name))) == ["Northwind London"]
    assert sorted(session.scalars(select(Event.key))) == [
        Recorded.DOMAIN_ADDED.name,
        Recorded.IMPORT.name,
    ]


def test_another_column_can_name_the_domain(session: Session, london: Domain) -> None:
    run(
        session,
        lines("userPrincipalName,office", "anna@example.org,NORTHWIND LONDON"),
        columns={"domain": "office"},
    )
    assert one(session, "anna@example.org").Account.domain_id == london.id


def test_an_attribute_that_is_there_is_used_whatever_its_capitals(
    session: Session, london: Domain
) -> None:
    a_user(session, london, attributes={"Department": "Finance"})
    run(session, lines(f"{HEADING},department", f"{ANNA},Legal"), attributes=("department",))
    assert list(session.scalars(select(Attribute.name))) == ["Department"]


@pytest.mark.usefixtures("london")
@pytest.mark.parametrize(
    ("content", "options", "sentence"),
    [
        (b"", {}, "The file has no column userPrincipalName."),
        (lines(ANNA).encode(), {}, "The file has no column userPrincipalName."),
        (
            lines("userPrincipalName,displayName", "anna,Anna").encode(),
            {},
            "The file has no column companyName.",
        ),
        (
            lines(HEADING, ANNA).encode(),
            {"attributes": ("costCentre",)},
            "The file has no column costCentre.",
        ),
        (
            lines(HEADING, ANNA).encode(),
            {"state": State.DELETED},
            "The file has no column deletedDateTime.",
        ),
        (
            lines(f"{HEADING},displayName", f"{ANNA},Anna").encode(),
            {},
            "The file has more than one column displayName.",
        ),
        (
            lines(HEADING, ANNA, BJÖRN).encode("latin-1"),
            {},
            "The file is not UTF-8: see the row that starts on line 3.",
        ),
        (
            lines(HEADING, ANNA, f'"{BJÖRN}').encode(),
            {},
            "The row that starts on line 3 cannot be read as CSV: a quotation mark may be missing.",
        ),
    ],
)
def test_files_that_are_refused_whole(
    session: Session, content: bytes, options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused) as refused:
        run(session, content, skip_invalid=True, **options)
    assert refused.value.sentence == sentence
    assert refused.value.__context__ is None  # an error of decoding or parsing would quote the file


def test_nothing_personal_is_said(
    runner: Runner,
    tmp_path: Path,
    session: Session,
    london: Domain,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    personal = ["secretuser@example.org", "Secretname", "Secretdate", "Secretflag", "Secretdomain"]
    rows = [
        "secretuser@example.org,Secretname,Northwind London,True,Secretdate",
        "secretuser@example.org,Secretname,Northwind London,Secretflag,",
        "secretuser@example.org,Secretname,Secretdomain,True,",
        f"secretuser@example.org,{'Secretname' * 200},Northwind London,True,",
        "secretuser@example.org,Secretname,Northwind London,True,",
        "SECRETUSER@example.org,Secretname,Northwind London,True,",
        "secretuser@example.org,Secret\0name,Northwind London,True,",
        "secretuser@example.org,Secretname",
    ]
    file = tmp_path / "users.csv"
    file.write_text(lines(HEADING, *rows))
    result = runner.invoke(args=["users", "import", str(file)])
    said = (result.stdout + result.stderr + caplog.text).casefold()
    assert result.exit_code == 1
    assert [number for number in range(2, 10) if f"line {number}:" not in said] == [
        6
    ]  # the one row that is right
    assert not [word for word in personal if word.casefold() in said]


def test_a_user_added_at_the_same_time_is_not_named(
    session: Session, engine: Engine, london: Domain
) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite lets one transaction write at a time")
    session.commit()
    with (
        meanwhile(engine, lambda other: a_user(other, london, user_name="anna@example.org")),
        pytest.raises(Refused) as refused,
    ):
        run(session, lines(HEADING, ANNA))
    assert refused.value.sentence == "A user of the file was added by someone else in the meantime."
    assert refused.value.__context__ is None


@contextmanager
def meanwhile(engine: Engine, deed: Callable[[Session], object]) -> Iterator[None]:
    """Does something in another transaction just before the first people are inserted."""
    deeds = [deed]

    def interfere(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO person") and deeds:
            with Session(engine) as other:
                deeds.pop()(other)
                other.commit()

    event.listen(engine, "before_cursor_execute", interfere)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", interfere)


def counts(session: Session) -> dict[str, int]:
    of = {
        "accounts": Account.id,
        "people": Person.account_id,
        "events": Event.id,
        "attributes": Attribute.id,
        "domains": Domain.id,
    }
    return {name: session.scalar(select(func.count(column))) or 0 for name, column in of.items()}


def test_all_legal_rows_are_shown_exactly_as_written(app: Flask, session: Session) -> None:
    """Show the name character by character, on the page of User Management as on any other."""
    run(session, AWKWARD.read_bytes(), skip_invalid=True, create_domains=True)
    london = session.scalars(select(Domain)).one()
    give(
        session,
        a_user(session, london, "The Reader", password=PASSWORD),
        london,
        Permission.USER_MANAGEMENT,
    )
    browser = Browser(Client(app, session), htmx=False)
    browser.sign_in("the.reader")
    browser.visit("/users/")
    browser.fill(keyword="awkward")
    browser.press("Search for users")
    shown = {
        row.select_one("th .address").get_text(): row.select_one("th .written").string
        for row in browser.soup.select("tbody tr")
    }
    assert shown == {row["userPrincipalName"]: row["displayName"] for row in awkward_rows()[:LEGAL]}
