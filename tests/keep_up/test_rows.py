"""Our code visits about as many rows as SQL that is written by hand for the same result."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy.orm import Session

from tests.benchmarks import erasing, reading
from tests.keep_up.conftest import SIZE, World
from tests.keep_up.rows import visiting

MOST = 1.5  # times as many rows as by hand, where nobody asks what the reader may see
MOST_FAR_ON = 3.0  # the same for a page far on: SQLite takes more steps where a row may be ticked
MOST_FOR_ONE, MOST_FOR_MANY = 2.0, 1.2  # the same for erasing one user, and very many
MOST_A_USER = 150  # rows for each user erased: foreign keys look for some in every table


def test_reading_visits_few_more_rows_than_by_hand(world: World, session: Session) -> None:
    searches = reading.searches(world.visitor, session, SIZE)
    times = {
        read.name: visits(world, read.ours) / by_hand(world, read.by_hand)
        for read in (*searches, *reading.pages(session))
    }
    most = {name: MOST_FAR_ON if "page" in name else MOST for name in times}
    assert {name: each for name, each in times.items() if each > most[name]} == {}


def test_a_keyword_is_compared_with_every_name_once(world: World, session: Session) -> None:
    """Find, count and keep in one go: by hand, finding alone visits every name."""
    times = {
        read.name: visits(world, read.ours) / by_hand(world, read.by_hand[:2])
        for read in reading.searches(world.visitor, session, SIZE)
        if "keyword" in read.name
    }
    assert len(times) == 4
    assert {name: each for name, each in times.items() if each > MOST} == {}


@pytest.mark.parametrize(("users", "most"), [(1, MOST_FOR_ONE), (5_000, MOST_FOR_MANY)])
def test_erasing_visits_few_more_rows_than_by_hand(
    world: World, session: Session, users: int, most: float
) -> None:
    frozen = erasing.frozen_list(session, users)
    ours = visits(world, lambda: erasing.perform_and_undo(session, frozen))
    floor = visits(world, lambda: erasing.by_hand_and_undo(session, frozen))
    assert ours / floor < most


def test_erasing_visits_few_rows_a_user(world: World, session: Session) -> None:
    """A foreign key without an index looks at a whole table for each user, also by hand."""
    frozen = erasing.frozen_list(session, 1_000)
    assert visits(world, lambda: erasing.perform_and_undo(session, frozen)) / 1_000 < MOST_A_USER


def visits(world: World, run: Callable[[], object]) -> int:
    """Return how many rows are visited meanwhile."""
    with visiting(world.engine) as rows:
        run()
    return rows.total()


def by_hand(world: World, statements: Sequence[str]) -> int:
    """Return how many rows these statements visit; what they write is rolled back."""
    with world.engine.connect().execution_options(no_parameters=True) as connection:
        with visiting(world.engine) as rows:
            for each in statements:
                said = connection.exec_driver_sql(each)
                if said.returns_rows:
                    said.all()
        return rows.total()
