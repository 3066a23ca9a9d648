"""Values that mean users: shown by name, and gone from a colleague's attributes once erased."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Client, Runner
from tests.factories import PASSWORD, a_domain, a_user, give, make_contact
from tests.importing.lists import CASES, lines, one, run
from tests.journeys.browser import Browser
from webapp.db import Base
from webapp.importing.preview import Imported
from webapp.lifecycle.erase import NAMES
from webapp.models import (
    Attribute,
    AttributeValue,
    Domain,
    Kind,
    Permission,
    Person,
    ReceiptLine,
    Reference,
    State,
)

BOSS, STAFF = CASES / "12a-manager-deleted.csv", CASES / "12b-reports-live.csv"
OF_USERS = {"attributes": ("manager", "managerEmail")}
MANAGER = {"attributes": ("manager",)}
HEADING = "userPrincipalName,displayName,mail,companyName,manager"


@pytest.fixture(autouse=True)
def london(session: Session) -> Domain:
    return a_domain(session)


def meant(session: Session) -> dict[str, str]:
    """Whom the references mean: user name of the holder, user name of who is meant."""
    asked = select(Reference.holder_id, Reference.account_id)
    names = dict(session.execute(select(Person.account_id, Person.user_name)).all())
    return {names[holder]: names[other] for holder, other in session.execute(asked)}


def values(session: Session) -> list[tuple[str, str | None]]:
    asked = select(AttributeValue.value, AttributeValue.value_key)
    return [(value, key) for value, key in session.execute(asked)]


def reader(web: Client, session: Session, london: Domain) -> Browser:
    """The page of somebody who may see and erase everybody."""
    person = a_user(session, london, "The Reader", password=PASSWORD)
    make_contact(session, person, london)
    give(session, person, london, *Permission)
    browser = Browser(web, htmx=False)
    browser.sign_in("the.reader")
    return browser


def erase_deleted(browser: Browser) -> None:
    browser.visit("/users/erase-deleted/")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    browser.press("Erase 1 user", within="#popup")


def anywhere(session: Session, word: str) -> list[str]:
    """The tables that hold this word."""
    session.commit()
    return [
        table.name
        for table in Base.metadata.sorted_tables
        if any(word in str(row).casefold() for row in session.execute(select(table)))
    ]


def of_staff(web: Client, session: Session) -> str:
    staff = one(session, "staff.one@nw.example").Person
    return str(web.get(f"/users/person/{staff.reference}").text + web.get("/reports/users").text)


@pytest.mark.parametrize("boss_first", [True, False], ids=["known", "unknown then"])
def test_nothing_of_an_erased_manager_is_left(
    web: Client, session: Session, london: Domain, boss_first: bool
) -> None:
    for case in (BOSS, STAFF) if boss_first else (STAFF, BOSS):
        options: dict[str, Any] = {"state": State.DELETED} if case == BOSS else OF_USERS
        run(session, case, **options)
    browser = reader(web, session, london)
    assert "Gone Bossington" in of_staff(web, session)
    erase_deleted(browser)
    page = of_staff(web, session)
    assert "bossington" not in page.casefold()
    assert page.count("Erased user") == 4  # two attributes, on two pages
    assert anywhere(session, "boss") == []
    assert values(session) == [("", None), ("", None)]
    kind = Reference.counted_as if boss_first else NAMES
    asked = select(ReceiptLine.number).where(ReceiptLine.kind == kind)
    assert session.scalars(asked).all() == [2]


def test_a_user_name_an_address_or_a_name_says_who_is_meant(session: Session) -> None:
    a_user_list = lines(
        HEADING,
        "anna,Anna Archer,anna@example.org,Northwind London,ANNA@example.org",
        "björn,Björn,,Northwind London,anna",
        "chloé,Chloé,,Northwind London,anna@example.org",
        "dmitri,Dmitri,,Northwind London,Anna archer",
        "eleni,Eleni,,Northwind London,Nobody",
    )
    run(session, a_user_list, **MANAGER)
    assert meant(session) == {"björn": "anna", "chloé": "anna", "dmitri": "anna"}
    kept = [value for value in values(session) if value[0]]
    assert sorted(kept) == [("ANNA@example.org", "anna@example.org"), ("Nobody", "nobody")]


def test_two_of_the_same_name_are_nobody(session: Session, london: Domain) -> None:
    a_user(session, london, "Anna Archer", user_name="anna.one")
    content = lines(
        HEADING,
        "anna.two,Anna Archer,,Northwind London,",
        "björn,Björn,,Northwind London,Anna Archer",
        "chloé,Chloé,,Northwind London,anna.one",
    )
    run(session, content, **MANAGER)
    assert meant(session) == {"chloé": "anna.one"}


def test_an_attribute_s_kind_is_seen_in_its_column(session: Session) -> None:
    content = lines(
        "userPrincipalName,companyName,Vorgesetzte,deputy,office,Line manager,second",
        "anna,Northwind London,x,björn@example.org,1st,x,",
        "björn,Northwind London,x,,x@y.z,x,",
        "chloé,Northwind London,x,eleni@example.org,3rd,x,",
    )
    names = ("Vorgesetzte", "deputy", "office", "Line manager", "second")
    run(session, content, attributes=names, kinds={"Line manager": Kind.TEXT})
    assert dict(session.execute(select(Attribute.name, Attribute.kind)).all()) == {
        "Vorgesetzte": Kind.USER,
        "deputy": Kind.USER,
        "office": Kind.TEXT,
        "Line manager": Kind.TEXT,
        "second": Kind.TEXT,
    }


def test_the_command_says_which_values_mean_users(runner: Runner, session: Session) -> None:
    command = ["users", "import", str(STAFF), "--dry-run"]
    for name in OF_USERS["attributes"]:
        command += ["--attribute", name]
    said = "Values that mean users: manager and managerEmail.\n"
    assert runner.invoke(args=command).stdout.startswith(said)
    said = "Values that mean users: managerEmail.\n"
    assert runner.invoke(args=[*command, "--kind", "manager=text"]).stdout.startswith(said)
    assert runner.invoke(args=[*command, "--kind", "manager=person"]).exit_code == 2


def test_a_second_list_changes_who_is_meant(session: Session) -> None:
    people = ("anna,Anna,,Northwind London,", "björn,Björn,,Northwind London,")
    run(session, lines(HEADING, *people, "chloé,Chloé,,Northwind London,anna"), **MANAGER)
    again = lines(HEADING, "chloé,Chloé,,Northwind London,ANNA")
    assert run(session, again, update=True, **MANAGER)[0] == Imported(0, 0, unchanged=1)
    changed = lines(HEADING, "chloé,Chloé,,Northwind London,björn")
    assert run(session, changed, update=True, **MANAGER)[0] == Imported(0, 0, updated=1)
    assert meant(session) == {"chloé": "björn"}
    emptied = lines(HEADING, "chloé,Chloé,,Northwind London,")
    assert run(session, emptied, update=True, **MANAGER)[0] == Imported(0, 0, updated=1)
    assert (meant(session), values(session)) == ({}, [])


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_means_the_same_people(
    web: Client, session: Session, london: Domain, kind: str
) -> None:
    run(session, BOSS, state=State.DELETED)
    run(session, STAFF, **OF_USERS)
    reader(web, session, london)
    before = (meant(session), values(session))
    exported = web.get(f"/reports/users?{kind}=1").body
    done, refused = run(session, exported, update=True, **OF_USERS)
    assert (done, refused) == (Imported(0, 0, unchanged=3), {})
    assert (meant(session), values(session)) == before


def test_an_export_after_an_erasure_changes_nothing(
    web: Client, session: Session, london: Domain
) -> None:
    run(session, BOSS, state=State.DELETED)
    run(session, STAFF, **OF_USERS)
    erase_deleted(reader(web, session, london))
    exported = web.get("/reports/users?csv=1").body
    assert run(session, exported, update=True, **OF_USERS)[0] == Imported(0, 0, unchanged=2)
    assert values(session) == [("", None), ("", None)]
