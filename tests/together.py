"""Several at once: threads that run together, and one that has to wait for a transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Thread

from sqlalchemy.orm import Session

PATIENCE = 60  # seconds in which everything comes to an end


def at_once(*runs: Callable[[], None]) -> None:
    """Run all of them, each in a thread, until they have ended."""
    threads = [Thread(target=run) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)


def waits_for(
    session: Session, run: Callable[[], None], heard: Sequence[object], *, meanwhile: Callable[[], None] = lambda: None, seconds: float = 0.5
) -> None:
    """Run in a thread: nothing is `heard` of it until `session`, which is in a transaction, commits. `meanwhile` is done before that."""
    thread = Thread(target=run)
    thread.start()
    thread.join(seconds)
    assert list(heard) == []
    meanwhile()
    session.commit()
    thread.join(PATIENCE)
