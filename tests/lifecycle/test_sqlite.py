"""How SQLite is used, where a user would only notice that it is slow."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, insert
from sqlalchemy.orm import Session

from webapp.db import Base, begin_writing
from webapp.models import Domain

MEGABYTE = 1024 * 1024


def test_a_large_change_stays_in_memory_until_its_commit(tmp_path: Path) -> None:
    """See that no page is written to the log twice.

    With the usual 2 MB of memory those are that change twice: erasing took a third longer.
    """
    engine, log = (
        create_engine(f"sqlite:///{tmp_path / 'console.sqlite'}"),
        tmp_path / "console.sqlite-wal",
    )
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        begin_writing(session)
        before = log.stat().st_size
        session.execute(
            insert(Domain),
            [{"name": "n" * 200, "name_key": f"{i} {'k' * 390}"} for i in range(10_000)],
        )
        assert log.stat().st_size - before < MEGABYTE
        session.commit()
        assert log.stat().st_size - before > 5 * MEGABYTE
    engine.dispose()
