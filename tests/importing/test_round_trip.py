"""What is exported can be imported again, and changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office, a_user, give_attribute
from tests.importing.lists import run
from webapp.importing.preview import Imported
from webapp.models import Account, Attribute, AttributeValue, Event, Person, State
from webapp.models.names import UNSEEN

AWKWARD = Path(__file__).with_name("awkward-users-export.csv")
KINDS = ("csv", "xlsx")
EXECUTED = "=+-@\t\r\n ;,'\"＝_x0041_"

texts = st.text(
    st.one_of(
        st.sampled_from(EXECUTED), st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    ),
    max_size=12,
)
seen = texts.filter(lambda text: text.strip() and not UNSEEN.search(text))
people = st.lists(st.tuples(seen, texts, seen | st.just(""), texts), min_size=1, max_size=5)


def rows(session: Session) -> list[list[str]]:
    """What is known of everybody: people, their accounts and their attributes."""
    session.commit()
    tables = (Person.__table__, Account.__table__, AttributeValue.__table__, Event.__table__)
    return [sorted(map(str, session.execute(select(table)).all())) for table in tables]


def again(web: Client, session: Session, kind: str) -> Imported:
    """Export everybody and import that."""
    exported = web.get(f"/reports/users?{kind}=1").body
    names = tuple(session.scalars(select(Attribute.name)))
    done, refused = run(session, exported, update=True, attributes=names)
    assert refused == {}
    return done


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_changes_nothing(
    web: Client, session: Session, office: Office, kind: str
) -> None:
    run(
        session, AWKWARD.read_bytes(), skip_invalid=True, attributes=("department", "jobTitle")
    )  # into the domain that is there
    for name in ("Name", "E-mail", "=1+1", "State"):  # attributes called like columns
        give_attribute(session, office.live(office.london)[0], name, "-1+1")
    before = rows(session)
    web.sign_in("max.reader")
    done = again(web, session, kind)
    assert done == Imported(0, 0, unchanged=len(before[0]))
    assert rows(session) == before


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(made=people)
def test_whatever_people_are_called(
    web: Client, session: Session, office: Office, kind: str, made: list[tuple[str, ...]]
) -> None:
    states = list(State)
    for number, (user_name, name, email, note) in enumerate(made):
        session.rollback()
        there = session.scalar(select(Person.account_id).order_by(Person.account_id.desc()))
        person = a_user(
            session,
            office.paris,
            "x",
            user_name=f"{user_name}{there}",
            email=email or "-",
            state=states[number % len(states)],
        )
        person.display_name = name
        if note:
            give_attribute(session, person, "Note", note)
        session.commit()
    before = rows(session)
    web.reset()
    web.sign_in("max.reader")
    assert again(web, session, kind) == Imported(0, 0, unchanged=len(before[0]))
    assert rows(session) == before
