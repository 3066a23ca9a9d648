"""The number of statements does not grow with the number of users erased."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from tests.keep_up.conftest import World
from tests.keep_up.erasing import erase
from tests.keep_up.plans import listening

TEN, THOUSAND = date(2026, 11, 20), date(2026, 7, 1)  # deleted on this day or later: about so many


def test_erasing_says_as_much_for_a_thousand_users_as_for_ten(
    world: World, session: Session
) -> None:
    numbers, lengths = zip(
        *(_said(world, session, since) for since in (TEN, THOUSAND)), strict=True
    )
    assert numbers[0] < 100 < 900 < numbers[1], numbers
    assert lengths[0] == lengths[1]


def _said(world: World, session: Session, since: date) -> tuple[int, int]:
    """How many users were erased and how many statements were said: freezing, the pop-up, performing."""
    with listening(*world.engines) as said:
        number = erase(world, session, since_from=since)
    return number, len(said)
