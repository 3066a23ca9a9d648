"""Setting up, as pages and commands do it: what changes, what is recorded and what is refused."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Runner
from tests.factories import ALL_OF_USERS, Office, a_role, parties_of
from webapp.access import contacts, domains, grants, roles
from webapp.errors import Gone, Invalid, Refused
from webapp.models import (
    Account,
    Contact,
    Domain,
    Event,
    Grant,
    Part,
    Permission,
    Role,
    RolePermission,
    State,
)
from webapp.permissions import permissions_of
from webapp.times import now

BILLING, MANAGING, ERASING = (
    Permission.BILLING,
    Permission.USER_MANAGEMENT,
    Permission.ERASE_DELETED_USERS,
)


def recorded(session: Session) -> list[tuple[str, int | None, int | None, int | None]]:
    """Return key, actor, subject and domain of every event."""
    events = session.scalars(select(Event).order_by(Event.at)).all()
    who = [parties_of(session, event) for event in events]
    return [
        (event.key, parties.get(Part.ACTOR), parties.get(Part.SUBJECT), event.domain_id)
        for event, parties in zip(events, who, strict=True)
    ]


def test_a_domain_is_added_once_whatever_its_capitals(session: Session, office: Office) -> None:
    rosa = office.rosa.account_id
    added = domains.add(session, " Northwind Lyon ", now(), actor_id=rosa)
    with pytest.raises(Refused, match="There is a domain of this name already"):
        domains.add(session, "NORTHWIND lyon", now(), actor_id=rosa)
    assert session.get_one(Domain, added).name == "Northwind Lyon"
    assert ("DOMAIN_ADDED", rosa, None, added) in recorded(session)


def test_whoever_adds_a_domain_sets_it_up(session: Session, office: Office) -> None:
    rosa, role = office.rosa.account_id, "Every permission"
    added = domains.add(session, "Northwind Lyon", now(), actor_id=rosa)
    domains.add(session, "Northwind Nice", now(), actor_id=None)
    assert (role, "Northwind Lyon", added) in [
        (name, domain, domain_id) for name, domain, _, domain_id in grants.of_user(session, rosa)
    ]
    assert "Northwind Nice" not in [domain for _, domain, *_ in grants.of_user(session, rosa)]
    assert ("GRANT_GIVEN", rosa, rosa, added) in recorded(session)


def test_a_role_gets_exactly_its_permissions(session: Session, office: Office) -> None:
    rosa = office.rosa.account_id
    changed = [
        roles.set_up(session, name, permissions, now(), actor_id=rosa)
        for name, permissions in (
            ("Reader", {BILLING, MANAGING}),
            (" READER", {MANAGING, BILLING}),
            ("reader", {MANAGING, ERASING}),
            ("Reader", {ERASING}),
        )
    ]
    assert changed == [True, False, True, True]
    of_readers = select(RolePermission.permission).join(Role).where(Role.name == "Reader")
    assert session.scalars(of_readers).all() == [ERASING]
    assert recorded(session) == [
        (key, rosa, None, None) for key in ("ROLE_ADDED", "ROLE_CHANGED", "ROLE_CHANGED")
    ]


@pytest.mark.parametrize("by", ["id", "name"])
def test_a_grant_is_given_and_taken_once(session: Session, office: Office, by: str) -> None:
    anna, rosa, london = office.live(office.london)[0], office.rosa.account_id, office.london
    role = a_role(session, "Reader", BILLING)
    what: tuple[int | str, int | str, int | str] = (
        (anna.account_id, role.id, london.id)
        if by == "id"
        else ("ANNA.archer ", "reader", "northwind LONDON")
    )
    given = [grants.give(session, *what, now(), actor_id=rosa) for _ in range(2)]
    assert given == [True, False]
    assert permissions_of(session, anna.account_id) == {BILLING}
    taken = [grants.take(session, *what, now(), actor_id=rosa) for _ in range(2)]
    assert taken == [True, False]
    assert permissions_of(session, anna.account_id) == frozenset()
    assert recorded(session) == [
        (key, rosa, anna.account_id, london.id) for key in ("GRANT_GIVEN", "GRANT_TAKEN")
    ]


@pytest.mark.parametrize("by", ["id", "name"])
def test_a_contact_is_named_and_removed_once(session: Session, office: Office, by: str) -> None:
    anna, rosa, london = office.live(office.london)[0], office.rosa.account_id, office.london
    what: tuple[int | str, int | str] = (
        (anna.account_id, london.id) if by == "id" else ("ANNA.archer ", "northwind LONDON")
    )
    primary = select(Contact.primary).where(Contact.account_id == anna.account_id)
    for wanted, changes in ((True, True), (True, False), (False, True), (False, False)):
        named = contacts.name(session, *what, now(), primary=wanted, actor_id=rosa)
        assert (named, session.scalars(primary).one()) == (changes, wanted)
    removed = [contacts.remove(session, *what, now(), actor_id=rosa) for _ in range(2)]
    assert (removed, session.scalars(primary).all()) == ([True, False], [])
    assert recorded(session) == [
        (key, rosa, anna.account_id, london.id)
        for key in ("CONTACT_NAMED", "CONTACT_NAMED", "CONTACT_REMOVED")
    ]


def test_taking_from_one_takes_from_nobody_else(session: Session, office: Office) -> None:
    """Priya and Owen hold the same role in London, Priya the same one in Dublin."""
    of_owen = select(Grant.role_id).where(Grant.account_id == office.owen.account_id)
    role_id = session.scalars(of_owen).one()
    priya, london, dublin = office.priya.account_id, office.london.id, office.dublin.id
    owen = office.owen.account_id
    grants.take(session, priya, role_id, london, now(), actor_id=None)
    contacts.remove(session, priya, london, now(), actor_id=None)
    held = select(Grant.account_id, Grant.domain_id).where(Grant.role_id == role_id)
    assert {tuple(row) for row in session.execute(held)} == {(priya, dublin), (owen, london)}
    named = select(Contact.account_id, Contact.domain_id).where(
        Contact.account_id.in_((priya, owen))
    )
    assert {tuple(row) for row in session.execute(named)} == {(priya, dublin), (owen, london)}


@pytest.mark.parametrize(
    ("user", "role", "domain", "sentence"),
    [
        ("nobody.here", "Reader", "Northwind London", "There is no live user of this name."),
        ("dmitri.орлов", "Reader", "Northwind London", "There is no live user of this name."),
        ("farah.حداد", "Reader", "Northwind London", "There is no live user of this name."),
        (0, "Reader", "Northwind London", "There is no live user of this name."),
        ("anna.archer", "Writer", "Northwind London", "There is no role of this name."),
        ("anna.archer", 0, "Northwind London", "There is no role of this name."),
        ("anna.archer", "Reader", "Northwind Lyon", "There is no domain of this name."),
        ("anna.archer", "Reader", 0, "There is no domain of this name."),
    ],
)
def test_what_is_not_there_is_said_and_nothing_is_recorded(
    session: Session,
    office: Office,
    user: int | str,
    role: int | str,
    domain: int | str,
    sentence: str,
) -> None:
    a_role(session, "Reader", BILLING)
    with pytest.raises(Gone, match=sentence):
        grants.give(session, user, role, domain, now(), actor_id=None)
    if "role" not in sentence:
        with pytest.raises(Gone, match=sentence):
            contacts.name(session, user, domain, now(), primary=True, actor_id=None)
    if user in ("dmitri.орлов", "farah.حداد"):  # who may lose what they held while they were live
        return
    sentence = sentence.replace("live user", "user")
    with pytest.raises(Gone, match=sentence):
        grants.take(session, user, role, domain, now(), actor_id=None)
    if "role" not in sentence:
        with pytest.raises(Gone, match=sentence):
            contacts.remove(session, user, domain, now(), actor_id=None)
    assert recorded(session) == []


def test_a_permission_is_found_in_any_capitals() -> None:
    assert roles.permission_named(" erase DELETED users") is ERASING
    with pytest.raises(Invalid, match="There is no such permission"):
        roles.permission_named("Everything")


def test_commands_say_what_they_did(runner: Runner, session: Session, office: Office) -> None:
    a_role(session, "Reader", BILLING)
    grant = ("anna.archer", "Reader", "Northwind London")
    contact = ("anna.archer", "Northwind London")
    for words, said in (
        (("revoke", *grant), "The user did not hold this role in this domain."),
        (("grant", *grant), "The user holds this role in this domain."),
        (("revoke", *grant), "The user no longer holds this role in this domain."),
        (("contact", *contact, "--remove"), "The user was not a contact of this domain."),
        (("contact", *contact), "The contact has been named."),
        (("contact", *contact, "--remove"), "The contact has been removed."),
    ):
        done = runner.invoke(args=["access", *words])
        assert (done.exit_code, done.stdout) == (0, f"{said}\n"), words


@pytest.mark.parametrize("state", State)
def test_what_a_user_in_any_state_holds_is_listed_and_taken_away(
    runner: Runner, session: Session, office: Office, state: State
) -> None:
    session.get_one(Account, office.owen.account_id).state = state
    listed = runner.invoke(args=["access", "rights", "owen.contact"])
    role = ", ".join(sorted(ALL_OF_USERS))
    assert listed.stdout == f"{role} in Northwind London\nContact of Northwind London\n"
    for words, said in (
        (("revoke", "owen.contact", role), "The user no longer holds this role in this domain.\n"),
        (("revoke", "owen.contact", role), "The user did not hold this role in this domain.\n"),
        (("contact", "--remove", "owen.contact"), "The contact has been removed.\n"),
    ):
        done = runner.invoke(args=["access", *words, "Northwind London"])
        assert (done.exit_code, done.stdout) == (0, said)
    assert runner.invoke(args=["access", "rights", "owen.contact"]).stdout == ""
    assert "no user of this name" in runner.invoke(args=["access", "rights", "nobody"]).output
