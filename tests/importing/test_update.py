"""A second list adds, updates, archives and reactivates exactly what was previewed, or nothing."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from tests.conftest import Runner
from tests.factories import a_domain, a_user, many_users
from tests.importing.lists import NOW, lines, one, refusals, run
from webapp.errors import Refused
from webapp.importing.preview import Imported, Preview, added, changes, previewed
from webapp.importing.users import Options
from webapp.importing.writing import write
from webapp.models import (
    Account,
    AttributeValue,
    BilledSpan,
    Domain,
    Event,
    Person,
    SignInSession,
    State,
)
from webapp.times import month_of

HEADING = "userPrincipalName,displayName,mail,companyName,accountEnabled,department"
DEPARTMENT = {"attributes": ("department",)}
ANNA = "anna@example.org,Anna Archer,anna@example.org,Northwind London,True,Sales"
BJÖRN = "björn@example.org,Björn Åkesson,björn@example.org,Northwind London,False,Finance"
CHLOÉ = "chloé@example.org,Chloé Œuvrard,,Northwind London,True,"


@pytest.fixture
def london(session: Session) -> Domain:
    return a_domain(session)


@pytest.fixture
def first(session: Session, london: Domain) -> None:
    """Anna is live, Björn archived, Chloé live."""
    assert run(session, lines(HEADING, ANNA, BJÖRN, CHLOÉ), **DEPARTMENT)[0].users == 3


@contextmanager
def reviewing(session: Session, content: str, **options: Any) -> Iterator[Preview]:
    session.commit()
    file, wanted = io.BytesIO(content.encode()), Options(update=True, **DEPARTMENT | options)
    with previewed(session.get_bind().engine, file, NOW, wanted, lambda *_: None) as preview:
        yield preview
    session.expire_all()


def values(session: Session, user_name: str) -> list[str]:
    person = one(session, user_name).Person
    asked = select(AttributeValue.value).where(AttributeValue.account_id == person.account_id)
    return list(session.scalars(asked))


def everything(session: Session) -> list[str]:
    session.commit()
    tables = [m.__table__ for m in (Person, Account, AttributeValue, BilledSpan, Event, Domain)]
    return [str(row) for table in tables for row in session.execute(select(table)).all()]


@pytest.mark.usefixtures("first")
def test_importing_twice_changes_nothing(session: Session) -> None:
    before = everything(session)
    done, _ = run(session, lines(HEADING, ANNA, BJÖRN, CHLOÉ), update=True, **DEPARTMENT)
    assert done == Imported(0, 0, unchanged=3)
    assert everything(session) == before


@pytest.mark.usefixtures("first")
def test_the_four_groups_and_every_change(session: Session) -> None:
    content = lines(
        HEADING,
        "anna@example.org,Anna Baker,anna@example.org,Northwind London,True,Legal",
        "björn@example.org,Björn Åkesson,,Northwind London,True,",
        "dmitri@example.org,Dmitri,,Northwind London,True,Sales",
    )
    with reviewing(session, content, archive_missing=True) as preview:
        before = everything(session)
        assert preview.counts == Imported(1, 0, updated=2, archived=1, reactivated=1)
        assert list(added(preview.staged)) == ["dmitri@example.org"]
        assert [tuple(change) for change in changes(preview.staged)] == [
            ("anna@example.org", "attribute_0", "Sales", "Legal"),
            ("anna@example.org", "display_name", "Anna Archer", "Anna Baker"),
            ("björn@example.org", "attribute_0", "Finance", ""),
            ("björn@example.org", "email", "björn@example.org", ""),
            ("björn@example.org", "state", "archived", "live"),
            ("chloé@example.org", "state", "live", "archived"),
        ]
        assert everything(session) == before
        session.commit()
        write(preview)
    anna, björn = one(session, "anna@example.org"), one(session, "björn@example.org")
    assert (anna.Person.display_name, values(session, "anna@example.org")) == (
        "Anna Baker",
        ["Legal"],
    )
    assert "anna baker" in anna.Person.search_text
    assert (björn.Person.email, values(session, "björn@example.org")) == ("", [])
    assert "björn@example.org" not in björn.Person.search_text.splitlines()[1:-1]
    assert (björn.Account.state, björn.Account.since) == (State.LIVE, NOW)
    assert one(session, "chloé@example.org").Account.state == State.ARCHIVED
    recorded = select(Event.key, Event.number).where(Event.at == NOW)
    assert sorted(map(tuple, session.execute(recorded))) == [
        ("ARCHIVE", 1),
        ("ATTRIBUTE_ADDED", 1),
        ("IMPORT", 1),
        ("IMPORT", 3),
        ("REACTIVATE", 1),
        ("UPDATE", 2),
    ]


def test_what_the_list_does_not_have_stays(session: Session, first: None) -> None:
    content = lines(
        "userPrincipalName,givenName,companyName", "ANNA@example.org,Anna,Northwind London"
    )
    assert run(session, content, update=True)[0] == Imported(0, 0, updated=1)
    person, account = one(session, "ANNA@example.org")
    assert (person.display_name, person.email, person.given_name) == (
        "Anna Archer",
        "anna@example.org",
        "Anna",
    )
    assert "anna archer" in person.search_text
    assert account.state == State.LIVE
    björn = "userPrincipalName,companyName", "björn@example.org,Northwind London"
    assert run(session, lines(*björn), update=True)[0] == Imported(0, 0, unchanged=1)


def test_billing_and_sessions_follow(session: Session, first: None) -> None:
    anna, björn = (
        one(session, name).Account.id for name in ("anna@example.org", "björn@example.org")
    )
    moments = {"opened_at": NOW, "password_at": NOW, "expires_at": NOW}
    where = {"reference": "0" * 16, "browser": "Firefox", "address": "192.0.2.1"}
    session.add(SignInSession(token_hash="0" * 64, account_id=anna, **where, **moments))
    content = lines(HEADING, ANNA.replace("True", "False"), BJÖRN.replace("False", "True"))
    run(session, content, update=True)
    spans = {span.account_id: span.last_month for span in session.scalars(select(BilledSpan))}
    assert (spans[anna], spans[björn]) == (month_of(NOW), None)
    assert session.scalars(select(SignInSession)).all() == []


def test_a_user_moves_to_another_domain(session: Session, first: None) -> None:
    moved = ANNA.replace("London", "Oslo")
    assert refusals(session, lines(HEADING, moved), update=True) == {
        2: "There is no domain of the name given. "
        "Add it with `flask domains add`, or use --create-domains."
    }
    done, _ = run(session, lines(HEADING, moved), update=True, create_domains=True)
    assert done == Imported(0, 0, updated=1)
    anna = one(session, "anna@example.org").Account
    oslo = session.scalars(select(Domain.id).where(Domain.name == "Northwind Oslo")).one()
    assert anna.domain_id == oslo
    asked = select(BilledSpan.domain_id, BilledSpan.last_month).where(
        BilledSpan.account_id == anna.id
    )
    assert dict(session.execute(asked).all())[oslo] is None
    assert sorted(dict(session.execute(asked).all()).values(), key=str) == [month_of(NOW), None]


def test_only_domains_of_the_list_lose_who_is_missing(session: Session, first: None) -> None:
    dublin = a_domain(session, "Northwind Dublin")
    a_user(session, dublin, "Rosa Admin")
    done, _ = run(session, lines(HEADING, ANNA), update=True, archive_missing=True, **DEPARTMENT)
    assert (done.archived, done.unchanged) == (1, 1)
    assert one(session, "rosa.admin").Account.state == State.LIVE


def test_an_empty_list_archives_nobody(session: Session, first: None) -> None:
    assert run(session, lines(HEADING), update=True, archive_missing=True)[0] == Imported(0, 0)


def test_a_refused_row_does_not_make_its_user_missing(session: Session, first: None) -> None:
    with pytest.raises(Refused) as refused:
        run(session, lines(HEADING), update=True, archive_missing=True, skip_invalid=True)
    assert "--skip-invalid" in refused.value.next_step


@pytest.mark.parametrize("options", [{}, {"update": True}], ids=["import", "update"])
def test_deleted_users_are_left_alone(
    session: Session, london: Domain, options: dict[str, Any]
) -> None:
    a_user(session, london, user_name="anna@example.org", state=State.DELETED)
    assert "deleted user" in refusals(session, lines(HEADING, ANNA), **options)[2]


def test_nobody_is_deleted_by_a_list(session: Session, first: None) -> None:
    content = lines(
        "userPrincipalName,companyName,deletedDateTime",
        "anna@example.org,Northwind London,2024-01-02",
    )
    assert refusals(session, content, update=True, state=State.DELETED) == {
        2: "The user is not deleted here: delete them in User Management first."
    }


def test_deleted_users_are_corrected_by_a_list_of_deleted_users(
    session: Session, london: Domain
) -> None:
    heading = "userPrincipalName,displayName,companyName,deletedDateTime"
    for name in ("Anna", "Anna Archer"):
        content = lines(heading, f"anna@example.org,{name},Northwind London,2024-01-02")
        done, _ = run(session, content, update=True, state=State.DELETED)
    assert done == Imported(0, 0, updated=1)
    assert one(session, "anna@example.org").Account.state == State.DELETED


def renamed(session: Session) -> None:
    session.execute(update(Person).values(display_name="Somebody"))


def deleted(session: Session) -> None:
    session.execute(update(Account).values(state=State.DELETED))


def noted(session: Session) -> None:
    session.execute(update(AttributeValue).values(value="Nothing"))


def came(session: Session) -> None:
    a_user(session, session.scalars(select(Domain)).one(), user_name="DMITRI@example.org")


@pytest.mark.parametrize("deed", [renamed, deleted, noted, came])
@pytest.mark.usefixtures("first")
def test_whatever_changes_after_the_preview_refuses_the_whole_list(
    session: Session, engine: Engine, deed: Callable[[Session], None]
) -> None:
    content = lines(
        HEADING,
        ANNA.replace("Archer", "Baker").replace("Sales", "Legal"),
        "dmitri@example.org,Dmitri,,Northwind London,True,Sales",
    )
    with reviewing(session, content) as preview:
        with Session(engine) as other:
            deed(other)
            other.commit()
        before = everything(session)
        with pytest.raises(Refused) as refused:
            write(preview)
        assert refused.value.__context__ is None
    assert everything(session) == before


def test_who_came_after_the_preview_is_not_archived(
    session: Session, engine: Engine, first: None
) -> None:
    with reviewing(session, lines(HEADING, ANNA), archive_missing=True) as preview:
        with Session(engine) as other:
            a_user(other, other.scalars(select(Domain)).one(), "Late Comer")
            other.commit()
        write(preview)
    assert one(session, "late.comer").Account.state == State.LIVE
    assert one(session, "chloé@example.org").Account.state == State.ARCHIVED


def test_the_command_shows_every_change(
    runner: Runner, session: Session, first: None, tmp_path: Path
) -> None:
    path = tmp_path / "users.csv"
    path.write_text(
        lines(HEADING, ANNA.replace("Archer", "Ba\x1b[2Jker"), BJÖRN, "dmitri,,,Northwind London,,")
    )
    command = ["users", "import", str(path), "--update", "--archive-missing"]
    shown = (
        'Add "dmitri"\n'
        'Change "anna@example.org": display name from "Anna Archer" to "Anna Ba\\u001b[2Jker"\n'
        'Change "chloé@example.org": state from "live" to "archived"\n'
    )
    assert runner.invoke(args=[*command, "--dry-run"]).stdout == shown + (
        "Dry run: 1 user would be imported. 1 user would be updated. 1 user would be archived. "
        "No user would be reactivated. 1 user as in the list already. Nothing has been changed.\n"
    )
    assert runner.invoke(args=command).stdout == shown + (
        "1 user has been imported. 1 user has been updated. 1 user has been archived. "
        "No user has been reactivated. 1 user as in the list already.\n"
    )
    assert (
        runner.invoke(args=command).stdout == "Nothing to change. 3 users as in the list already.\n"
    )


def test_many_users_change_in_few_statements(
    session: Session,
    london: Domain,
    statements: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    many_users(session, london, 1500, State.LIVE)
    rows = [f"user.{n:06},Renamed {n},Northwind London,False" for n in range(1, 1501)]
    content = lines("userPrincipalName,displayName,companyName,accountEnabled", *rows)
    with statements() as said:
        done, _ = run(session, content, update=True)
    assert done == Imported(0, 0, updated=1500, archived=1500)
    assert len(said) < 60
