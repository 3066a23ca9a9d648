"""Traces: a word is found in every way of writing, wherever in a file it stands."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from webapp.evidence import traces
from webapp.evidence.traces import Finder

WORD = "Zoë O’Brien"
AT = datetime(2026, 11, 25, 13, 24, 8, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "Zoë O’Brien",
        "zoë o’brien",
        "ZOË O’BRIEN",
        "zoe obrien",
        "Zo\\u00eb O\\u2019Brien",
        "Zo%C3%AB%20O%E2%80%99Brien",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_a_word_is_found_however_it_is_written(written: str, encoding: str) -> None:
    assert Finder([WORD]).found(b"\x00\x01" + written.encode(encoding) + b"\xff")


def test_other_words_are_not_found() -> None:
    assert not Finder([WORD], [AT]).found(b"Zoe Brien, 2026-11-25 13:24:08")


def test_a_moment_is_found_as_a_row_and_as_a_page_hold_it() -> None:
    finder = Finder([], [AT])
    microseconds = 848_928_248_123_456  # since 2000
    assert finder.found(b"2026-11-25 13:24:08.123456")
    assert finder.found(b"xx" + microseconds.to_bytes(8, "little") + b"xx")


def test_a_word_across_two_parts_of_a_file_is_found_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traces, "CHUNK", 64)
    file = tmp_path / "file"
    for before in range(40, 80):
        file.write_bytes(b"x" * before + WORD.encode() + b"y" * 50)
        assert [place for place, _ in Finder([WORD]).in_file(file)] == [before]


def test_rows_of_every_table_are_searched(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE loose (a INTEGER, b TEXT)"))
        connection.execute(text("INSERT INTO loose VALUES (1, :word), (2, 'x')"), {"word": WORD})
    assert Finder([WORD]).in_rows(engine) == {"loose.b": 1}
