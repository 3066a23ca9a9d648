"""Do the main job on the filled platform, and take it back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tests.benchmarks import erasing
from tests.keep_up.conftest import World
from webapp.config import Settings
from webapp.models import Purpose


def erase(world: World, session: Session, keyword: str) -> int:
    """Freeze everyone whom a search of all domains finds, look at the pop-up, and perform.

    The erasure is rolled back. Return how many users that were.
    """
    made = world.visitor.search(Purpose.ERASE, keyword=keyword)
    frozen = erasing.freeze(world.visitor, session, made, Settings().limits)
    return erasing.perform_and_undo(session, frozen)
