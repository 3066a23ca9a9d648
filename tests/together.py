"""Do several things at once: in threads together, or in one that waits for a transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Thread
from time import monotonic

from sqlalchemy.orm import Session

PATIENCE = 60  # seconds in which everything comes to an end


def at_once(*runs: Callable[[], None], patience: float = PATIENCE) -> None:
    """Run all of them, each in a thread, until they have ended; raise an error of one."""
    errors: list[Exception] = []
    threads = [started(what, errors) for what in runs]
    deadline = monotonic() + patience
    for thread in threads:
        thread.join(max(0.0, deadline - monotonic()))
    if errors:
        raise errors[0]  # first: it may be what the others still wait for
    assert not any(thread.is_alive() for thread in threads), (
        "someone is still waiting for an answer"
    )


def waits_for(
    session: Session,
    run: Callable[[], None],
    heard: Sequence[object],
    *,
    meanwhile: Callable[[], None] = lambda: None,
    seconds: float = 0.5,
) -> None:
    """Run in a thread: nothing is `heard` of it until `session`, in a transaction, commits.

    `meanwhile` is done before that. An error in the thread is raised.
    """
    errors: list[Exception] = []
    thread = started(run, errors)
    try:
        thread.join(seconds)
        assert (list(heard), errors) == ([], [])
        meanwhile()
        session.commit()
    finally:
        session.rollback()  # where something has failed: nobody waits for ever
        thread.join(PATIENCE)
    if errors:
        raise errors[0]


def started(what: Callable[[], None], errors: list[Exception]) -> Thread:
    """Start a thread; an error in it, which would go unnoticed there, is put into `errors`."""

    def run() -> None:
        try:
            what()
        except Exception as error:
            errors.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    return thread
