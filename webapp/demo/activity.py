"""The records of the demo, made from its lives: Administrator activity, erasures, sign-ins."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from webapp.demo.cast import Member, managers
from webapp.demo.chance import ANCHOR, dice, working_time
from webapp.demo.domains import DOMAINS
from webapp.demo.lives import IMPORTS, Life
from webapp.demo.people import ROLES
from webapp.events import Recorded
from webapp.models import State, Verb
from webapp.states import TRANSITIONS

EVENTS = 40_000
SIGN_INS = 30_000
HOUR = timedelta(hours=1)

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Erasure:
    """The users of one domain who were erased together."""

    at: datetime
    domain: int
    number: int


def erasures(lives: list[Life]) -> list[Erasure]:
    """List the erasures in the order of time."""
    together = Counter((life.since, life.domain) for life in lives if life.state is State.ERASED)
    return [Erasure(at, domain, number) for (at, domain), number in sorted(together.items())]


def events(members: list[Member], lives: list[Life], domain_ids: list[int]) -> Rows:
    """Make every event but the erasures, which have receipts."""
    chance, everyone = dice("events"), [member.life for member in members] + lives
    teams = [_Team.of(place, members, lives) for place in range(len(DOMAINS))]
    rows = [*_setting_up(members, domain_ids), *_imports(everyone, domain_ids)]
    rows += [
        _event(
            TRANSITIONS[verb].recorded,
            at,
            life.domain,
            domain_ids,
            actor_id=teams[life.domain].actor(chance, at, life),
            subject_id=life.account_id,
        )
        for life in lives
        for at, verb in life.steps
        if verb is not Verb.ERASE
    ]
    for _ in range(EVENTS - len(rows) - len(erasures(lives))):
        life, at = _while_live(chance, lives)
        actor_id = teams[life.domain].actor(chance, at, life)
        rows.append(
            _event(
                Recorded.PASSWORD_SET,
                at,
                life.domain,
                domain_ids,
                actor_id=actor_id,
                subject_id=life.account_id,
            )
        )
    return rows


def sign_ins(members: list[Member], lives: list[Life]) -> Rows:
    """Make sign-ins, in the order of time, of people who are not erased, while they were live."""
    chance, people = (
        dice("sign-ins"),
        [member.life for member in members]
        + [life for life in lives if life.state is not State.ERASED],
    )
    times = [_while_live(chance, people) for _ in range(SIGN_INS)]
    return sorted(
        ({"account_id": life.account_id, "at": at} for life, at in times), key=lambda row: row["at"]
    )


@dataclass(frozen=True)
class _Team:
    """The people who act in a domain: its managers, and one who has been erased since."""

    managers: list[Life]
    former: Life

    @classmethod
    def of(cls, place: int, members: list[Member], lives: list[Life]) -> _Team:
        erased = (
            life
            for life in lives
            if life.domain == place
            and life.state is State.ERASED
            and life.imported_at == IMPORTS[0]
        )
        return cls(managers(members, place), max(erased, key=lambda life: life.steps[0][0]))

    def actor(self, chance: random.Random, at: datetime, subject: Life) -> int:
        there = self.former is not subject and IMPORTS[0] + HOUR < at < self.former.steps[0][0]
        return chance.choice([*self.managers, self.former] if there else self.managers).account_id


def _setting_up(members: list[Member], domain_ids: list[int]) -> Rows:
    """Make the events of what was set up on the command line."""
    before, after = IMPORTS[0] - HOUR, IMPORTS[0] + HOUR
    rows = [
        _event(Recorded.DOMAIN_ADDED, before, place, domain_ids) for place in range(len(DOMAINS))
    ]
    rows += [_event(Recorded.ROLE_ADDED, before, None, domain_ids) for _ in ROLES]
    for member in members:
        for what, places in (
            (Recorded.GRANT_GIVEN, member.domains),
            (Recorded.CONTACT_NAMED, member.contact_of),
        ):
            rows += [
                _event(what, after, place, domain_ids, subject_id=member.life.account_id)
                for place in places
            ]
    return rows


def _imports(everyone: list[Life], domain_ids: list[int]) -> Rows:
    numbers: defaultdict[tuple[datetime, int], int] = defaultdict(int)
    for life in everyone:
        numbers[life.imported_at, life.domain] += 1
    return [
        _event(Recorded.IMPORT, at, place, domain_ids, number=number)
        for (at, place), number in numbers.items()
    ]


def _while_live(chance: random.Random, lives: list[Life]) -> tuple[Life, datetime]:
    """Choose somebody, and a moment when they were live."""
    life = chance.choice(lives)
    start, end = chance.choice(list(life.live_times()))
    return life, working_time(chance, start, end or ANCHOR)


def _event(
    what: Recorded,
    at: datetime,
    place: int | None,
    domain_ids: list[int],
    *,
    actor_id: int | None = None,
    subject_id: int | None = None,
    number: int = 1,
) -> dict[str, Any]:
    domain_id = None if place is None else domain_ids[place]
    return {
        "at": at,
        "key": what.name,
        "actor_id": actor_id,
        "subject_id": subject_id,
        "domain_id": domain_id,
        "receipt_id": None,
        "number": number,
    }
