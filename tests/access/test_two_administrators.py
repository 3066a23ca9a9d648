"""Two administrators at once: one of them stays, whatever they take from each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.access.test_at_once import Change, do
from tests.factories import Office, a_role, a_user
from tests.together import at_once, waits_for
from webapp.access import administrators, contacts, domains, grants, roles
from webapp.db import begin_writing
from webapp.models import Contact, Domain, Grant, Permission, Person
from webapp.times import now

GIVING = Permission.GIVE_ROLES
SETTING_UP = (GIVING, Permission.SET_UP_ROLES)


@pytest.fixture
def two(session: Session, office: Office) -> tuple[Person, Person]:
    """Make Ann and Bob the only administrators, each by a role of their own."""
    ann, bob = (a_user(session, office.london, name) for name in ("Ann Admin", "Bob Admin"))
    for person in (ann, bob):
        role = a_role(session, f"Of {person.display_name}", *SETTING_UP)
        for domain in (office.london, office.dublin):
            session.add(Grant(account_id=person.account_id, domain_id=domain.id, role_id=role.id))
    session.flush()
    for domain in (office.london, office.dublin, office.paris):
        grants.take(session, "rosa.admin", "Every permission", domain.id, now(), actor_id=None)
    session.commit()
    return ann, bob


def take_everywhere(other: Person, office: Office, actor: Person) -> Change:
    who, role, actor_id = other.account_id, f"Of {other.display_name}", actor.account_id
    places = (office.london.id, office.dublin.id)
    return lambda session: all(
        grants.take(session, who, role, place, now(), actor_id=actor_id) for place in places
    )


def empty_the_role(other: Person, _office: Office, actor: Person) -> Change:
    role, actor_id = f"Of {other.display_name}", actor.account_id
    return lambda session: roles.change(session, role, None, (), now(), actor_id=actor_id)


@pytest.mark.parametrize("way", [take_everywhere, empty_the_role])
def test_of_two_who_take_each_other_s_access_one_stays(
    engine: Engine,
    session: Session,
    office: Office,
    two: tuple[Person, Person],
    way: Callable[[Person, Office, Person], Change],
) -> None:
    ann, bob = two
    answers: list[object] = []
    changes = [way(bob, office, ann), way(ann, office, bob)]
    session.rollback()
    together = Barrier(2)

    def run(change: Change) -> None:
        together.wait(30)
        do(engine, change, answers)

    at_once(*(partial(run, change) for change in changes))
    refused = "You do not hold the permission “Give roles” there, or not any more."
    if way is empty_the_role:
        refused = refused.replace("Give roles", "Set up roles")
    assert sorted(answers, key=str) == [True, refused]
    assert administrators.any_there(session)


def test_who_loses_the_right_while_they_wait_does_nothing(
    engine: Engine, session: Session, office: Office, two: tuple[Person, Person]
) -> None:
    ann, bob = two
    answers: list[object] = []
    session.commit()
    begin_writing(session)
    take_everywhere(bob, office, ann)(session)
    london, actor_id = office.london.id, bob.account_id

    def give_anna(own: Session) -> bool:
        return grants.give(own, "anna.archer", "Of Bob Admin", london, now(), actor_id=actor_id)

    waits_for(session, partial(do, engine, give_anna, answers), answers)
    assert answers == ["You do not hold the permission “Give roles” there, or not any more."]


def test_a_domain_that_is_being_removed_takes_nothing_in(
    engine: Engine, session: Session, office: Office
) -> None:
    answers: list[object] = []
    empty = domains.add(session, "Northwind Lyon", now(), actor_id=office.rosa.account_id)
    session.commit()
    begin_writing(session)
    domains.remove(session, empty, now(), actor_id=office.rosa.account_id)

    def name(own: Session) -> bool:
        where = "Northwind Lyon"
        return contacts.name(own, "anna.archer", where, now(), primary=True, actor_id=None)

    waits_for(session, partial(do, engine, name, answers), answers)
    assert answers == ["There is no domain of this name."]
    assert session.get(Domain, empty) is None


def test_a_domain_that_is_being_used_is_not_removed(
    engine: Engine, session: Session, office: Office
) -> None:
    answers: list[object] = []
    rosa = office.rosa.account_id
    empty = domains.add(session, "Northwind Lyon", now(), actor_id=rosa)
    session.commit()
    begin_writing(session)
    contacts.name(session, "anna.archer", empty, now(), primary=True, actor_id=rosa)

    def remove(own: Session) -> bool:
        domains.remove(own, empty, now(), actor_id=rosa)
        return True

    waits_for(session, partial(do, engine, remove, answers), answers)
    assert answers == ["This domain is in use: contacts are named for it."]


def test_of_two_who_remove_the_last_two_primary_contacts_one_is_warned(
    engine: Engine, session: Session, office: Office
) -> None:
    """Priya and Owen can both erase in London."""
    owen, london = office.owen.account_id, office.london.id
    session.get_one(Contact, (owen, london)).primary = True
    answers: list[object] = []
    session.commit()
    begin_writing(session)
    assert not contacts.leaves_nobody(session, "priya.contact", office.london.id)
    contacts.remove(session, "priya.contact", office.london.id, now(), actor_id=None)
    waits_for(
        session,
        partial(
            do, engine, lambda own: contacts.leaves_nobody(own, owen, office.london.id), answers
        ),
        answers,
    )
    assert answers == [True]
