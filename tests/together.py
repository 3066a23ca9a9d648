"""Do several things at once: in threads together, or in one that waits for a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep

from sqlalchemy.orm import Session

from webapp.db import WRITERS_WAITING, writing

PATIENCE = 60  # seconds in which everything comes to an end
WAITING = (
    "SELECT count(*) FROM pg_locks "
    "WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
)


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
) -> None:
    """Run in a thread: nothing is `heard` of it until `session`, in a transaction, commits.

    `meanwhile` is done when it waits. An error in the thread is raised.
    """
    errors: list[Exception] = []
    with who_waits(session) as waiting:
        thread = started(run, errors)
        try:
            deadline = monotonic() + PATIENCE
            while thread.is_alive() and not waiting() and monotonic() < deadline:
                sleep(0.01)
            found = (list(heard), errors, waiting())
            assert found == ([], [], True), f"it did not wait, and heard {heard}"
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


@contextmanager
def who_waits(session: Session) -> Iterator[Callable[[], bool]]:
    """Give a function that says whether anyone waits for the transaction of `session`.

    PostgreSQL knows. On SQLite everyone waits for a turn who begins to write.
    """
    if session.get_bind().dialect.name != "postgresql":
        places = writing.places  # one of them is taken by `session` itself
        yield lambda: places._value < WRITERS_WAITING  # it does not say otherwise
        return
    yield lambda: bool(session.connection().exec_driver_sql(WAITING).scalar())
