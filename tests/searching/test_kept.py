"""Whom a search found is kept: the list never grows, and the page says who has come since."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.factories import SINCE, Office, a_search, a_user, domains_searched, many_users
from webapp.models import Account, Found, Person, Purpose, Selection, State, Tick
from webapp.searching import selection
from webapp.times import now


@pytest.fixture
def searched(session: Session, office: Office) -> Selection:
    """Priya's search for those of London who have been deleted: four."""
    asked = {"domains": [office.london.id], "keyword": "example"}
    made = a_search(session, office.priya.account_id, Purpose.ERASE, asked)
    session.commit()
    return made


def found(session: Session, made: Selection) -> int:
    return selection.results(session, made, domains_searched(session, made), 1, 50).found


def came_since(session: Session, made: Selection) -> int:
    return selection.came_since(session, made, domains_searched(session, made))


def test_who_is_deleted_later_is_said_and_is_not_on_the_list(
    session: Session, office: Office, searched: Selection
) -> None:
    changed = update(Account).values(state=State.DELETED, since=now())
    session.execute(changed.where(Account.id == office.live(office.london)[0].account_id))
    session.execute(changed.where(Account.id == office.live(office.dublin)[0].account_id))
    assert (found(session, searched), came_since(session, searched)) == (4, 1)


def test_who_is_imported_later_as_deleted_long_ago_is_said_and_is_not_on_the_list(
    session: Session, office: Office, searched: Selection
) -> None:
    """The moment alone would not tell."""
    a_user(session, office.london, "Grow Six", state=State.DELETED, since=SINCE - timedelta(200))
    assert (found(session, searched), came_since(session, searched)) == (4, 1)


def test_who_was_restored_leaves_the_list_and_comes_back_to_it(
    session: Session, office: Office, searched: Selection
) -> None:
    one = Account.id == office.deleted(office.london)[0].account_id
    session.execute(update(Account).where(one).values(state=State.ARCHIVED, since=now()))
    assert (found(session, searched), came_since(session, searched)) == (3, 0)
    session.execute(update(Account).where(one).values(state=State.DELETED, since=now()))
    assert (found(session, searched), came_since(session, searched)) == (4, 0)


def test_a_search_that_finds_nobody_stays_empty(session: Session, office: Office) -> None:
    made = a_search(session, office.priya.account_id, Purpose.ERASE, {"keyword": "grow"})
    a_user(session, office.london, "Grow One", state=State.DELETED)
    assert (found(session, made), came_since(session, made)) == (0, 1)


def test_a_search_that_finds_too_many_to_keep_is_made_anew(
    session: Session, office: Office
) -> None:
    made = a_search(session, office.priya.account_id, Purpose.ERASE, most=6)
    assert made.found is None
    assert session.scalars(select(Found)).all() == []
    a_user(session, office.london, "Grow One", state=State.DELETED)
    assert (found(session, made), came_since(session, made)) == (8, 0)


def test_searching_again_finds_who_has_come_and_keeps_who_was_unticked(
    session: Session, office: Office, searched: Selection
) -> None:
    kept = office.deleted(office.london)[0]
    selection.save_ticks(
        session, searched, domains_searched(session, searched), {kept.reference: False}
    )
    many_users(session, office.london, 2)
    domains = domains_searched(session, searched)
    again = selection.make_again(session, searched, domains, now(), 100)
    results = selection.results(session, again, domains, 1, 50)
    assert (results.found, results.chosen) == (6, 5)
    assert session.scalars(
        select(Person.display_name).join(Tick).where(Tick.selection_id == again.id)
    ).all() == [kept.display_name]
    assert came_since(session, again) == 0
