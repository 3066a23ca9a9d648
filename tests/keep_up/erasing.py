"""The main job on the filled platform: freeze, look at the pop-up, perform; and take it back."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from tests.benchmarks.world import ACTOR
from tests.factories import domains_searched
from tests.keep_up.conftest import World
from webapp.config import Settings
from webapp.db import begin_writing
from webapp.lifecycle import operation
from webapp.models import Outcome, Purpose, Selection, Verb
from webapp.times import now


def erase(world: World, session: Session, keyword: str = "", since_from: date | None = None) -> int:
    """Erase everyone whom a search of all domains finds, then roll back; how many that were."""
    made = world.visitor.search(Purpose.ERASE, keyword=keyword, since_from=since_from)
    begin_writing(session)
    chosen = session.get_one(Selection, made.id)
    domains = domains_searched(session, chosen)
    frozen = operation.freeze(session, Verb.ERASE, chosen, domains, now(), Settings().limits)
    session.commit()
    world.visitor.get(f"/operations/{frozen.id}")
    begin_writing(session)
    done = operation.perform(session, ACTOR, frozen.id, now())
    outcome, number = done.outcome, done.number
    session.rollback()
    assert outcome is Outcome.PERFORMED
    return number
