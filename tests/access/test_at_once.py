"""Setting up by several people at once, and while somebody acts on the right that is taken."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.orm import Session

from tests.factories import ALL_OF_USERS, Office
from tests.together import at_once, waits_for
from webapp.access import contacts, domains, grants, roles
from webapp.db import begin_writing
from webapp.errors import Refused
from webapp.models import Account, Event, Grant, Permission, State
from webapp.permissions import hold, permissions_of
from webapp.times import now

Change = Callable[[Session], object]

ROLE = ", ".join(sorted(ALL_OF_USERS))  # what Priya and Owen hold in London
ERASING = Permission.ERASE_DELETED_USERS
TAKING: dict[str, Change] = {
    "the role": lambda session: grants.take(
        session, "priya.contact", ROLE, "Northwind London", now(), actor_id=None
    ),
    "the contact": lambda session: contacts.remove(
        session, "priya.contact", "Northwind London", now(), actor_id=None
    ),
    "being a primary one": lambda session: contacts.name(
        session, "priya.contact", "Northwind London", now(), primary=False, actor_id=None
    ),
    "the permission": lambda session: roles.set_up(
        session, ROLE, set(ALL_OF_USERS) - {ERASING}, now(), actor_id=None
    ),
}
ADDING: dict[str, Change] = {
    "a domain": lambda session: domains.add(session, "Northwind Lyon", now(), actor_id=None),
    "a role": lambda session: roles.set_up(
        session, "Reader", {Permission.BILLING}, now(), actor_id=None
    ),
    "a permission": lambda session: roles.set_up(
        session, ROLE, {*ALL_OF_USERS, Permission.BILLING}, now(), actor_id=None
    ),
    "a grant": lambda session: grants.give(
        session, "anna.archer", ROLE, "Northwind London", now(), actor_id=None
    ),
    "a contact": lambda session: contacts.name(
        session, "anna.archer", "Northwind London", now(), primary=True, actor_id=None
    ),
}


def do(engine: Engine, change: Change, answers: list[object]) -> None:
    """Change something in a transaction of its own; return True, False or a sentence."""
    with Session(engine) as own:
        begin_writing(own)
        try:
            answers.append(bool(change(own)))
        except Refused as refused:
            answers.append(refused.sentence)
        own.commit()


@pytest.mark.parametrize("taking", TAKING)
def test_a_right_is_taken_when_whoever_acts_on_it_is_done(
    engine: Engine, session: Session, office: Office, taking: str
) -> None:
    priya, answers = office.priya.account_id, list[object]()
    session.commit()
    begin_writing(session)
    hold(session, priya, ERASING)
    waits_for(session, partial(do, engine, TAKING[taking], answers), answers)
    assert answers == [True]
    in_london = select(func.count()).select_from(Event).where(Event.domain_id.is_not(None))
    assert session.scalar(in_london) == (0 if taking == "the permission" else 1)
    everywhere = taking == "the permission"
    assert (ERASING in permissions_of(session, priya)) != everywhere  # she keeps it in Dublin


def test_a_role_that_is_changed_keeps_the_rows_that_stay(
    engine: Engine, session: Session, office: Office
) -> None:
    """Whoever acts on a right has locked its rows; one made anew in its place would not be."""
    if engine.dialect.name != "postgresql":
        return  # where one writes at a time, nobody changes a role while another acts
    session.commit()
    begin_writing(session)
    hold(session, office.priya.account_id, ERASING)
    with Session(engine) as own:
        begin_writing(own)
        own.execute(text("SET LOCAL lock_timeout = '5s'"))
        given = {*ALL_OF_USERS, Permission.BILLING} - {Permission.USER_MANAGEMENT}
        assert roles.set_up(own, ROLE, given, now(), actor_id=None)
        own.commit()


@pytest.mark.parametrize("adding", ADDING)
def test_what_two_add_at_once_is_added_and_recorded_once(
    engine: Engine, session: Session, office: Office, adding: str
) -> None:
    answers: list[object] = []
    session.commit()
    together = Barrier(2)

    def add() -> None:
        together.wait(30)
        do(engine, ADDING[adding], answers)

    at_once(add, add)
    taken = "There is a domain of this name already." if adding == "a domain" else False
    assert sorted(answers, key=str) == sorted([True, taken], key=str)
    assert session.scalar(select(func.count()).select_from(Event)) == 1


def test_nothing_is_given_to_somebody_who_is_being_archived(
    engine: Engine, session: Session, office: Office
) -> None:
    anna, answers = office.live(office.london)[0].account_id, list[object]()
    session.commit()
    begin_writing(session)
    session.execute(update(Account).where(Account.id == anna).values(state=State.ARCHIVED))
    waits_for(session, partial(do, engine, ADDING["a grant"], answers), answers)
    assert answers == ["There is no live user of this name."]
    assert session.scalars(select(Grant.account_id).where(Grant.account_id == anna)).all() == []
