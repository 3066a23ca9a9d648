"""The same at once and half-way, on pages; and nothing is half-done in any table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, MetaData, func, select, text
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import ALL_OF_USERS, Office, erased, give, make_contact, many_users
from tests.journeys.browser import Browser
from tests.together import at_once
from webapp.models import Account, Event, Operation, Outcome, Person, Receipt, State

NOT_PERFORMED = "User operation not performed"


@pytest.fixture
def visitor(app: Flask, engine: Engine) -> Iterator[Callable[[str], Browser]]:
    """Sign people in, each with a browser and a session that no other thread uses."""
    sessions: list[Session] = []

    def sign_in(name: str) -> Browser:
        sessions.append(Session(engine))
        browser = Browser(Client(app, sessions[-1]), htmx=False)
        browser.sign_in(name)
        return browser

    yield sign_in
    for session in sessions:
        session.close()


def at_the_pop_up(browser: Browser, path: str, button: str, keyword: str = "") -> None:
    """Search, choose everyone found, and look at the pop-up."""
    browser.visit(path)
    browser.fill(keyword=keyword)
    browser.press("Search for", within="#search")
    browser.press(button, within="#results")
    assert browser.soup.select("#popup")


def confirm_at_once(*browsers: Browser) -> None:
    together = Barrier(len(browsers))

    def press(browser: Browser) -> None:
        together.wait(30)
        browser.press(
            str(browser.soup.select_one("#popup .actions button").get_text(strip=True)),
            within="#popup",
        )

    at_once(*(partial(press, browser) for browser in browsers))


def states(session: Session) -> dict[State, int]:
    session.commit()
    return dict(session.execute(select(Account.state, func.count()).group_by(Account.state)).all())


def number_of(session: Session, model: Any) -> int:
    session.commit()
    return session.scalar(select(func.count()).select_from(model)) or 0


def a_second_priya(session: Session, office: Office) -> None:
    """Let Owen do in London and Dublin what Priya may."""
    session.execute(text("UPDATE contact SET is_primary = true"))
    make_contact(session, office.owen, office.dublin)
    give(session, office.owen, office.dublin, *ALL_OF_USERS)
    session.commit()


def test_one_person_confirms_in_two_windows_at_once_and_reads_the_same_in_both(
    session: Session, office: Office, visitor: Callable[[str], Browser]
) -> None:
    one, other = visitor("priya.contact"), visitor("priya.contact")
    at_the_pop_up(one, "/users/erase-deleted/", "Erase")
    other.visit(f"/operations/{session.scalars(select(Operation.id)).one()}")
    confirm_at_once(one, other)
    assert [window.status for window in (one, other)] == [200, 200]
    assert all("7 users have been erased." in window.text for window in (one, other))
    assert erased(session) == 7
    assert (number_of(session, Receipt), number_of(session, Event)) == (1, 2)  # one event a domain


@pytest.mark.parametrize("repeated", range(3))
def test_of_two_people_with_overlapping_lists_one_is_done_and_the_other_reads_why_not(
    session: Session, office: Office, visitor: Callable[[str], Browser], repeated: int
) -> None:
    many_users(session, office.dublin, 1 + 100 * repeated, State.DELETED)
    a_second_priya(session, office)
    hers, his = visitor("priya.contact"), visitor("owen.contact")
    at_the_pop_up(hers, "/users/erase-deleted/", "Erase", "farah")
    at_the_pop_up(his, "/users/restore-deleted/", "Restore", "h")
    in_common = session.scalars(
        select(Person.account_id).where(Person.display_name.startswith("Farah"))
    ).one()
    confirm_at_once(hers, his)
    refused = [browser for browser in (hers, his) if NOT_PERFORMED in browser.text]
    assert len(refused) == 1
    assert refused[0].status == 409
    assert "1 of" in refused[0].text
    session.commit()
    assert sorted(session.scalars(select(Operation.outcome))) == [
        Outcome.PERFORMED,
        Outcome.REFUSED,
    ]
    after = session.scalar(select(Account.state).where(Account.id == in_common))
    assert after is (None if refused == [his] else State.ARCHIVED)
    restored = sorted(
        session.scalars(
            select(Account.state)
            .join(Person)
            .where(Person.display_name.in_(["Hana 田中", "Niamh Ní Bhriain"]))
        )
    )
    assert restored == [State.DELETED if refused == [his] else State.ARCHIVED] * 2


def test_four_confirm_different_lists_at_once_and_all_are_done(
    session: Session, office: Office, visitor: Callable[[str], Browser]
) -> None:
    """See that who shares nobody refuses nobody, and that nobody is shown a deadlock or lock."""
    a_second_priya(session, office)
    names = ("farah", "grzegorz", "hana", "niamh")
    browsers = [
        visitor("priya.contact" if number % 2 else "owen.contact") for number, _ in enumerate(names)
    ]
    for browser, name in zip(browsers, names, strict=True):
        at_the_pop_up(browser, "/users/restore-deleted/", "Restore", name)
    before = states(session)
    confirm_at_once(*browsers)
    assert ["1 user has been restored." in browser.text for browser in browsers] == [True] * 4
    after = states(session)
    assert (
        after[State.ARCHIVED] - before[State.ARCHIVED]
        == before[State.DELETED] - after[State.DELETED]
        == 4
    )


def test_four_erase_different_lists_at_once_and_all_are_done(
    session: Session, office: Office, visitor: Callable[[str], Browser]
) -> None:
    """Let them meet: each erasure forgets everyone's search words."""
    a_second_priya(session, office)
    names = ("farah", "grzegorz", "hana", "niamh")
    browsers = [
        visitor("priya.contact" if number % 2 else "owen.contact") for number, _ in enumerate(names)
    ]
    for browser, name in zip(browsers, names, strict=True):
        at_the_pop_up(browser, "/users/erase-deleted/", "Erase", name)
    confirm_at_once(*browsers)
    assert ["1 user has been erased." in browser.text for browser in browsers] == [True] * 4
    assert erased(session) == number_of(session, Receipt) == 4


def test_who_is_archived_while_they_confirm_either_finishes_or_does_nothing(
    session: Session, office: Office, visitor: Callable[[str], Browser]
) -> None:
    a_second_priya(session, office)
    priya, owen = visitor("priya.contact"), visitor("owen.contact")
    at_the_pop_up(priya, "/users/erase-deleted/", "Erase")
    owen.visit(f"/users/person/{office.priya.reference}")
    owen.press("Archive", within="main")
    confirm_at_once(priya, owen)
    assert "1 user has been archived." in owen.text
    assert erased(session) in (0, 7)
    assert erased(session) == 7 * number_of(session, Receipt)


def dump(engine: Engine) -> dict[str, list[str]]:
    """Return every row of every table that the database has, also of those without a model."""
    found = MetaData()
    found.reflect(engine)
    with engine.connect() as connection:
        return {
            table.name: sorted(map(str, connection.execute(select(table))))
            for table in found.sorted_tables
        }


@pytest.mark.parametrize(
    "refers_to", ["person (account_id)", "selection (id)", "sign_in_session (token_hash)"]
)
def test_a_table_that_nobody_thought_of_refuses_the_whole_erasure_and_every_row_stays_as_it_was(
    engine: Engine,
    session: Session,
    office: Office,
    visitor: Callable[[str], Browser],
    refers_to: str,
) -> None:
    by_account = "account_id" in refers_to
    kind = "INTEGER" if by_account else "VARCHAR(64)"
    browser = visitor("priya.contact")
    last = office.deleted(office.dublin)[-1].account_id
    selection = text(
        "INSERT INTO selection (id, account_id, purpose, choices, sort_order,"
        " all_ticked, is_current, made_at) VALUES ('forgotten', :id, 'manage', '{}', '-since',"
        " true, false, '2099-05-20 00:00:00+00:00')"
    )
    session.execute(selection, {"id": last})
    signed_in = text(
        "INSERT INTO sign_in_session (token_hash, reference, account_id, opened_at, browser,"
        " address, password_at, expires_at) VALUES ('forgotten', 'x', :id,"
        " '2025-05-20 00:00:00+00:00', '', '', '2025-05-20 00:00:00+00:00',"
        " '2099-05-20 00:00:00+00:00')"
    )
    session.execute(signed_in, {"id": last})
    session.execute(text(f"CREATE TABLE forgotten (what {kind} REFERENCES {refers_to})"))
    session.execute(
        text("INSERT INTO forgotten VALUES (:what)"), {"what": last if by_account else "forgotten"}
    )
    session.commit()
    at_the_pop_up(browser, "/users/erase-deleted/", "Erase")
    before = dump(engine)
    browser.press("Erase 7 users", within="#popup")
    assert browser.status == 500
    assert "The fault is ours. If you have just pressed a button" in browser.text
    assert dump(engine) == before
    session.execute(text("DROP TABLE forgotten"))
    session.commit()
    browser.visit(f"/operations/{session.scalars(select(Operation.id)).one()}")
    browser.press("Erase 7 users", within="#popup")
    assert "7 users have been erased." in browser.text
