"""While a list is read, everybody else goes on writing."""

from __future__ import annotations

import io

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from tests.conftest import Runner
from tests.factories import a_domain, a_user
from tests.importing.lists import CASES, NOW
from webapp.db import begin_writing
from webapp.importing.preview import previewed
from webapp.importing.users import Options
from webapp.importing.writing import write
from webapp.models import Domain, Person

LIST = CASES / "01a-semicolons.csv"


def people(session: Session) -> int:
    session.commit()
    return session.scalar(select(func.count()).select_from(Person)) or 0


def test_a_dry_run_takes_no_write_lock(runner: Runner, session: Session, engine: Engine) -> None:
    """Somebody holds the lock all the time; SQLite would wait for it, then refuse."""
    a_domain(session)
    session.commit()
    with Session(engine) as other:
        begin_writing(other)
        a_user(other, other.scalars(select(Domain)).one(), "Rosa Admin")
        done = runner.invoke(args=["users", "import", str(LIST), "--dry-run"])
        other.commit()
    assert (done.exit_code, done.stdout) == (
        0,
        "Dry run: 2 users would be imported. Nothing has been changed.\n",
    )
    assert people(session) == 1


def test_others_write_while_a_list_is_staged(session: Session, engine: Engine) -> None:
    a_domain(session)
    session.commit()
    file = io.BytesIO(LIST.read_bytes())
    with previewed(engine, file, NOW, Options(), lambda *_: None) as preview:
        with Session(engine) as other:
            begin_writing(other)
            a_user(other, other.scalars(select(Domain)).one(), "Rosa Admin")
            other.commit()
        assert people(session) == 1
        session.commit()
        write(preview)
    assert people(session) == 3


def test_what_was_staged_is_gone_afterwards(session: Session, engine: Engine) -> None:
    a_domain(session)
    session.commit()
    for _ in range(2):  # a table that is left over could not be made again
        with previewed(engine, io.BytesIO(LIST.read_bytes()), NOW, Options(), lambda *_: None):
            pass
    assert people(session) == 0
