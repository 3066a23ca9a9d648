"""What an adversary can tell of erased people who has seen the database before: nothing.

They hold the list that was once imported, the ids of a backup made before the erasure, and the
exact moment of every event. They name nobody, and join no two events of one person.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tests.factories import (
    SINCE,
    Office,
    a_search,
    domains_searched,
    give,
    make_contact,
    many_users,
)
from webapp.config import Settings
from webapp.db import Base, begin_writing
from webapp.events import Recorded, described
from webapp.lifecycle import operation
from webapp.models import Account, Event, Outcome, Part, Party, Permission, Person, Purpose, Verb
from webapp.times import now

MANY = 1000
DAYS = 30
LATER = SINCE + timedelta(hours=1)  # no account says the same moment


@dataclass(frozen=True)
class Backup:
    """What the adversary has kept: every value that is one person's alone, and every event."""

    accounts: set[int]
    words: set[str]
    events: dict[int, tuple[datetime | None, frozenset[int]]]  # moment and parties, by id

    @property
    def of_the_erased(self) -> dict[int, tuple[datetime | None, frozenset[int]]]:
        return {i: event for i, event in self.events.items() if event[1] & self.accounts}


@pytest.fixture
def backup(session: Session, office: Office) -> Backup:
    """A thousand deleted users with histories, some of whom acted; what is known before."""
    ids = many_users(session, office.london, MANY)
    histories(session, office, ids)
    session.commit()
    people = session.scalars(select(Person).where(Person.account_id.in_(ids))).all()
    keys = session.scalars(select(Account.key).where(Account.id.in_(ids))).all()
    words = {word for p in people for word in (p.user_name, p.display_name, p.email, p.reference)}
    parties: defaultdict[int, set[int]] = defaultdict(set)
    for party in session.scalars(select(Party)):
        parties[party.event_id].add(party.account_id)
    moments = {event.id: event.at for event in session.scalars(select(Event))}
    events = {i: (at, frozenset(parties[i])) for i, at in moments.items()}
    session.rollback()
    return Backup(set(ids), words | set(keys), events)


def histories(session: Session, office: Office, ids: list[int]) -> None:
    """Record three to six events of each: by Priya, by one of themselves, and by nobody present."""
    events, parties = [], []
    for place, subject in enumerate(ids):
        for step in range(3 + place % 4):
            at = LATER + timedelta(days=(place * 7 + step * 11) % DAYS, seconds=place * 61 + step)
            actor = (office.priya.account_id, ids[place // 2], None)[step % 3]
            event = described(list(Recorded)[step % 3], at, actor)
            events.append(event | {"about_user": True, "domain_id": office.london.id, "number": 1})
            who = {Part.SUBJECT: subject} | ({Part.ACTOR: actor} if actor else {})
            parties += [
                {"event_id": event["id"], "part": part, "account_id": account_id}
                for part, account_id in who.items()
            ]
    session.execute(insert(Event), events)
    session.execute(insert(Party), parties)


def erase_them(session: Session, office: Office) -> None:
    """Priya erases a thousand users whom she finds by their name."""
    begin_writing(session)
    actor = office.priya.account_id
    made = a_search(session, actor, Purpose.ERASE, {"keyword": "user number"})
    domains = domains_searched(session, made)
    frozen = operation.freeze(session, Verb.ERASE, made, domains, now(), Settings().limits)
    done = operation.perform(session, actor, frozen.id, now())
    assert (done.outcome, done.number) == (Outcome.PERFORMED, MANY)
    session.commit()


def values(session: Session) -> Iterator[tuple[str, Any]]:
    """Every value of every column that there is."""
    for table in Base.metadata.sorted_tables:
        for row in session.execute(select(table)):
            yield from ((f"{table.name}.{name}", value) for name, value in row._mapping.items())


def test_nothing_that_is_kept_names_an_erased_person_or_joins_two_of_their_events(
    session: Session, office: Office, backup: Backup
) -> None:
    erase_them(session, office)
    theirs = backup.of_the_erased
    assert len(theirs) > 3 * MANY
    accounts = {c.name for t in Base.metadata.sorted_tables for c in t.c if is_an_account(c)}
    moments = {at for at, _ in theirs.values() if at}
    kept = list(values(session))
    assert [
        place for place, value in kept if isinstance(value, str) and value in backup.words
    ] == []
    assert [
        place for place, value in kept if isinstance(value, datetime) and value in moments
    ] == []
    columns = {
        place for place, value in kept if isinstance(value, int) and value in backup.accounts
    }
    assert {place for place in columns if place.partition(".")[2] in accounts} == set()
    assert parties_left(session, theirs) <= {office.priya.account_id}


def is_an_account(column: Any) -> bool:
    referred = {key.target_fullname for key in column.foreign_keys}
    return bool({"account.id", "person.account_id"} & referred) or column.name == "newest_id"


def parties_left(session: Session, theirs: dict[int, Any]) -> set[int]:
    return set(session.scalars(select(Party.account_id).where(Party.event_id.in_(theirs))))


def test_the_events_of_one_day_look_alike(session: Session, office: Office, backup: Backup) -> None:
    """What an event of an erased person still says, events of others on that day say as well."""
    erase_them(session, office)
    events = {event.id: event for event in session.scalars(select(Event))}
    left = [events[i] for i in backup.of_the_erased]
    assert {event.at for event in left} == {None}
    alike = Counter(said(event) for event in left)
    assert min(alike.values()) > 1
    guesses = [joined(pair, alike) for pair in pairs_of_one_person(backup, events)]
    assert len(guesses) == MANY
    assert max(guesses) <= 0.5


def said(event: Event) -> tuple[Any, ...]:
    """Everything that an event says, but for its random id."""
    return tuple(
        getattr(event, c.key) for c in Event.__table__.columns if c.key not in ("id", "at")
    )


def pairs_of_one_person(backup: Backup, events: dict[int, Event]) -> Iterator[tuple[Event, Event]]:
    """Two events each in which the same erased person took part."""
    by_person: defaultdict[int, list[Event]] = defaultdict(list)
    for i, (_, parties) in backup.of_the_erased.items():
        for account_id in parties & backup.accounts:
            by_person[account_id].append(events[i])
    return ((first, second) for first, second, *_ in by_person.values())


def joined(pair: tuple[Event, Event], alike: Counter[Any]) -> float:
    """How sure one can be, from what they say, that just these two belong together."""
    return 1 / (alike[said(pair[0])] * alike[said(pair[1])])


def test_ids_tell_the_day_and_nothing_of_the_order(session: Session, office: Office) -> None:
    """Ids in the order of time would give the moment away, from the neighbours that are exact."""
    make_contact(session, office.owen, office.dublin)
    give(session, office.owen, office.dublin, Permission.BILLING)
    ids = many_users(session, office.london, 200)
    histories(session, office, ids)
    events = session.scalars(select(Event).order_by(Event.at)).all()
    by_day: defaultdict[date, list[int]] = defaultdict(list)
    for event in events:
        by_day[event.day].append(event.id)
    assert list(by_day) == sorted(by_day)
    assert all(max(a) < min(b) for a, b in pairwise(by_day.values()))
    rising = sum(a < b for day in by_day.values() for a, b in pairwise(day))
    steps = sum(len(day) - 1 for day in by_day.values())
    assert 0.4 < rising / steps < 0.6
