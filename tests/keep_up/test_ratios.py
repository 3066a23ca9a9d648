"""What meets its goal at a million users costs less than twice the goal at 50,000. Ratios to a floor of the same moment, no times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

import pytest
from sqlalchemy.orm import Session

from tests.benchmarks import erasing, reading
from tests.benchmarks.pairs import Measured
from tests.keep_up.conftest import SIZE, World

TWICE = 2.0


def searches(world: World, session: Session) -> Iterator[Measured]:
    yield from reading.searches(world.visitor, session, world.bare, SIZE.domains)


def billing(world: World, session: Session) -> Iterator[Measured]:
    yield from islice(reading.reading(session, world.bare), 1)


def erasures(world: World, session: Session) -> Iterator[Measured]:
    yield from erasing.erasing(session, sizes=(5_000,))


@pytest.mark.parametrize("measured", [searches, billing, erasures])
def test_no_ratio_is_twice_its_goal(
    world: World, session: Session, measured: Callable[[World, Session], Iterator[Measured]]
) -> None:
    """A machine that is busy with something else gets a second try."""
    slow = too_slow(measured(world, session))
    if slow:
        slow &= too_slow(measured(world, session))
    assert slow == set()


def too_slow(lines: Iterator[Measured]) -> set[str]:
    """The names of the lines whose better pairs, too, cost twice the goal or more."""
    return {line.name for line in lines if line.goal and line.low >= TWICE * line.goal}
