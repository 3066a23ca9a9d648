"""The records of the demo, made from its lives: Administrator activity, erasures, sign-ins."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from webapp.demo.cast import Member, managers
from webapp.demo.chance import ANCHOR, dice, working_time
from webapp.demo.domains import DOMAINS
from webapp.demo.lives import ERASED, IMPORTS, Life
from webapp.demo.people import ROLES
from webapp.events import Recorded
from webapp.models import Part, Verb
from webapp.states import TRANSITIONS

EVENTS = 40_000
SIGN_INS = 30_000
HOUR = timedelta(hours=1)

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Happened:
    """One event, told by lives. Without an actor it was done on the command line."""

    what: Recorded
    at: datetime
    place: int | None
    actor: Life | None = None
    subject: Life | None = None
    number: int = 1
    receipt_id: int | None = None
    after: str | None = None  # what changed, of the subject where there is one

    @property
    def parties(self) -> dict[Part, Life]:
        both = {Part.ACTOR: self.actor, Part.SUBJECT: self.subject}
        return {part: life for part, life in both.items() if life}


@dataclass(frozen=True)
class Erasure:
    """The users of one domain who were erased together."""

    at: datetime
    domain: int
    number: int


def erasures(lives: list[Life]) -> list[Erasure]:
    """In the order of time."""
    together = Counter((life.since, life.domain) for life in lives if life.state is ERASED)
    return [Erasure(at, domain, number) for (at, domain), number in sorted(together.items())]


def events(members: list[Member], lives: list[Life]) -> list[Happened]:
    """Tell everything but the erasures, which have receipts."""
    chance, everyone = dice("events"), [member.life for member in members] + lives
    teams = [_Team.of(place, members, lives) for place in range(len(DOMAINS))]
    rows = [*_setting_up(members), *_imports(everyone)]
    rows += [
        Happened(
            TRANSITIONS[verb].recorded,
            at,
            life.domain,
            teams[life.domain].actor(chance, at, life),
            life,
        )
        for life in lives
        for at, verb in life.steps
        if verb is not Verb.ERASE
    ]
    for _ in range(EVENTS - len(rows) - len(erasures(lives))):
        life, at = _while_live(chance, lives)
        actor = teams[life.domain].actor(chance, at, life)
        rows.append(Happened(Recorded.PASSWORD_SET, at, life.domain, actor, life))
    return rows


def sign_ins(members: list[Member], lives: list[Life]) -> Rows:
    """Make sign-ins, in the order of time, of people who are not erased, while they were live."""
    chance, people = (
        dice("sign-ins"),
        [member.life for member in members] + [life for life in lives if life.state is not ERASED],
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
            if life.domain == place and life.state is ERASED and life.imported_at == IMPORTS[0]
        )
        return cls(managers(members, place), max(erased, key=lambda life: life.steps[0][0]))

    def actor(self, chance: random.Random, at: datetime, subject: Life) -> Life:
        there = self.former is not subject and IMPORTS[0] + HOUR < at < self.former.steps[0][0]
        return chance.choice([*self.managers, self.former] if there else self.managers)


def _setting_up(members: list[Member]) -> Iterator[Happened]:
    """What was done on the command line at the beginning."""
    before, after = IMPORTS[0] - HOUR, IMPORTS[0] + HOUR
    for place in range(len(DOMAINS)):
        yield Happened(Recorded.DOMAIN_ADDED, before, place, after=DOMAINS[place].name)
    for name, permissions in ROLES.items():
        said = f"{name}: {', '.join(permissions)}"
        yield Happened(Recorded.ROLE_ADDED, before, None, after=said)
    for member in members:
        contact = "Primary contact" if member.primary else "Contact"
        for what, said, places in (
            (Recorded.GRANT_GIVEN, member.role, member.domains),
            (Recorded.CONTACT_NAMED, contact, member.contact_of),
        ):
            for place in places:
                yield Happened(what, after, place, subject=member.life, after=said)


def _imports(everyone: list[Life]) -> Iterator[Happened]:
    numbers = Counter((life.imported_at, life.domain) for life in everyone)
    for (at, place), number in numbers.items():
        yield Happened(Recorded.IMPORT, at, place, number=number)


def _while_live(chance: random.Random, lives: list[Life]) -> tuple[Life, datetime]:
    """Choose somebody, and a moment when they were live."""
    life = chance.choice(lives)
    start, end = chance.choice(list(life.live_times()))
    return life, working_time(chance, start, end or ANCHOR)
