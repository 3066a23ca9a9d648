"""From an empty database to the first erasure, with the commands that docs/operations.md names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import Client, Runner
from tests.factories import Office, erased
from tests.journeys.browser import Browser
from webapp.models import AttributeValue, Contact, Event, Grant, RolePermission

USERS = (
    "userPrincipalName,displayName,mail,accountEnabled,companyName\n"
    "priya@nw.example,Priya,priya@nw.example,True,Northwind London\n"
)
DELETED = (
    "userPrincipalName,displayName,mail,accountEnabled,companyName,deletedDateTime\n"
    "farah@nw.example,Farah,,False,Northwind London,8/22/2026 11:00:00 AM\n"
)
PERMISSIONS = ("User Management", "Erase deleted users")
PASSWORD = "a long enough password"


def say(runner: Runner, *words: str) -> Any:
    return runner.invoke(args=list(words))


def test_a_console_is_set_up_on_the_command_line(
    runner: Runner, web: Client, session: Session, tmp_path: Path
) -> None:
    (tmp_path / "users.csv").write_text(USERS)
    (tmp_path / "deleted.csv").write_text(DELETED)
    for words in (
        ("domains", "add", "Northwind London"),
        ("users", "import", str(tmp_path / "users.csv")),
        ("users", "import", str(tmp_path / "deleted.csv"), "--state", "deleted"),
        (
            "access",
            "role",
            "Administrators",
            *(word for permission in PERMISSIONS for word in ("--permission", permission)),
        ),
        ("access", "grant", "priya@nw.example", "administrators", "northwind london"),
        ("access", "contact", "priya@nw.example", "Northwind London", "--primary"),
        ("access", "password", "priya@nw.example", "--password", PASSWORD),
    ):
        done = say(runner, *words)
        assert done.exit_code == 0, done.output
    browser = Browser(web, htmx=False)
    browser.sign_in("priya@nw.example", PASSWORD)
    browser.visit("/users/erase-deleted/")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    browser.press("Erase 1 user", within="#popup")
    assert "1 user has been erased." in browser.text
    assert erased(session) == 1
    recorded = session.scalars(select(Event.key).order_by(Event.at)).all()
    assert recorded == [
        "DOMAIN_ADDED",
        "IMPORT",
        "IMPORT",
        "ROLE_ADDED",
        "GRANT_GIVEN",
        "CONTACT_NAMED",
        "PASSWORD_SET",
        "ERASE",
    ]


def test_what_was_given_can_be_taken(runner: Runner, session: Session, tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text(USERS)
    say(runner, "users", "import", str(tmp_path / "users.csv"), "--create-domains")
    say(runner, "access", "role", "Reader", "--permission", "Billing")
    for word in ("grant", "revoke"):
        assert (
            say(runner, "access", word, "priya@nw.example", "Reader", "Northwind London").exit_code
            == 0
        )
    say(runner, "access", "contact", "priya@nw.example", "Northwind London")
    say(runner, "access", "contact", "priya@nw.example", "Northwind London", "--remove")
    assert session.scalars(select(Grant)).all() == []
    assert session.scalars(select(Contact)).all() == []


def test_what_was_set_up_can_be_set_up_differently(
    runner: Runner, session: Session, tmp_path: Path
) -> None:
    (tmp_path / "users.csv").write_text(USERS)
    say(runner, "users", "import", str(tmp_path / "users.csv"), "--create-domains")
    for permissions in (["Billing", "User Management"], ["User Management", "Erase deleted users"]):
        assert (
            say(
                runner,
                "access",
                "role",
                "Reader",
                *(word for permission in permissions for word in ("--permission", permission)),
            ).exit_code
            == 0
        )
        assert sorted(session.scalars(select(RolePermission.permission))) == sorted(permissions)
    for words, primary in (("--primary", True), ("--primary", True), ("--not-primary", False)):
        assert (
            say(
                runner, "access", "contact", "priya@nw.example", "Northwind London", words
            ).exit_code
            == 0
        )
        assert session.scalars(select(Contact.primary)).one() is primary
    recorded = session.scalars(select(Event.key).order_by(Event.at)).all()
    assert recorded[-4:] == ["ROLE_ADDED", "ROLE_CHANGED", "CONTACT_NAMED", "CONTACT_NAMED"]


def test_mistakes_are_answered_with_a_sentence_and_change_nothing(
    runner: Runner, session: Session
) -> None:
    say(runner, "domains", "add", "Northwind London")
    for words, sentence in (
        (("domains", "add", " NORTHWIND london"), "There is a domain of this name already."),
        (
            ("access", "role", "Reader", "--permission", "Everything"),
            "There is no such permission.",
        ),
        (
            ("access", "grant", "nobody@nw.example", "Reader", "Northwind London"),
            "There is no live user of this name.",
        ),
        (
            ("access", "password", "nobody@nw.example", "--password", "short"),
            "Use 12 characters or more.",
        ),
        (("demo", "load"), "Demo mode is off."),
    ):
        done = say(runner, *words)
        assert done.exit_code == 1
        assert sentence in done.output
    assert session.scalars(select(Event.key)).all() == ["DOMAIN_ADDED"]


def test_what_is_set_up_can_be_renamed_and_removed(runner: Runner, session: Session) -> None:
    for words, said in (
        (("domains", "add", "Northwind Lyon"), "The domain has been added."),
        (("domains", "rename", "northwind lyon", "Northwind Nice"), "The domain has been renamed."),
        (("domains", "remove", "Northwind Nice"), "The domain has been removed."),
        (("access", "role", "Reader", "--permission", "Billing"), "The role has been set up."),
        (("access", "remove-role", "reader"), "The role has been removed."),
        (("attributes", "add", "Manager", "--kind", "user"), "The attribute has been added."),
        (("attributes", "list"), "Manager: user"),
        (("attributes", "change", "manager", "Head", "text"), "The attribute has been changed."),
        (("attributes", "remove", "Head"), "The attribute has been removed."),
    ):
        done = say(runner, *words)
        assert (done.exit_code, done.stdout) == (0, f"{said}\n"), words
    texts = [(e.before, e.after) for e in session.scalars(select(Event).order_by(Event.at))]
    assert texts == [
        (None, "Northwind Lyon"),
        ("Northwind Lyon", "Northwind Nice"),
        ("Northwind Nice", None),
        (None, "Reader: Billing"),
        ("Reader: Billing", None),
        (None, "Manager (user)"),
        ("Manager (user)", "Head (text)"),
        ("Head (text)", None),
    ]


def test_what_is_in_use_stays(runner: Runner, session: Session, office: Office) -> None:
    values = session.scalar(select(func.count()).select_from(AttributeValue)) or 0
    for words, sentence in (
        (("domains", "remove", "Northwind London"), "This domain is in use: users belong to it"),
        (("access", "remove-role", "every permission"), "1 user holds this role."),
        (("attributes", "remove", "Department"), f"would go: say --values {values}."),
        (
            ("access", "revoke", "rosa.admin", "Every permission", "Northwind Leeds"),
            "There is no domain of this name.",
        ),
    ):
        done = say(runner, *words)
        assert (done.exit_code, sentence in done.output) == (1, True), done.output
    done = say(runner, "attributes", "remove", "Department", "--values", str(values))
    assert done.exit_code == 0
    done = say(runner, "access", "contact", "priya.contact", "Northwind London", "--remove")
    assert done.stdout == "The contact has been removed. Nobody can erase in this domain.\n"
