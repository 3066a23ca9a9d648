"""Lists imported as the command imports them, without its words."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Engine, Row, select
from sqlalchemy.orm import Session

from webapp.importing.preview import Imported, previewed
from webapp.importing.users import Options
from webapp.importing.writing import write
from webapp.models import Account, Person

CASES = Path(__file__).with_name("cases")
NOW = datetime(2026, 11, 24, 10, 30, 15, 123456, UTC)


def import_list(
    engine: Engine,
    file: BinaryIO,
    at: datetime,
    options: Options,
    report: Callable[[int, str], None],
) -> Imported:
    with previewed(engine, file, at, options, report) as preview:
        write(preview)
    return preview.counts


def run(
    session: Session, content: bytes | str | Path, **options: Any
) -> tuple[Imported, dict[int, str]]:
    """Import a file; what came of it, and the refused rows."""
    refused: dict[int, str] = {}
    if isinstance(content, Path):
        content = content.read_bytes()
    content = content.encode() if isinstance(content, str) else content
    session.commit()
    done = import_list(
        session.get_bind().engine,
        io.BytesIO(content),
        NOW,
        Options(**options),
        refused.__setitem__,
    )
    session.expire_all()
    return done, refused


def refusals(session: Session, content: bytes | str | Path, **options: Any) -> dict[int, str]:
    return run(session, content, skip_invalid=True, **options)[1]


def lines(*lines: str) -> str:
    return "".join(f"{line}\r\n" for line in lines)


def one(session: Session, user_name: str) -> Row[Person, Account]:
    return session.execute(
        select(Person, Account)
        .join(Account, Account.id == Person.account_id)
        .where(Person.user_name == user_name)
    ).one()
