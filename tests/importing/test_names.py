"""User names that a directory has changed, and characters that nobody can see."""

from __future__ import annotations

import unicodedata

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Runner
from tests.factories import a_domain
from tests.importing.lists import CASES, lines, one, refusals, run
from webapp.models import Domain, Person, State
from webapp.models.names import UNSEEN

ID = "6f9619ff-8b86-d011-b42d-00c04fc964ff"
IN_FRONT = ID.replace("-", "")
HEADING = "userPrincipalName,id,companyName,deletedDateTime"


@pytest.fixture(autouse=True)
def london(session: Session) -> Domain:
    return a_domain(session)


def names(session: Session) -> list[str]:
    return list(session.scalars(select(Person.user_name)))


@pytest.mark.parametrize("object_id", [ID, ID.upper(), IN_FRONT, ""])
def test_a_deleted_user_gets_the_real_name_back(session: Session, object_id: str) -> None:
    row = f"{IN_FRONT}maria@nw.example,{object_id},Northwind London,2024-03-05"
    done, _ = run(session, lines(HEADING, row), state=State.DELETED)
    assert (done.had_object_id, names(session)) == (1, ["maria@nw.example"])


@pytest.mark.parametrize(
    "row",
    [
        f"{IN_FRONT}maria@nw.example,{ID[::-1]},Northwind London,2024-03-05",
        f"{IN_FRONT},{ID},Northwind London,2024-03-05",
        f"{IN_FRONT[1:]}maria@nw.example,{ID},Northwind London,2024-03-05",
    ],
    ids=["of somebody else", "nothing else", "not whole"],
)
def test_any_other_name_stays_as_it_is(session: Session, row: str) -> None:
    done, _ = run(session, lines(HEADING, row), state=State.DELETED)
    assert (done.had_object_id, names(session)) == (0, [row.split(",")[0]])


def test_a_live_user_may_be_called_like_that(session: Session) -> None:
    name = f"{IN_FRONT}maria@nw.example"
    run(session, lines("userPrincipalName,id,companyName", f"{name},{ID},Northwind London"))
    assert names(session) == [name]


def test_the_report_says_so(runner: Runner) -> None:
    case = CASES / "10-mangled-upn-deleted.csv"
    said = runner.invoke(args=["users", "import", str(case), "--state", "deleted"]).stdout
    assert said == (
        "1 user has been imported. 1 user name had the object id in front, "
        "as Entra ID writes it for deleted users: it was left out.\n"
    )


UNSEEN_ONES = [
    "\u200b",
    "\u200e",
    "\u00ad",
    "\u202e",
    "\ufeff",
    "\u00a0",
    "\x07",
    "\t",
    "\n",
    "\u3164",
    "\U000e0041",
]


@pytest.mark.parametrize("character", UNSEEN_ONES)
def test_user_names_and_addresses_hold_nothing_unseen(session: Session, character: str) -> None:
    content = lines(
        "userName,mail,displayName,companyName",
        f'"an{character}na",,,Northwind London',
        f'björn,"b{character}@example.org",,Northwind London',
        f'chloé,,"Chl{character}oé",Northwind London',
    )
    assert refusals(session, content) == {
        2: "userName holds a character that cannot be seen.",
        len(content[: content.index("björn")].splitlines()) + 1: (
            "mail holds a character that cannot be seen."
        ),
    }
    assert one(session, "chloé").Person.display_name == f"Chl{character}oé"  # kept as written


def test_every_character_without_a_shape_counts_as_unseen() -> None:
    shapeless = {"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"}
    for code in range(0x110000):
        if unicodedata.category(chr(code)) in shapeless and chr(code) != " ":
            assert UNSEEN.search(chr(code)), hex(code)


@pytest.mark.parametrize("name", ["zoë@example.org", "太郎", "Ḥusayn ibn ʿAlī", "o’brien", "नमस्ते"])
def test_names_in_every_script_are_seen(name: str) -> None:
    assert not UNSEEN.search(name)
