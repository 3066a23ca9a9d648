"""Lists of users: read as they are pasted, found exactly, and what is not found is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.factories import (
    ALL_OF_USERS,
    Office,
    a_search,
    a_user,
    domains_searched,
    give,
    many_users,
)
from webapp.models import Meant, Person, Purpose, Selection, State
from webapp.searching import lists, selection
from webapp.searching.criteria import problem_with
from webapp.searching.selection import OfList

TOO_LONG = "The list has more than 10,000 entries. Use fewer."
OBJECT_ID = "9c1f2c9e-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("pasted", "read"),
    [
        ("a@x.org\nb@x.org\r\nc@x.org", ["a@x.org", "b@x.org", "c@x.org"]),
        ("a@x.org,b@x.org; c@x.org\td", ["a@x.org", "b@x.org", "c@x.org", "d"]),
        ("\n\n a@x.org ;;, ,\n", ["a@x.org"]),
        ("Archer, Anna <a@x.org>; Baker, Ben <b@x.org>;", ["a@x.org", "b@x.org"]),
        ("Anna Archer <a@x.org>, Ben <b@x.org>, c@x.org", ["a@x.org", "b@x.org", "c@x.org"]),
        ('"Archer, Anna" <a@x.org>', ["a@x.org"]),
        ('"a@x.org","b@x.org"', ["a@x.org", "b@x.org"]),
        ("mailto:a@x.org", ["a@x.org"]),
        ("\u200ba@x.org\u200b\u00a0\n\ufeffb@\u00adx.org.", ["a@x.org", "b@x.org"]),
        ("A@X.org\na@x.org", ["A@X.org"]),
        ("anna archer\nanna.archer", ["anna archer", "anna.archer"]),
        ("", []),
        (" ;,\n\t\u200b", []),
    ],
)
def test_a_list_is_read_as_it_is_pasted(pasted: str, read: list[str]) -> None:
    assert [entry.text for entry in lists.entries(pasted)] == read


@given(text=st.text(max_size=80))
def test_no_list_is_too_odd(text: str) -> None:
    for entry in lists.entries(text):
        assert entry.text
        assert all(entry.keys)
        "".join(entry.keys).encode()


@pytest.fixture
def people(session: Session, office: Office) -> dict[str, Person]:
    """Make deleted users who are called in every way, and one of each who is not to be found."""
    deleted = {
        "by name": a_user(session, office.london, "Lena Listed", state=State.DELETED),
        "by address": a_user(
            session,
            office.dublin,
            "Ludo Listed",
            user_name="ludo",
            email="L.Müller@example.org",
            state=State.DELETED,
        ),
        "shared": a_user(
            session,
            office.dublin,
            "Lou Listed",
            user_name="lou",
            email="l.müller@example.org",
            state=State.DELETED,
        ),
        "by id": a_user(
            session, office.london, "Liv Listed", external_id=OBJECT_ID, state=State.DELETED
        ),
        "out of reach": a_user(session, office.paris, "Léo Hidden", state=State.DELETED),
        "archived": a_user(session, office.london, "Lars Archived", state=State.ARCHIVED),
    }
    session.commit()
    return deleted


def search(session: Session, office: Office, text: str, **asked: object) -> Selection:
    return a_search(session, office.priya.account_id, Purpose.ERASE, {"list": text, **asked})


def found(session: Session, made: Selection) -> set[str]:
    rows = selection.results(session, made, domains_searched(session, made), 1, 200).rows
    return {row.display_name for row in rows}


def of_list(session: Session, made: Selection) -> OfList:
    listed = selection.listed(session, made, domains_searched(session, made))
    assert listed
    return listed


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("LENA.listed", {"Lena Listed"}),
        ("ludo\nlena.listed@EXAMPLE.org", {"Ludo Listed", "Lena Listed"}),
        ("l.mu\u0308ller@example.org", {"Ludo Listed", "Lou Listed"}),
        (OBJECT_ID, {"Liv Listed"}),
        ("{9C1F2C9E00004000800000000000" + "0001}", {"Liv Listed"}),
        ("9c1f2c9e000040008000000000000099lena.listed@example.org", {"Lena Listed"}),
        ("listed, lena.liste, 9c1f2c9e, Lena", set()),
    ],
)
def test_a_list_finds_exactly_whom_it_means(
    session: Session, office: Office, people: dict[str, Person], text: str, names: set[str]
) -> None:
    made = search(session, office, text)
    assert found(session, made) == names


def test_what_is_not_found_is_named_as_far_as_may_be_told(
    session: Session, office: Office, people: dict[str, Person]
) -> None:
    text = "lena.listed\nléo.hidden\nlars.archived\nnobody@example.org\npriya.contact"
    made = search(session, office, text)
    listed = of_list(session, made)
    assert listed.found == 1
    assert listed.unknown == ["léo.hidden", "nobody@example.org"]
    assert list(listed.elsewhere) == [
        ("lars.archived", State.ARCHIVED, "Northwind London"),
        ("priya.contact", State.LIVE, "Northwind London"),
    ]
    reached = {*session.scalars(select(Meant.account_id))}
    assert people["out of reach"].account_id not in reached


def test_of_a_state_that_may_not_be_searched_nothing_is_told(
    session: Session, office: Office, people: dict[str, Person]
) -> None:
    """Léo may be restored by Nadia, who may not manage users in London."""
    made = a_search(
        session,
        office.nadia.account_id,
        Purpose.RESTORE,
        {"list": "léo.hidden\nlars.archived\nlena.listed"},
    )
    listed = of_list(session, made)
    assert (listed.found, listed.elsewhere) == (1, [])
    assert listed.unknown == ["lars.archived", "lena.listed"]


def test_other_criteria_and_domains_narrow_a_list(
    session: Session, office: Office, people: dict[str, Person]
) -> None:
    made = search(session, office, "lena.listed ; ludo", domains=[office.dublin.id])
    assert found(session, made) == {"Ludo Listed"}
    listed = of_list(session, made)
    assert list(listed.elsewhere) == [("lena.listed", State.DELETED, "Northwind London")]


def test_who_may_no_longer_be_seen_is_no_longer_told_of(
    session: Session, office: Office, people: dict[str, Person]
) -> None:
    grant = give(session, office.nadia, office.london, *ALL_OF_USERS)
    made = a_search(
        session, office.nadia.account_id, Purpose.RESTORE, {"list": "lars.archived, lena.listed"}
    )
    assert of_list(session, made).found == 1
    assert len(of_list(session, made).elsewhere) == 1
    session.delete(grant)
    session.flush()
    listed = of_list(session, made)
    assert (listed.found, listed.elsewhere) == (0, [])
    assert listed.unknown == ["lars.archived", "lena.listed"]


def test_searching_again_finds_who_came_under_a_listed_name(
    session: Session, office: Office, people: dict[str, Person]
) -> None:
    made = search(session, office, "lena.listed, newcomer")
    a_user(session, office.london, "Newcomer", state=State.DELETED)
    again = selection.make_again(session, made, domains_searched(session, made), made.made_at, 100)
    assert found(session, again) == {"Lena Listed", "Newcomer"}


def test_a_list_of_more_than_can_be_kept_is_searched_anew_for_every_page(
    session: Session, office: Office, people: dict[str, Person]
) -> None:
    asked = {"list": "lena.listed, ludo"}
    made = a_search(session, office.priya.account_id, Purpose.ERASE, asked, most=1)
    assert made.found is None
    assert found(session, made) == {"Lena Listed", "Ludo Listed"}
    assert of_list(session, made).found == 2


def test_ten_thousand_are_found_and_one_more_is_refused(session: Session, office: Office) -> None:
    many_users(session, office.london, 10_000)
    keys = session.scalars(
        select(Person.email).order_by(Person.account_id.desc()).limit(lists.MOST)
    ).all()
    made = search(session, office, "\r\n".join(keys))
    assert made.found == lists.MOST
    assert of_list(session, made) == OfList(lists.MOST, [], [])
    assert session.scalar(select(func.count()).select_from(Meant)) == lists.MOST
    problem = problem_with({"list": "\n".join((*keys, "one.more"))})
    assert problem == TOO_LONG
    assert problem_with({"list": "a,\n" * lists.MOST}) == ""
    assert problem_with({"list": "a,\n" * 3 * lists.MOST}) == TOO_LONG
    assert problem_with({"list": " ;"}) == "Enter at least one address, name or id."
