"""A row costs as much at the end of a long import as at its beginning. A ratio within one import, no times."""

from __future__ import annotations

import io
from time import perf_counter

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.benchmarks.bulk import file_of
from webapp.db import begin_writing
from webapp.importing.writing import Options, import_users
from webapp.times import now

MUCH = 3.0


def test_the_last_rows_of_an_import_take_as_long_as_the_first(engine: Engine) -> None:
    """In one transaction, in which no database gathers new statistics: a plan that was right for an empty table must stay right."""
    assert _ratio(engine) < MUCH


def _ratio(engine: Engine) -> float:
    """Seconds for 4,000 rows after 45,000 others ÷ seconds for the first 4,000."""
    with Session(engine) as session:
        begin_writing(session)
        _import(session, 0, 1_000)  # what is done once: domains, attributes, prepared statements
        first, _, last = (
            _import(session, start, number)
            for start, number in ((1_000, 4_000), (5_000, 40_000), (45_000, 4_000))
        )
        session.rollback()
    return last / first


def _import(session: Session, start: int, number: int) -> float:
    """Seconds for `number` users from number `start` on."""
    file, before = io.BytesIO(file_of(range(start, start + number)).encode()), perf_counter()
    options = Options(create_domains=True, attributes=("department", "jobTitle", "country"))
    done = import_users(session, file, now(), options, lambda _line, reason: None)
    assert (done.users, done.refused) == (number, 0)
    return perf_counter() - before
