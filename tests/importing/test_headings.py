"""Know the headings of other systems, let any column be named, and say what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.conftest import Runner
from tests.factories import a_domain
from tests.importing.lists import lines, one, refusals, run
from webapp.errors import Refused
from webapp.importing.preview import Imported
from webapp.models import Domain, State

HERE = {"domain": "Northwind London"}
WANTED = {
    "user_name": "anna@example.org",
    "display_name": "Anna Archer",
    "given_name": "Anna",
    "surname": "Archer",
    "email": "anna@mail.example.org",
    "phone": "1",
    "mobile_phone": "2",
    "external_id": "77",
}
NAMES, ADDRESSES = "Anna Archer,Anna,Archer", "anna@example.org,anna@mail.example.org"


@pytest.fixture(autouse=True)
def london(session: Session) -> Domain:
    return a_domain(session)


@pytest.mark.parametrize(
    ("heading", "row", "missing"),
    [
        (
            "userPrincipalName,mail,displayName,givenName,surname,id,businessPhones,mobilePhone",
            f"{ADDRESSES},{NAMES},77,1,2",
            (),
        ),
        (
            "userPrincipalName,mail,displayName,givenName,surname,objectId,telephoneNumber,mobile",
            f"{ADDRESSES},{NAMES},77,1,2",
            (),
        ),
        (
            "User principal name,Display name,First name,Last name,Object Id,Phone number,"
            "Mobile Phone",
            f"anna@example.org,{NAMES},77,1,2",
            ("email",),
        ),
        (
            "First Name [Required],Last Name [Required],Email Address [Required],Work Phone,"
            "Mobile Phone,Status [READ ONLY]",
            "Anna,Archer,anna@example.org,1,2,Active",
            ("email", "external_id"),
        ),
        (
            "id,login,email,firstName,lastName,primaryPhone,mobilePhone,status",
            f"77,{ADDRESSES},Anna,Archer,1,2,ACTIVE",
            (),
        ),
        (
            "id,username,email,firstName,lastName,enabled,createdTimestamp",
            f"77,{ADDRESSES},Anna,Archer,true,1709618828000",
            ("phone", "mobile_phone"),
        ),
        (
            'externalId,userName,"emails[type eq ""work""].value",name.givenName,name.familyName,'
            "displayName,active",
            f"77,{ADDRESSES},Anna,Archer,Anna Archer,true",
            ("phone", "mobile_phone"),
        ),
    ],
    ids=["Graph", "older Entra ID", "Microsoft 365", "Google", "Okta", "Keycloak", "SCIM"],
)
def test_lists_of_other_systems(
    session: Session, heading: str, row: str, missing: tuple[str, ...]
) -> None:
    assert run(session, lines(heading, row), **HERE)[0] == Imported(1, 0)
    person, account = one(session, "anna@example.org")
    read = {name: getattr(person, name) for name in WANTED if name not in missing}
    assert read == {name: value for name, value in WANTED.items() if name not in missing}
    assert account.state == State.LIVE


@pytest.mark.parametrize(
    ("column", "word"),
    [
        ("accountEnabled", "FALSE"),
        ("Block credential", "True"),
        ("Status [READ ONLY]", "Suspended"),
        ("status", "DEPROVISIONED"),
        ("active", "false"),
    ],
)
def test_who_is_archived(session: Session, column: str, word: str) -> None:
    run(session, lines(f"userName,{column}", f"anna,{word}"), **HERE)
    assert one(session, "anna").Account.state == State.ARCHIVED


@pytest.mark.parametrize(
    ("word", "language"),
    [
        ("WAHR", "German"),
        ("Falsch", "German"),
        ("VRAI", "French"),
        ("FAUX", "French"),
        ("VERDADERO", "Spanish"),
        ("FALSO", "Spanish, Italian or Portuguese"),
        ("VERO", "Italian"),
        ("VERDADEIRO", "Portuguese"),
        ("ONWAAR", "Dutch"),
        ("ja", "German"),
        ("oui", "French"),
        ("sí", "Spanish"),
    ],
)
def test_words_of_other_languages_are_refused(session: Session, word: str, language: str) -> None:
    assert refusals(session, lines("userName,accountEnabled", f"anna,{word}"), **HERE) == {
        2: f"accountEnabled is a word of {language}: only True and False are accepted."
    }


@pytest.mark.parametrize("word", ["1", "0", "yes", "no", "perhaps"])
def test_other_words_are_refused_too(session: Session, word: str) -> None:
    assert refusals(session, lines("userName,enabled", f"anna,{word}"), **HERE) == {
        2: "enabled is neither True nor False: only these are accepted."
    }


def test_any_column_can_be_named_by_hand(runner: Runner, session: Session, tmp_path: Path) -> None:
    content = lines("Anmeldename;Firma;Vorname", "anna;Northwind London;Anna")
    columns = {"user_name": "anmeldename", "domain": "Firma", "given_name": "Vorname"}
    assert run(session, content, columns=columns)[0] == Imported(1, 0)
    assert one(session, "anna").Person.given_name == "Anna"


def test_a_column_named_by_hand_counts_more_than_a_known_one(session: Session) -> None:
    content = lines("userPrincipalName,Login,companyName", "old,anna,Northwind London")
    run(session, content, columns={"user_name": "Login"})
    assert one(session, "anna").Person.user_name == "anna"


@pytest.mark.parametrize(
    ("content", "options", "step"),
    [
        (
            lines("displayName,mail", "Anna,a@example.org"),
            {},
            "Its columns are displayName, mail. "
            'Perhaps it is called something else: --column user_name="…" says what.',
        ),
        (
            lines("Anna Archer,anna@example.org,enabled,mail"),
            {},
            "Its first line must name the columns: perhaps the headings are missing, "
            "or are in another language. Name a column by hand with --column.",
        ),
        (
            lines("userName,country", "anna,FR"),
            {},
            "Its columns are userName, country. Older lists have none. Say with --domain-column "
            "which column names the domain, for instance --domain-column department, "
            "or with --domain that all are of one.",
        ),
        (
            lines("userName,companyName", "anna,Northwind London"),
            {"state": State.DELETED},
            "Its columns are userName, companyName. "
            "Perhaps this is a list of users that are not deleted: leave --state out.",
        ),
        (
            lines("userName,companyName", "anna,Northwind London"),
            {"columns": {"email": "E-Mail"}},
            "Its columns are userName, companyName. Name one of them.",
        ),
    ],
)
def test_what_is_missing_and_what_helps(
    session: Session, content: str, options: dict[str, object], step: str
) -> None:
    with pytest.raises(Refused) as refused:
        run(session, content, **options)
    assert refused.value.next_step == step


def test_columns_are_named_on_the_command_line(
    runner: Runner, session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "users.csv"
    path.write_text(lines("Login,Company", "anna,Northwind London"))
    command = ["users", "import", str(path), "--domain-column", "Company"]
    done = runner.invoke(args=[*command, "--column", "user_name=Login"])
    assert done.stdout == "1 user has been imported.\n"
    for wrong in ("user_name", "login=Login", "user_name="):
        done = runner.invoke(args=[*command, "--column", wrong])
        assert (done.exit_code, "write FIELD=COLUMN" in done.stderr) == (2, True)
