"""Traces: words and moments that are looked for in rows and in raw bytes, however written."""

from __future__ import annotations

import html
import json
import struct
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from ahocorasick_rs import BytesAhoCorasick
from sqlalchemy import Engine, inspect

from webapp.models.folding import searched_text
from webapp.models.names import key_of

CHUNK = 8_000_000  # bytes of a file looked at together
ROWS = 2000  # fetched together
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be")
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # from which PostgreSQL counts microseconds


class Finder:
    """Looks for all words and moments at once, in one pass."""

    def __init__(self, words: Iterable[str], moments: Iterable[datetime] = ()) -> None:
        forms = {form for word in words for form in forms_of(word)}
        forms |= {form for moment in moments for form in forms_of_moment(moment)}
        self.forms = sorted(forms)
        self.longest = max(map(len, self.forms))
        self._automaton = BytesAhoCorasick(self.forms)

    def found(self, data: bytes) -> list[tuple[int, bytes]]:
        """Return where each form stands, and the form."""
        matches = self._automaton.find_matches_as_indexes(data)
        return [(start, self.forms[which]) for which, start, _ in matches]

    def in_file(self, path: Path) -> Iterator[tuple[int, bytes]]:
        """Yield the same for a file of any size. What it lacks when it is read is not found."""
        before, offset = b"", 0
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                data = before + chunk
                start = offset - len(before)
                for place, form in self.found(data):
                    if place + len(form) > len(before):  # the others have been yielded
                        yield start + place, form
                before, offset = data[-(self.longest - 1) :], offset + len(chunk)

    def in_rows(self, engine: Engine) -> Counter[str]:
        """Return in how many rows of each `table.column` something is found, over all tables."""
        places: Counter[str] = Counter()
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL TIME ZONE 'UTC'")
            for table in inspect(connection).get_table_names():
                rows = connection.exec_driver_sql(
                    f'SELECT * FROM "{table}"',  # noqa: S608  # the database's own name
                    execution_options={"yield_per": ROWS},
                )
                names = list(rows.keys())
                for row in rows:
                    if self.found(b"\n".join(map(_bytes, row))):
                        places.update(
                            f"{table}.{name}"
                            for name, value in zip(names, row, strict=True)
                            if self.found(_bytes(value))
                        )
        return places


def forms_of(word: str) -> set[bytes]:
    """Return a word in every way in which it may have been written down."""
    texts = {word, word.casefold(), word.upper(), key_of(word), *searched_text(word).splitlines()}
    texts |= {json.dumps(text)[1:-1] for text in texts}
    texts |= {quote(text, safe="@") for text in texts} | {html.escape(text) for text in texts}
    return {text.encode(encoding) for text in texts for encoding in ENCODINGS}


def forms_of_moment(moment: datetime) -> set[bytes]:
    """Return a moment as SQLite keeps it, as PostgreSQL does, and as machines write it."""
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    microseconds = (moment - EPOCH) // (datetime.resolution)
    return {
        utc.isoformat(" ", "microseconds").encode(),
        utc.isoformat("T", "microseconds").encode(),
        struct.pack("<q", microseconds),
        struct.pack(">q", microseconds),
    }


def files_of(engine: Engine) -> tuple[list[Path], list[str]]:
    """Return the files of the database, and sentences about those that cannot be looked at.

    Of a PostgreSQL server these are the files of this database, those that all of its databases
    share, and its logs.
    """
    if engine.dialect.name == "sqlite":
        file = Path(engine.url.database or "")
        return sorted(file.parent.glob(f"{file.name}*")), []
    with engine.connect() as connection:
        own = connection.exec_driver_sql(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        ).scalar_one()
        readable = connection.exec_driver_sql(
            "SELECT pg_has_role('pg_read_all_settings', 'USAGE')"
        ).scalar()
        data = (
            Path(connection.exec_driver_sql("SHOW data_directory").scalar_one())
            if readable
            else None
        )
    if data is None or not data.is_dir():
        return [], ["The files of the PostgreSQL server: they cannot be read from here."]
    others = [folder for folder in (data / "base").iterdir() if folder.name != str(own)]
    others = [folder for folder in others if folder.name != "pgsql_tmp"]
    files = [
        path
        for path in sorted(data.rglob("*"))
        if path.is_file() and not any(path.is_relative_to(other) for other in others)
    ]
    return files, []


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode(errors="surrogateescape")
