"""What happened to each account of the demo, from its import to the demo's present.

All its other records are made from this.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from webapp.demo.chance import ANCHOR, MONTHS, dice, month, working_time
from webapp.demo.domains import DOMAINS
from webapp.models import State, Verb
from webapp.states import TRANSITIONS
from webapp.times import month_of

ARCHIVE, REACTIVATE, DELETE = Verb.ARCHIVE, Verb.REACTIVATE, Verb.DELETE
RESTORE, ERASE = Verb.RESTORE, Verb.ERASE
IMPORTS = tuple(month(number) + timedelta(days=2, hours=9) for number in range(MONTHS))

ERASED = None  # the state of those whose account is gone
PATHS: dict[State | None, tuple[tuple[Verb, ...], ...]] = {  # equally likely
    State.LIVE: (
        (),
        (),
        (),
        (),
        (),
        (ARCHIVE, REACTIVATE),
        (ARCHIVE, REACTIVATE, ARCHIVE, REACTIVATE),
        (ARCHIVE, DELETE, RESTORE, REACTIVATE),
    ),
    State.ARCHIVED: (
        (ARCHIVE,),
        (ARCHIVE,),
        (ARCHIVE, REACTIVATE, ARCHIVE),
        (ARCHIVE, DELETE, RESTORE),
    ),
    State.DELETED: (
        (ARCHIVE, DELETE),
        (ARCHIVE, DELETE),
        (ARCHIVE, REACTIVATE, ARCHIVE, DELETE),
        (ARCHIVE, DELETE, RESTORE, DELETE),
    ),
    ERASED: ((ARCHIVE, DELETE),),
}


@dataclass
class Life:
    """One account: the place of its domain in DOMAINS, its first dates, and what was done to it.

    `created_at` is when the directory first saw it, `imported_at` when the platform did.
    """

    domain: int
    created_at: datetime
    imported_at: datetime
    steps: list[tuple[datetime, Verb]] = field(default_factory=list)
    account_id: int = 0  # once the database has given one; an erased one has none

    @property
    def state(self) -> State | None:
        return TRANSITIONS[self.steps[-1][1]].after if self.steps else State.LIVE

    @property
    def since(self) -> datetime:
        return self.steps[-1][0] if self.steps else self.created_at

    def live_times(self) -> Iterator[tuple[datetime, datetime | None]]:
        """Yield from when to when it was live on the platform; no end where it still is."""
        start: datetime | None = self.imported_at
        for at, verb in self.steps:
            if verb is ARCHIVE and start:
                yield start, at
                start = None
            elif verb is REACTIVATE:
                start = at
        if start:
            yield start, None

    def billed_months(self) -> list[tuple[date, date | None]]:
        """Return its live times as months, as models/billing.py wants them.

        Those that share a month or touch are joined.
        """
        spans: list[tuple[date, date | None]] = []
        for start, end in self.live_times():
            first, last = month_of(start), month_of(end) if end else None
            if spans and spans[-1][1] and first <= _following(spans[-1][1]):
                first = spans.pop()[0]
            spans.append((first, last))
        return spans


def _following(of: date) -> date:
    return (of + timedelta(days=31)).replace(day=1)


def all_lives() -> list[Life]:
    """Make everybody but the demo people, in the order in which they were imported."""
    chance = dice("lives")
    lives = [
        _life(chance, place, state)
        for place, domain in enumerate(DOMAINS)
        for state, number in (
            (State.LIVE, domain.present * 4 // 5),
            (State.ARCHIVED, domain.present - domain.present * 4 // 5),
            (State.DELETED, domain.deleted),
            (ERASED, domain.erased),
        )
        for _ in range(number)
    ]
    return sorted(lives, key=lambda life: life.imported_at)


def long_life(domain: int) -> Life:
    """Make the life of somebody who was there from the beginning."""
    return Life(domain, IMPORTS[0] - timedelta(days=400), IMPORTS[0])


def _life(chance: random.Random, domain: int, state: State | None) -> Life:
    end = month(MONTHS - 2) if state is ERASED else ANCHOR
    imported_at = (
        IMPORTS[0]
        if chance.random() < 0.6
        else chance.choice([at for at in IMPORTS if at < end - timedelta(days=20)])
    )
    known_before = timedelta(days=1500 if imported_at == IMPORTS[0] else 25)
    life = Life(domain, working_time(chance, imported_at - known_before, imported_at), imported_at)
    path = chance.choice(PATHS[state])
    moments = sorted(working_time(chance, imported_at, end) for _ in path)
    life.steps = list(zip(moments, path, strict=True))
    if state is ERASED:
        life.steps.append((_erasure_after(life.since), ERASE))
    return life


def _erasure_after(deleted_at: datetime) -> datetime:
    """Return when a deleted user is erased: on one day of the next month, with others."""
    return next(
        day
        for day in (at.replace(day=12, hour=10) for at in IMPORTS)
        if day > deleted_at + timedelta(days=7)
    )
