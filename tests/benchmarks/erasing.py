"""Measure how fast freezing and erasing are, each against the bare set-based statements.

Everything is rolled back or taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import create_engine, delete, select, text
from sqlalchemy.orm import Session

from tests.benchmarks import bare
from tests.benchmarks.pairs import Measured, in_pairs
from tests.benchmarks.visitor import Visitor
from tests.benchmarks.world import ACTOR
from tests.factories import domains_searched
from webapp.config import Limits, Settings
from webapp.db import begin_writing
from webapp.evidence.chain import Kind
from webapp.evidence.ledger import LEDGERS, Ledger, write_ahead
from webapp.lifecycle import erase, operation
from webapp.models import Operation, OperationAccount, Outcome, Purpose, Selection, Verb
from webapp.times import now

INTO = "INSERT INTO operation_account (operation_id, account_id, domain_id, event_bits)"
SIZES = (1, 100, 10_000, 100_000)


def freezing(visitor: Visitor, session: Session, most: int) -> Iterator[Measured]:
    """Freeze everyone deleted and draw the pop-up, against one INSERT … SELECT."""
    made = visitor.search(Purpose.ERASE)
    limits = Limits(most, Settings().limits.lifetime)

    def floor() -> None:
        begin_writing(session)
        session.add(
            Operation(id="bare", verb=Verb.ERASE, account_id=ACTOR, made_at=now(), expires_at=now())
        )
        session.flush()
        session.execute(
            text(f"{INTO} SELECT 'bare', id, domain_id, 1 FROM account WHERE state = 'deleted'")
        )
        session.commit()

    yield in_pairs(
        "Freezing everyone deleted, and the pop-up",
        _cleared(partial(freeze, visitor, session, made, limits), session),
        _cleared(floor, session),
        goal=1.3,
        pairs=5,
    )


def freeze(visitor: Visitor, session: Session, made: Selection, limits: Limits) -> str:
    """Freeze everyone whom this search finds, and look at the pop-up; the operation's id."""
    begin_writing(session)
    chosen = session.get_one(Selection, made.id)
    domains = domains_searched(session, chosen)
    frozen = operation.freeze(session, Verb.ERASE, chosen, domains, now(), limits)
    session.commit()
    visitor.get(f"/operations/{frozen.id}")
    return frozen.id


def _cleared(run: Callable[[], object], session: Session) -> Callable[[], None]:
    """Run on an empty table of operations.

    The clearing is in the time of both, and so pulls the ratio towards 1 a little.
    """

    def cleared() -> None:
        run()
        clear(session)

    return cleared


def clear(session: Session) -> None:
    """Take every operation back."""
    session.execute(delete(OperationAccount))
    session.execute(delete(Operation))
    session.commit()


def perform_and_undo(session: Session, frozen: str) -> int:
    """Perform this operation as the application does, and roll it back; the number of users."""
    begin_writing(session)
    done = operation.perform(session, ACTOR, frozen, now())
    outcome, number = done.outcome, done.number
    session.rollback()
    assert outcome is Outcome.PERFORMED
    return number


def by_hand_and_undo(session: Session, frozen: str) -> None:
    """Perform it with the statements written by hand, and roll it back."""
    begin_writing(session)
    for statement in bare.erasure(frozen, sqlite=session.get_bind().dialect.name == "sqlite"):
        session.connection().exec_driver_sql(statement)
    session.rollback()


def erasing(session: Session, *, sizes: tuple[int, ...] = SIZES) -> Iterator[Measured]:
    """Perform an operation of each size, against the statements by hand; both are rolled back."""
    for size in sizes:
        frozen = frozen_list(session, size)
        pairs = 15 if size <= 100 else 5 if size <= 10_000 else 3
        yield in_pairs(
            f"Erasing {size:,} users",
            partial(perform_and_undo, session, frozen),
            partial(by_hand_and_undo, session, frozen),
            goal=1.3,
            pairs=pairs,
        )
        clear(session)


def with_ledger(session: Session, folder: str, size: int) -> Iterator[Measured]:
    """Erase so many users and have it written in a ledger, against erasing them without one.

    Both are rolled back; the ledger's own commits, which wait for the disk, are in the time.
    """
    LEDGERS[session.get_bind().engine] = ledger = Ledger(
        f"sqlite:///{folder}/ledger-of-benchmark.sqlite", timedelta(days=1)
    )
    frozen = frozen_list(session, size)

    def ours() -> None:
        begin_writing(session)
        operation.perform(session, ACTOR, frozen, now())
        write_ahead(session)
        session.flush()
        session.rollback()
        ledger.write(Kind.DONE, now().date(), about=ledger.entries()[-1].position)
        Path(f"{folder}/ledger-of-benchmark.sqlite").unlink()

    def floor() -> None:
        with patch.object(erase, "_keys", lambda *_: b""):
            perform_and_undo(session, frozen)

    yield in_pairs(
        f"Erasing {size:,} users and writing it in the ledger", ours, floor, goal=1.1, pairs=7
    )
    clear(session)


def with_more_events(url: str, fewer: str, events: int, number: int) -> Measured:
    """Erase so many users where there are `events` events, against where there is a tenth."""
    engines = create_engine(url), create_engine(fewer)
    with (
        Session(engines[0], expire_on_commit=False) as many,
        Session(engines[1], expire_on_commit=False) as few,
    ):
        name = f"Erasing {number:,} users with {events:,} events, against {events // 10:,}"
        runs = (
            partial(perform_and_undo, session, frozen_list(session, number))
            for session in (many, few)
        )
        measured = in_pairs(name, *runs, goal=1.2, pairs=7)
        clear(many)
    for engine in engines:
        engine.dispose()
    return measured


def frozen_list(session: Session, size: int) -> str:
    """Make an operation on the first `size` deleted users, ready to be performed; its id."""
    begin_writing(session)
    made = Operation(
        id=f"bench-{size}",
        verb=Verb.ERASE,
        account_id=ACTOR,
        made_at=now(),
        expires_at=now().replace(year=2100),
    )
    session.add(made)
    session.flush()
    listed = text(
        f"{INTO} SELECT :id, id, domain_id, 1 FROM account WHERE state = 'deleted' "
        "ORDER BY id LIMIT :size"
    )
    session.execute(listed, {"id": made.id, "size": size})
    made.number = len(
        session.scalars(
            select(OperationAccount.account_id).where(OperationAccount.operation_id == made.id)
        ).all()
    )
    session.commit()
    return made.id
