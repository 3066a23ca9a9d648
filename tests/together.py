"""Several at once: threads that run together, and one that has to wait for a transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Thread
from time import monotonic

from sqlalchemy.orm import Session

PATIENCE = 60  # seconds in which everything comes to an end


def at_once(*runs: Callable[[], None], patience: float = PATIENCE) -> None:
    """Run all of them, each in a thread, until they have ended; an error of one, which would go unnoticed in its thread, is raised at the end."""
    errors: list[Exception] = []

    def run(what: Callable[[], None]) -> None:
        try:
            what()
        except Exception as error:
            errors.append(error)

    threads = [Thread(target=run, args=(what,), daemon=True) for what in runs]
    for thread in threads:
        thread.start()
    deadline = monotonic() + patience
    for thread in threads:
        thread.join(max(0.0, deadline - monotonic()))
    assert not any(thread.is_alive() for thread in threads), (
        "someone is still waiting for an answer"
    )
    if errors:
        raise errors[0]


def waits_for(
    session: Session,
    run: Callable[[], None],
    heard: Sequence[object],
    *,
    meanwhile: Callable[[], None] = lambda: None,
    seconds: float = 0.5,
) -> None:
    """Run in a thread: nothing is `heard` of it until `session`, which is in a transaction, commits. `meanwhile` is done before that."""
    thread = Thread(target=run)
    thread.start()
    thread.join(seconds)
    assert list(heard) == []
    meanwhile()
    session.commit()
    thread.join(PATIENCE)
