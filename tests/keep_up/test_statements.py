"""The number of statements does not grow with the number of users erased."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tests.keep_up.conftest import World
from tests.keep_up.erasing import erase
from tests.keep_up.plans import listening


def test_erasing_says_as_much_for_a_thousand_users_as_for_ten(
    world: World, session: Session
) -> None:
    few, said_for_few = _said(world, session, "user.123")
    many, said_for_many = _said(world, session, "user.1")
    assert (few, many) == (11, 1_111)
    assert said_for_few == said_for_many


def _said(world: World, session: Session, keyword: str) -> tuple[int, int]:
    """Return how many users were erased, and how many statements that took.

    Those of freezing, of the pop-up and of performing are counted.
    """
    with listening(*world.engines) as said:
        number = erase(world, session, keyword)
    return number, len(said)
