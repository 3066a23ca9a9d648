"""There is always an administrator, and nobody takes access of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office, a_role, a_user, give, make_contact
from tests.journeys.browser import Browser
from webapp.access import administrators, attributes, contacts, domains, grants, roles
from webapp.errors import NotAllowed, Refused
from webapp.models import Account, Domain, Grant, Kind, Permission, Person, Role, State
from webapp.permissions import domain_ids_of, held_by, permissions_of
from webapp.times import now

EVERYTHING = "Every permission"  # the role of Rosa, in every domain
GIVING = Permission.GIVE_ROLES


@pytest.fixture
def ann(session: Session, office: Office) -> Person:
    """Make a second administrator, of London."""
    ann = a_user(session, office.london, "Ann Admin")
    give(session, ann, office.london, *Permission)
    session.commit()
    return ann


@pytest.fixture
def sol(session: Session, office: Office) -> Person:
    """Make somebody who gives roles, names contacts and sets up domains in Dublin only."""
    sol = a_user(session, office.dublin, "Sol Local")
    local = (GIVING, Permission.NAME_CONTACTS, Permission.SET_UP_DOMAINS)
    give(session, sol, office.dublin, *local)
    session.commit()
    return sol


def test_nobody_takes_their_own_role(session: Session, office: Office, ann: Person) -> None:
    rosa, paris = office.rosa.account_id, office.paris.id
    with pytest.raises(Refused, match="Nobody can take their own access"):
        grants.take(session, rosa, EVERYTHING, paris, now(), actor_id=rosa)


@pytest.mark.parametrize("lost", [GIVING, Permission.BILLING])
def test_nobody_takes_their_own_access_by_changing_a_role(
    session: Session, office: Office, ann: Person, lost: Permission
) -> None:
    rosa = office.rosa.account_id
    with pytest.raises(Refused, match="Nobody can take their own access"):
        roles.change(session, EVERYTHING, None, set(Permission) - {lost}, now(), actor_id=rosa)


def test_who_holds_it_by_two_roles_may_change_one(session: Session, office: Office) -> None:
    for domain in (office.london, office.dublin, office.paris):
        give(session, office.rosa, domain, GIVING)
    rosa = office.rosa.account_id
    assert roles.change(session, EVERYTHING, None, set(Permission) - {GIVING}, now(), actor_id=rosa)
    assert GIVING in permissions_of(session, rosa)


TAKING_FROM_ROSA: dict[str, Callable[[Session, Office], object]] = {
    "the role in every domain": lambda session, office: [
        grants.take(session, "rosa.admin", EVERYTHING, domain.id, now(), actor_id=None)
        for domain in (office.london, office.dublin, office.paris)
    ],
    "the permission": lambda session, _office: roles.set_up(
        session, EVERYTHING, set(Permission) - {GIVING}, now(), actor_id=None
    ),
}


@pytest.mark.parametrize("taking", TAKING_FROM_ROSA)
def test_the_last_administrator_stays_also_on_the_command_line(
    session: Session, office: Office, taking: str
) -> None:
    with pytest.raises(Refused, match="Then nobody could give roles any more"):
        TAKING_FROM_ROSA[taking](session, office)


@pytest.mark.parametrize("taking", TAKING_FROM_ROSA)
def test_who_is_not_the_last_one_need_not_stay(
    session: Session, office: Office, taking: str
) -> None:
    ann = a_user(session, office.london, "Ann Admin")
    give(session, ann, office.london, GIVING)
    TAKING_FROM_ROSA[taking](session, office)
    assert GIVING not in permissions_of(session, office.rosa.account_id)


@pytest.mark.parametrize("others", [False, True], ids=["the last one", "one of two"])
def test_the_last_administrator_is_not_archived(
    web: Client, session: Session, office: Office, others: bool
) -> None:
    """Rosa belongs to Dublin, where Priya archives."""
    if others:
        give(session, a_user(session, office.london, "Ann Admin"), office.london, GIVING)
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    browser.visit(f"/users/person/{office.rosa.reference}")
    browser.press("Archive", within="main")
    browser.press("Archive 1 user", within="#popup")
    session.expire_all()
    state = session.get_one(Account, office.rosa.account_id).state
    assert (browser.status, state) == ((200, State.ARCHIVED) if others else (409, State.LIVE))
    assert ("Then nobody could give roles any more." in browser.text) != others


def test_where_there_is_no_administrator_nothing_is_in_the_way(
    session: Session, office: Office
) -> None:
    session.execute(delete(Grant).where(Grant.account_id == office.rosa.account_id))
    assert not administrators.any_there(session)
    role = session.scalars(
        select(Role.name).join(Grant).where(Grant.account_id == office.owen.account_id)
    ).one()
    assert grants.take(session, "owen.contact", role, office.london.id, now(), actor_id=None)


def test_a_right_counts_in_its_domain_only(session: Session, office: Office, sol: Person) -> None:
    role, anna = a_role(session, "Reader", Permission.BILLING), office.live(office.london)[0]
    here, elsewhere = office.dublin.id, office.london.id
    who = {"actor_id": sol.account_id}
    assert grants.give(session, anna.account_id, role.id, here, now(), **who)
    assert grants.take(session, anna.account_id, role.id, here, now(), **who)
    assert contacts.name(session, anna.account_id, here, now(), primary=False, **who)
    assert contacts.remove(session, anna.account_id, here, now(), **who)
    assert domains.rename(session, here, "Northwind Cork", now(), **who)
    refused: list[Callable[[], object]] = [
        lambda: grants.give(session, anna.account_id, role.id, elsewhere, now(), **who),
        lambda: grants.take(session, office.owen.account_id, role.id, elsewhere, now(), **who),
        lambda: contacts.name(session, anna.account_id, elsewhere, now(), primary=True, **who),
        lambda: contacts.remove(session, office.owen.account_id, elsewhere, now(), **who),
        lambda: domains.rename(session, elsewhere, "Northwind Cardiff", now(), **who),
        lambda: domains.remove(session, elsewhere, now(), **who),
        lambda: roles.add(session, "Anything", set(Permission), now(), **who),
        lambda: roles.change(session, role.id, None, set(Permission), now(), **who),
        lambda: roles.remove(session, role.id, now(), **who),
        lambda: attributes.add(session, "Rank", Kind.TEXT, now(), **who),
    ]
    for each in refused:
        with pytest.raises(NotAllowed, match="You do not hold the permission"):
            each()


def test_what_reaches_beyond_a_domain_is_handed_on_by_those_who_hold_it(
    session: Session, office: Office, sol: Person
) -> None:
    with pytest.raises(NotAllowed, match="“Set up attributes” and “Set up roles”"):
        grants.give(
            session, "sol.local", EVERYTHING, office.dublin.id, now(), actor_id=sol.account_id
        )
    rosa = office.rosa.account_id
    assert grants.give(session, "sol.local", EVERYTHING, office.dublin.id, now(), actor_id=rosa)


def test_a_role_that_somebody_holds_stays(session: Session, office: Office) -> None:
    rosa, free = office.rosa.account_id, a_role(session, "Free", Permission.BILLING)
    held = session.scalars(
        select(Grant.role_id).where(Grant.account_id == office.owen.account_id)
    ).one()
    with pytest.raises(Refused, match="2 users hold this role"):
        roles.remove(session, held, now(), actor_id=rosa)
    roles.remove(session, free.id, now(), actor_id=rosa)
    assert session.scalars(select(Role.name).where(Role.name == "Free")).all() == []


def test_a_domain_in_use_stays_and_it_is_said_why(session: Session, office: Office) -> None:
    rosa = office.rosa.account_id
    assert domains.uses(session, office.london.id, rosa) == [
        "users belong to it",
        "contacts are named for it",
        "billing counts users in it",
        "others hold roles in it",
    ]
    with pytest.raises(Refused, match="users belong to it, contacts are named for it"):
        domains.remove(session, office.london.id, now(), actor_id=rosa)
    empty = domains.add(session, "Northwind Lyon", now(), actor_id=rosa)
    make_contact(session, office.owen, session.get_one(Domain, empty))
    assert domains.uses(session, empty, rosa) == ["contacts are named for it"]
    contacts.remove(session, "owen.contact", empty, now(), actor_id=rosa)
    domains.remove(session, empty, now(), actor_id=rosa)
    assert session.get(Domain, empty) is None
    assert (empty, GIVING) not in held_by(session, rosa)


def test_the_domain_in_which_the_last_administrator_is_one_stays(session: Session) -> None:
    only = domains.add(session, "Only", now(), actor_id=None)
    elsewhere = domains.add(session, "Elsewhere", now(), actor_id=None)
    rosa = a_user(session, session.get_one(Domain, elsewhere), "Rosa Admin")
    give(session, rosa, session.get_one(Domain, only), *Permission)
    assert domain_ids_of(session, rosa.account_id, GIVING) == [only]
    with pytest.raises(Refused, match="Then nobody could give roles any more"):
        domains.remove(session, only, now(), actor_id=rosa.account_id)
