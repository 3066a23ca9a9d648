"""The demo is always the same, and what it tells about accounts agrees with itself."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from tests.conftest import DATABASES, WANTED, Runner
from tests.databases import PostgreSQL, Sqlite
from tests.factories import a_domain, a_user
from webapp.db import Base, db
from webapp.demo import data
from webapp.demo.chance import ANCHOR, month
from webapp.demo.people import DEMO_PEOPLE, DUBLIN, LONDON, PARIS
from webapp.errors import Refused
from webapp.events import Recorded
from webapp.identity.attempts import counters
from webapp.identity.passwords import SHORTEST_PASSWORD, check_password
from webapp.models import (
    Account,
    BilledSpan,
    By,
    Contact,
    Domain,
    ErasedSpan,
    Event,
    Part,
    Party,
    Permission,
    Person,
    Receipt,
    SignIn,
    State,
    Verb,
)
from webapp.permissions import domains_with
from webapp.states import TRANSITIONS
from webapp.times import month_of

OF_USERS = (
    Permission.USER_MANAGEMENT,
    Permission.ERASE_DELETED_USERS,
    Permission.RESTORE_DELETED_USERS,
)


@pytest.fixture(scope="module", params=[name for name in DATABASES if name in WANTED])
def server(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def demo(
    server: Sqlite | PostgreSQL, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    """Load the demo into a database that the tests only read."""
    yield from loaded(server, tmp_path_factory.mktemp("demo"))


def loaded(server: Sqlite | PostgreSQL, folder: Path) -> Iterator[Session]:
    with server.copy(folder) as url:
        engine = create_engine(url)
        with Session(engine) as session:
            data.load(session)
            session.commit()
            yield session
        engine.dispose()


def counted(session: Session, *which: Any) -> int:
    return session.scalar(select(func.count()).select_from(Account).where(*which)) or 0


def named(session: Session, user_name: str) -> Person:
    return session.scalars(select(Person).where(Person.user_name == user_name)).one()


def test_there_are_as_many_accounts_as_promised(demo: Session) -> None:
    states = Counter(demo.scalars(select(Account.state)))
    assert 8000 <= states[State.LIVE] + states[State.ARCHIVED] <= 8020
    assert states[State.DELETED] == 2000
    assert demo.scalar(select(func.sum(Receipt.number))) == 300
    assert {
        model: demo.scalar(select(func.count()).select_from(model))
        for model in (Domain, Event, SignIn)
    } == {Domain: 12, Event: 40_000, SignIn: 30_000}
    deleted = (
        select(Domain.name, func.count())
        .join(Account)
        .where(Account.state == State.DELETED)
        .group_by(Domain.name)
    )
    by_domain = dict(demo.execute(deleted).all())
    assert (by_domain[LONDON], by_domain[DUBLIN]) == (320, 150)


def test_names_are_in_many_scripts_and_some_people_have_no_address(demo: Session) -> None:
    people = demo.execute(select(Person.surname, Person.email, Person.user_name)).all()
    scripts = Counter(unicodedata.name(surname[-1]).split()[0] for surname, _, _ in people)
    assert {
        "LATIN",
        "CYRILLIC",
        "GREEK",
        "ARABIC",
        "HEBREW",
        "DEVANAGARI",
        "CJK",
        "HANGUL",
    } <= scripts.keys()
    assert 0.05 < sum(not email for _, email, _ in people) / len(people) < 0.12
    assert all(
        address.endswith(".example")
        for _, email, user_name in people
        for address in (email, user_name if "@" in user_name else "")
        if address
    )


def test_it_is_always_the_same(demo: Session, server: Sqlite | PostgreSQL, tmp_path: Path) -> None:
    for again in loaded(server, tmp_path):
        for table in Base.metadata.sorted_tables:
            # A hash is salted anew each time.
            columns = [column for column in table.c if column.name != "password_hash"]
            asked = select(*columns).order_by(*table.primary_key)
            assert demo.execute(asked).all() == again.execute(asked).all(), table.name


@pytest.mark.parametrize(
    ("user_name", "holds"),
    [
        ("priya.contact", {permission: {LONDON, DUBLIN} for permission in OF_USERS}),
        (
            "owen.contact",
            {Permission.USER_MANAGEMENT: {LONDON}, Permission.RESTORE_DELETED_USERS: {LONDON}},
        ),
        (
            "nadia.contact",
            {Permission.USER_MANAGEMENT: {PARIS}, Permission.RESTORE_DELETED_USERS: {PARIS}},
        ),
        (
            "rosa.admin",
            dict.fromkeys(set(Permission) - {Permission.ERASE_DELETED_USERS}, "everywhere"),
        ),
        (
            "max.reader",
            dict.fromkeys((Permission.MANAGEMENT_INFORMATION, Permission.BILLING), "everywhere"),
        ),
    ],
)
def test_the_demo_people_may_do_what_is_said_of_them(
    demo: Session, user_name: str, holds: dict[Permission, set[str] | str]
) -> None:
    person, everywhere = named(demo, user_name), set(demo.scalars(select(Domain.name)))
    assert {
        p: found
        for p in Permission
        if (found := {domain.name for domain in domains_with(demo, person.account_id, p)})
    } == {
        permission: everywhere if places == "everywhere" else places
        for permission, places in holds.items()
    }


def test_the_demo_people_are_contacts_where_it_is_said(demo: Session) -> None:
    asked = (
        select(Person.user_name, Domain.name, Contact.primary)
        .join(Contact, Contact.account_id == Person.account_id)
        .join(Domain)
    )
    contacts = {
        tuple(row)
        for row in demo.execute(
            asked.where(Person.user_name.in_([person.user_name for person in DEMO_PEOPLE]))
        )
    }
    priya, owen, nadia = "priya.contact", "owen.contact", "nadia.contact"
    assert contacts == {
        (priya, LONDON, True),
        (priya, DUBLIN, True),
        (owen, LONDON, False),
        (nadia, PARIS, True),
    }


def test_the_demo_people_can_sign_in(demo: Session) -> None:
    for person in DEMO_PEOPLE:
        assert len(person.password) >= SHORTEST_PASSWORD
        counted = counters("a key for tests that is long enough", person.user_name, "192.0.2.1")
        attempt = check_password(demo, person.user_name, person.password, ANCHOR, counted)
        assert attempt.account_id == named(demo, person.user_name).account_id
    demo.rollback()  # others may write again


def test_billing_agrees_with_the_accounts(demo: Session) -> None:
    states = dict(demo.execute(select(Account.id, Account.state)).all())
    spans = defaultdict(list)
    for span in demo.scalars(
        select(BilledSpan).order_by(BilledSpan.account_id, BilledSpan.first_month)
    ):
        spans[span.account_id].append(span)
    assert spans.keys() == states.keys()
    assert min(each[0].first_month for each in spans.values()) == month_of(month(0))
    for account_id, of_account in spans.items():
        assert [span.last_month is None for span in of_account] == [False] * (
            len(of_account) - 1
        ) + [states[account_id] is State.LIVE]
        for before, after in pairwise(of_account):
            assert before.last_month is not None
            assert after.first_month > (before.last_month + timedelta(days=31)).replace(day=1)


def test_activity_agrees_with_the_accounts(demo: Session) -> None:
    verbs = {
        rule.recorded.name: rule for verb, rule in TRANSITIONS.items() if verb is not Verb.ERASE
    }
    state: dict[int, State] = {}
    since: dict[int, Any] = {}
    parties: defaultdict[int, dict[Part, int]] = defaultdict(dict)
    for party in demo.scalars(select(Party)):
        parties[party.event_id][party.part] = party.account_id
    by_the_erased = set(demo.scalars(select(Event.id).where(Event.at.is_(None))))
    of_the_erased = {i for event_id in by_the_erased for i in parties[event_id].values()}
    for event in demo.scalars(select(Event).where(Event.at.is_not(None)).order_by(Event.at)):
        assert event.key in Recorded.__members__
        assert event.at
        assert event.at <= ANCHOR
        assert event.at.date() == event.day
        actor, subject = (parties[event.id].get(part) for part in Part)
        assert actor is None or actor != subject
        if subject in of_the_erased:
            continue  # the order of what was done to them is not known
        if event.key in verbs and subject:
            assert state.get(subject, State.LIVE) is verbs[event.key].before
            after = verbs[event.key].after
            assert after
            state[subject], since[subject] = after, event.at
        elif event.key == Recorded.PASSWORD_SET.name and subject:
            assert state.get(subject, State.LIVE) is State.LIVE
    for account in demo.scalars(select(Account).where(Account.id.not_in(of_the_erased))):
        assert account.state is state.get(account.id, State.LIVE)
        assert account.since == since.get(account.id, account.created_at)
    imported = select(func.sum(Event.number)).where(Event.key == Recorded.IMPORT.name)
    assert demo.scalar(imported) == counted(demo) + 300


def test_sign_ins_are_of_people_who_were_live(demo: Session) -> None:
    late = (
        select(SignIn.id)
        .join(Account, Account.id == SignIn.account_id)
        .where(Account.state != State.LIVE, SignIn.at > Account.since)
    )
    assert demo.scalars(late).all() == []


def test_erased_accounts_are_anonymous_and_have_receipts(demo: Session) -> None:
    assert counted(demo) == demo.scalar(select(func.count()).select_from(Person))
    assert (demo.scalar(select(func.sum(ErasedSpan.number))) or 0) >= 300
    alone_and_together = set(demo.scalars(select(Receipt.number)))
    assert len(alone_and_together) > 1
    assert demo.scalar(
        select(func.sum(Event.number)).where(
            Event.key == Recorded.ERASE.name, Event.receipt_id.is_not(None)
        )
    ) == demo.scalar(select(func.sum(Receipt.number)))
    for part, had_one in (
        (Part.ACTOR, Event.done_by == By.PERSON),
        (Part.SUBJECT, Event.about_user),
    ):
        there = select(Party.event_id).where(Party.part == part)
        gone = select(Event.id).where(had_one, Event.id.not_in(there))
        assert demo.scalars(gone).all()  # the page reads "Erased user"
        assert demo.scalars(gone.where(Event.at.is_not(None))).all() == []


def test_whoever_erased_may_erase(demo: Session) -> None:
    """Look whether the actor of each receipt holds the permission in its domain."""
    for actor_id, domain_id in demo.execute(
        select(Party.account_id, Event.domain_id)
        .join_from(Party, Event)
        .where(Event.key == Recorded.ERASE.name, Party.part == Part.ACTOR)
        .distinct()
    ):
        assert actor_id
        assert domain_id in {
            domain.id for domain in domains_with(demo, actor_id, Permission.ERASE_DELETED_USERS)
        }


def test_a_database_in_use_is_left_alone(session: Session) -> None:
    a_user(session, a_domain(session))
    with pytest.raises(Refused):
        data.load(session)
    assert counted(session) == 1


def test_the_command_needs_demo_mode(runner: Runner, session: Session) -> None:
    result = runner.invoke(args=["demo", "load"])
    assert (result.exit_code, result.stderr) == (
        1,
        "Error: Demo mode is off. Set CONSOLE_DEMO=1 to load the demo data.\n",
    )
    assert counted(session) == 0


def test_the_command_loads_once(anew: Callable[..., Flask], database_url: str) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("demo mode is for the embedded database")
    app = anew(demo=True, database_url="")
    first, second = (app.test_cli_runner().invoke(args=["demo", "load"]) for _ in range(2))
    assert (first.exit_code, first.stdout) == (0, "The demo data has been loaded.\n")
    assert (second.exit_code, second.stdout) == (
        0,
        "The database holds data already. The demo data was not loaded; nothing has changed.\n",
    )
    with app.app_context():
        assert counted(db.session, Account.state == State.DELETED) == 2000


def test_the_demo_answers_only_to_the_machine_that_it_runs_on(
    anew: Callable[..., Flask], database_url: str
) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("demo mode is for the embedded database")
    browser = anew(demo=True, database_url="").test_client()
    for address, status in (("127.0.0.1", 200), ("::1", 200), ("192.0.2.1", 403), ("", 403)):
        answer = browser.get("/sign-in", environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == status
        assert (b"priya.contact" in answer.data) == (status == 200)
    for name in ("X-Forwarded-For", "Forwarded"):
        assert browser.get("/sign-in", headers={name: "192.0.2.1"}).status_code == 403
