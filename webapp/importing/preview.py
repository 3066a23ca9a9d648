"""Preview: what a list would do, in four groups and value by value, before anything is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import BinaryIO

from sqlalchemy import Engine, Row, func, select

from webapp.errors import Refused
from webapp.importing.cells import as_it_was
from webapp.importing.dates import Column, Order
from webapp.importing.dialects import Line, is_workbook, readable_twice, rows_of
from webapp.importing.headings import Layout, layout_of
from webapp.importing.references import find, kinds_of
from webapp.importing.staging import stage, stage_missing
from webapp.importing.tables import Staged, make_tables, on_own_connection
from webapp.importing.users import Options, Reading
from webapp.models import Domain, Kind, Person, State
from webapp.models.names import checked_name, key_of

CHUNK = 1000  # rows checked at a time, so that memory does not grow with the file
DATES = ("created", "deleted", "since")

Report = Callable[[int, str], None]  # line on which a refused row starts, reason


@dataclass(frozen=True)
class Imported:
    """How many users a list adds, changes and leaves as they are, and how many rows are refused.

    A user can be both updated and reactivated or archived. `had_object_id` counts those whose user
    name had one in front.
    """

    users: int
    refused: int
    updated: int = 0
    archived: int = 0
    reactivated: int = 0
    unchanged: int = 0
    had_object_id: int = 0

    @property
    def changes(self) -> bool:
        """Whether it changes users who are there already."""
        return bool(self.updated or self.archived or self.reactivated)


@dataclass(frozen=True)
class Preview:
    """What is staged, and how much that is. `at` is when it was read.

    `kinds` are those of the attributes, by name.
    """

    staged: Staged
    counts: Imported
    kinds: Mapping[str, Kind]
    at: datetime


@contextmanager
def previewed(
    engine: Engine, file: BinaryIO, at: datetime, options: Options, report: Report
) -> Iterator[Preview]:
    """Read and check a list without changing anything. Refused where it cannot be imported."""
    if options.archive_missing and options.skip_invalid:
        raise Refused(
            "Users of rows that are left out would be archived as missing.",
            "Use --archive-missing without --skip-invalid.",
        )
    attributes = list({key_of(name): name for name in options.attributes}.values())
    for name in attributes:
        checked_name(name, "attribute")
    file = readable_twice(file)
    with on_own_connection(engine) as session:
        known = dict(session.execute(select(Domain.name_key, Domain.id)).all())
        lines = rows_of(file, options.encoding)
        layout = _layout(next(lines, (1, []))[1], options, attributes)
        orders = _orders(lines, layout, options)
        kinds = kinds_of(session, layout, _rows(file, layout, options), options.kinds)
        staged = make_tables(session, kinds)
        reading = Reading(layout, options, orders, known, at)
        refused, had_object_id = _stage(staged, _rows(file, layout, options), reading, report)
        if refused and not options.skip_invalid:
            raise Refused(
                f"{refused:,} {'row is' if refused == 1 else 'rows are'} refused.",
                "Correct the file, or leave such rows out with --skip-invalid.",
            )
        if options.archive_missing:
            stage_missing(staged)
        find(staged)
        yield Preview(staged, counted(staged, refused, had_object_id), kinds, at)


def _layout(heading: list[str], options: Options, attributes: list[str]) -> Layout:
    needed = ["user_name"]
    needed += [] if options.domain else ["domain"]
    needed += ["deleted"] if options.state is State.DELETED else []
    heading = [as_it_was(name) for name in heading]
    return layout_of(heading, options.columns, attributes=attributes, needed=needed)


def _orders(lines: Iterator[Line], layout: Layout, options: Options) -> Mapping[str, Order]:
    """Read the columns of dates as a whole."""
    if options.dates:
        return dict.fromkeys(DATES, options.dates)
    columns = {layout.places[what]: Column(what) for what in DATES if what in layout.places}
    for line, row in lines if columns else ():
        for place, column in columns.items():
            if place < len(row):
                column.see(line, row[place])
    return {column.what: column.order for column in columns.values()}


def _rows(file: BinaryIO, layout: Layout, options: Options) -> Iterator[Line]:
    """The rows below the heading; those of our own CSV as they were before it was made harmless."""
    own = layout.own_export and not is_workbook(file)
    lines = islice(rows_of(file, options.encoding), 1, None)
    return ((line, [as_it_was(text) for text in row] if own else row) for line, row in lines)


def _stage(
    staged: Staged, lines: Iterator[Line], reading: Reading, report: Report
) -> tuple[int, int]:
    """Return how many rows are refused, and how many user names had an object id in front."""
    refused = had_object_id = 0
    while chunk := list(islice(lines, CHUNK)):
        restored, refusals = stage(staged, chunk, reading)
        for line, reason in refusals:
            report(line, reason)
        refused, had_object_id = refused + len(refusals), had_object_id + restored
    return refused, had_object_id


def counted(staged: Staged, refused: int, had_object_id: int) -> Imported:
    session, rows, changes, seen = staged.session, staged.rows, staged.changes, staged.seen
    new, old = session.execute(
        select(func.count().filter(staged.new), func.count(rows.c.account_id))
    ).one()
    changing = select(func.count()).select_from(
        rows.join(seen, seen.c.account_id == rows.c.account_id)
    )
    states = select(changes.c.after, func.count()).where(changes.c.what == "state")
    by_state: dict[str, int] = dict(session.execute(states.group_by(changes.c.after)).all())
    updated = select(func.count(changes.c.account_id.distinct())).where(changes.c.what != "state")
    return Imported(
        users=new,
        refused=refused,
        updated=session.scalar(updated) or 0,
        archived=by_state.get(State.ARCHIVED.value, 0),
        reactivated=by_state.get(State.LIVE.value, 0),
        unchanged=old - (session.scalar(changing) or 0),
        had_object_id=had_object_id,
    )


def added(staged: Staged) -> Iterator[str]:
    """The user names that are added, in the order of the list."""
    asked = select(staged.rows.c.user_name).where(staged.new).order_by(staged.rows.c.line)
    return iter(staged.session.scalars(asked, execution_options={"yield_per": 1000}))


def changes(staged: Staged) -> Iterator[Row[str, str, str, str]]:
    """User name as it is, what changes, from and to: every value, user by user."""
    change = staged.changes.c
    asked = (
        select(Person.user_name, change.what, change.before, change.after)
        .join(Person, Person.account_id == change.account_id)
        .order_by(change.account_id, change.what)
    )
    return iter(staged.session.execute(asked, execution_options={"yield_per": 1000}))
