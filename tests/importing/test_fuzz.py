"""Files damaged at random: each is imported whole, or refused in a sentence without a trace.

`FUZZ=5000` tries so many; `FUZZ_SEED` starts elsewhere.
"""

from __future__ import annotations

import io
import os
import random

import openpyxl
import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tests.factories import a_domain
from tests.importing.lists import CASES, NOW
from webapp.errors import Refused
from webapp.importing.dates import Order
from webapp.importing.dialects import rows_of
from webapp.importing.preview import previewed
from webapp.importing.users import Options
from webapp.importing.writing import write
from webapp.models import Account, Person, State

TRIES = int(os.environ.get("FUZZ", "200"))
SEED = int(os.environ.get("FUZZ_SEED", "13"))
PIECES = [
    *(b"\x00", b"\xff", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"PK\x03\x04", b"\r", b"\n"),
    *(b'"', b",", b";", b"\t", b"sep=;\r\n", b"'", b"=", b"\xe2\x80\x8b", b"\xed\xa0\x80", b"\x85"),
    *(b"0001-01-01", b"99/99/9999", b"9999-12-31T23:59:59-14:00", b"1" * 5000, b"9" * 13),
    *(b"userPrincipalName", b"mail", b"deletedDateTime", b"companyName", b"True", b"WAHR"),
]


def files() -> list[bytes]:
    """The cases, and each of them as a workbook."""
    lists = [path.read_bytes() for path in sorted(CASES.glob("*.csv"))]
    return lists + [workbook(content) for content in lists]


def workbook(content: bytes) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for _line, row in rows_of(io.BytesIO(content)):
        book.worksheets[0].append(row)
    book.save(file)
    return file.getvalue()


def damaged(content: bytes, dice: random.Random) -> bytes:
    """The same file after one to four mishaps."""
    for _ in range(dice.randint(1, 4)):
        content = dice.choice(MISHAPS)(content, dice)
    return content


def cut(content: bytes, dice: random.Random) -> tuple[bytes, bytes, bytes]:
    """What comes before a part of at most 200 bytes, the part, and what comes after it."""
    at = dice.randrange(len(content) + 1)
    end = min(len(content), at + dice.randrange(200))
    return content[:at], content[at:end], content[end:]


def end_early(content: bytes, dice: random.Random) -> bytes:
    return cut(content, dice)[0]


def leave_out(content: bytes, dice: random.Random) -> bytes:
    before, _part, after = cut(content, dice)
    return before + after


def repeat(content: bytes, dice: random.Random) -> bytes:
    before, part, after = cut(content, dice)
    return before + part + part + after


def turn_round(content: bytes, dice: random.Random) -> bytes:
    before, part, after = cut(content, dice)
    return before + part[::-1] + after


def insert(content: bytes, dice: random.Random) -> bytes:
    before, part, after = cut(content, dice)
    return before + dice.choice([*PIECES, dice.randbytes(1)]) + part + after


def exchange(content: bytes, dice: random.Random) -> bytes:
    return content.replace(dice.choice(PIECES), dice.choice(PIECES))


MISHAPS = (end_early, leave_out, repeat, turn_round, insert, exchange)


def options(dice: random.Random) -> Options:
    update = dice.random() < 0.5
    skip_invalid = dice.random() < 0.5
    return Options(
        state=dice.choice([State.LIVE, State.DELETED]),
        domain=dice.choice(["", "Northwind London"]),
        attributes=dice.choice([(), ("jobTitle",), ("mail",), ("manager", "managerEmail")]),
        dates=dice.choice([None, *Order]),
        encoding=dice.choice(["utf-8", "windows-1252"]),
        create_domains=dice.random() < 0.5,
        skip_invalid=skip_invalid,
        update=update,
        archive_missing=update and not skip_invalid and dice.random() < 0.3,
    )


def report(line: int, reason: str) -> None:
    assert line > 1
    assert reason


@pytest.mark.parametrize("part", range(4))
def test_damaged_files(session: Session, engine: Engine, part: int) -> None:
    a_domain(session)
    session.commit()
    dice = random.Random(SEED + part)
    whole, done = files(), 0
    for _ in range(TRIES // 4):
        content = damaged(dice.choice(whole), dice)
        before = numbers(session)
        added, refused = 0, None
        try:
            with previewed(engine, io.BytesIO(content), NOW, options(dice), report) as preview:
                write(preview)
                added, done = preview.counts.users, done + 1
        except Refused as error:
            refused = error
        assert refused is None or (refused.sentence and refused.__context__ is None)
        after = numbers(session)
        assert after == tuple(number + added for number in before)
    assert done  # some are still lists


def numbers(session: Session) -> tuple[int, ...]:
    session.commit()
    tables = (Account, Person)
    return tuple(session.scalar(select(func.count()).select_from(each)) or 0 for each in tables)
