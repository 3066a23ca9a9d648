"""The drill: made-up people live and are erased in this very database; then all of it is searched.

Every value that the database holds of them is looked for afterwards, in every way in which it can
be written. A search that did not find them before erasing proves nothing, so that is a failure too.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import JSON, Column, Engine, Enum, String, Table, func, select
from sqlalchemy.orm import Session

from webapp.config import Settings
from webapp.db import Base, begin_writing
from webapp.evidence import cast as people
from webapp.evidence.cast import Cast
from webapp.evidence.promises import unfit_settings
from webapp.evidence.receipt import NOT_CHECKED
from webapp.evidence.scrub import PATIENCE, Say, scrub
from webapp.evidence.traces import Finder, files_of, forms_of
from webapp.models import Drill
from webapp.models.personal import personal_tables
from webapp.times import now

SHORTEST = 8  # characters of a value that is recognised wherever it stands
# Personal columns that hold one of a few words, which others have as well.
NOT_RECOGNISABLE = {
    *("selection.choices", "selection.sort_order"),  # days, and names of columns
    *("party.before", "party.after"),  # names of roles, which others hold too
}
GROUPS = {
    "sqlite": (".sqlite",),
    "postgresql": ("/base/", "/pg_wal/"),
}  # of files that must hold something
KINDS = ("/users", "?csv=1", "?xlsx=1")  # of pages that must show something
PLANTED = "erasure-drill"  # a file beside the database, for a moment


class Visits(Protocol):
    """How pages are looked at: see webapp/web/visitor.py. `not_seen` says what was not."""

    not_seen: list[str]

    def sign_in(self, user_name: str, password: str) -> None: ...

    def pages(self, known: Mapping[str, Sequence[object]]) -> Iterator[tuple[str, bytes]]: ...


@dataclass
class Report:
    """What a drill found.

    `unproven` are places where nothing was found even before erasing, `unfit` the settings of the
    database that the promise needs otherwise.
    """

    unfit: list[str]
    looked_at: list[str] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)
    remains: list[str] = field(default_factory=list)
    not_looked_at: list[str] = field(default_factory=lambda: [*NOT_CHECKED])

    @property
    def passed(self) -> bool:
        return not self.remains and not self.unproven


@dataclass
class Known:
    """What the database was seen to hold: words by account, moments, and in which columns."""

    words: dict[int, set[str]] = field(default_factory=dict)
    moments: set[datetime] = field(default_factory=set)
    columns: set[str] = field(default_factory=set)

    def finder(self) -> Finder:
        return Finder(set[str]().union(*self.words.values()), self.moments)

    def learn(self, engine: Engine, account_id: int) -> None:
        """Note every value that is this person's."""
        words = self.words.setdefault(account_id, set())
        with Session(engine) as session:
            for table, owner in owned():
                for row in session.execute(select(table).where(owner == account_id)):
                    for column, value in zip(table.columns, row, strict=True):
                        found = {word for word in words_in(value) if len(word) >= SHORTEST}
                        if isinstance(value, datetime):
                            self.moments.add(value)
                        elif found and can_be_recognised(column):
                            words |= found
                            self.columns.add(str(column))


def drill(
    engine: Engine, settings: Settings, visits: Visits, also: Sequence[Path], say: Say
) -> Report:
    """Drill, say each step once it is done, and keep when it was and what it found.

    `also` are further files and folders to look at, such as logs. Refused where it cannot be done.
    """
    report, known = Report(unfit_settings(engine)), Known()
    beside = [Path(settings.instance_path), *also]
    with listening() as log:
        try:
            cast = people.make_cast(engine, settings.limits, settings.instance_path)
            people.live(cast)
            _learn(report, known, cast)
            pages = people.end(cast)
            _learn(report, known, cast)
            say(f"Three made-up people have lived, and are in {len(known.columns)} columns.")
            finder = known.finder()
            visits.sign_in(cast.officer, cast.password)
            _prove(report, cast, finder, beside, visits.pages(pages))
            report.not_looked_at += visits.not_seen
            say("They are found by a search of the rows, the pages and the files.")
            people.erase(cast)
            erased = (cast.ids[name] for name in (cast.anna, cast.boris))
            of_erased = Finder(set[str]().union(*(known.words[each] for each in erased)))
            shown = visits.pages(pages)
            report.remains += [f"page {url}" for url, text in shown if of_erased.found(text)]
            say("Two of them have been erased.")
        finally:
            people.clear(engine)
    say("The third, who did it, has been removed.")
    scrub(engine, now().date(), PATIENCE, say)
    _search(report, engine, finder, known.words, beside)
    if finder.found(log.getvalue().encode()):
        report.remains.append("what this process logs")
    report.not_looked_at += files_of(engine)[1]
    _keep(engine, report)
    return report


def owned() -> Iterator[tuple[Table, Column[Any]]]:
    """Yield every table that has rows of a person, with the column that says whose they are."""
    yield from ((model.__table__, model.__table__.c.account_id) for model in personal_tables())
    account = Base.metadata.tables["account"]
    yield account, account.c.id


def can_be_recognised(column: Column[Any]) -> bool:
    """Tell whether this column can hold a word that is nowhere else."""
    of_words = isinstance(column.type, String | JSON) and not isinstance(column.type, Enum)
    return of_words and not column.foreign_keys and str(column) not in NOT_RECOGNISABLE


def words_in(value: object) -> Iterator[str]:
    """Yield the texts of a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from words_in(each)


def _learn(report: Report, known: Known, cast: Cast) -> None:
    """Note what the database holds of each of them, and that a search of all rows finds it."""
    known.columns.clear()
    for account_id in cast.ids.values():
        known.learn(cast.engine, account_id)
    found = known.finder().in_rows(cast.engine)
    report.looked_at += sorted(set(found) - set(report.looked_at))
    report.unproven += [f"column {name}" for name in sorted(known.columns - set(found))]


def _prove(
    report: Report,
    cast: Cast,
    finder: Finder,
    beside: Sequence[Path],
    pages: Iterable[tuple[str, bytes]],
) -> None:
    """Show that the search finds them: in every column, on pages, in exports and in files."""
    columns = {
        str(column)
        for model in personal_tables()
        for column in model.__table__.columns
        if can_be_recognised(column)
    }
    never = sorted(columns - set(report.looked_at))
    report.unproven += [f"column {name}: give it a word in {people.__name__}" for name in never]
    seen = [f"page {url}" for url, text in pages if finder.found(text)]
    found_in = [*seen, *_files_with(cast.engine, finder, beside, planted=cast.anna)]
    for kind in (*KINDS, *GROUPS[cast.engine.dialect.name], PLANTED):
        if not any(kind in place for place in found_in):
            report.unproven.append(f"a place called {kind}")
    report.looked_at += found_in
    unread = [form for form in forms_of(cast.anna) if not finder.found(form)]
    report.unproven += [f"a way of writing: {form!r}" for form in unread]


def _files_with(
    engine: Engine, finder: Finder, beside: Iterable[Path], planted: str = ""
) -> list[str]:
    """Return the files, with a place in them, in which something is found.

    They are those of the database and what lies `beside` it. A file that holds what is `planted`
    in all ways of writing is among them meanwhile.
    """
    folders = list(beside)
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            connection.exec_driver_sql("CHECKPOINT")  # so that files hold what memory does
    found = []
    trap = folders[0] / PLANTED
    trap.write_bytes(b"\n".join(forms_of(planted)) if planted else b"")
    try:
        within = [path for folder in folders for path in (folder, *folder.rglob("*"))]
        files = {path.resolve() for path in (*files_of(engine)[0], *within) if path.is_file()}
        for path in sorted(files):
            with suppress(FileNotFoundError):  # it went while the others were read
                first = next(finder.in_file(path), None)
                found += [f"file {path} at {first[0]:,}"] if first else []
    finally:
        trap.unlink()
    return found


def _search(
    report: Report,
    engine: Engine,
    finder: Finder,
    account_ids: Iterable[int],
    beside: Sequence[Path],
) -> None:
    """Search rows and files for what must not be there any more."""
    ids = list(account_ids)
    rows = finder.in_rows(engine)
    report.remains += [f"{number:,} rows of {place}" for place, number in sorted(rows.items())]
    with Session(engine) as session:
        for table, owner in owned():
            if session.scalar(select(func.count()).select_from(table).where(owner.in_(ids))):
                report.remains.append(f"rows of {table.name} that are theirs")
    report.remains += _files_with(engine, finder, beside)


@contextmanager
def listening() -> Iterator[io.StringIO]:
    """Collect all that this process logs meanwhile."""
    heard, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(heard), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield heard
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def _keep(engine: Engine, report: Report) -> None:
    with Session(engine) as session:
        begin_writing(session)
        remains = len(report.remains) + len(report.unproven)
        session.add(Drill(at=now(), looked_at=len(report.looked_at), remains=remains))
        session.commit()
