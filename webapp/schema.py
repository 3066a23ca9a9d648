"""The schema of a database: its revision, whether this code can work with it, and migrating it."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, NullPool, create_engine, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session

from webapp.config import ROOT
from webapp.db import begin_writing
from webapp.errors import DatabaseRefused, Unfit

UPGRADE = "`flask --app wsgi database upgrade`"


def migrate(engine: Engine) -> None:
    """Run the migrations that this database lacks: all of them, or none if one fails."""
    config = alembic_config()
    refuse_newer(revision_of(engine), revisions(config))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def refuse_unfit(session: Session) -> None:
    """Raise Unfit, or what the database says, unless it has this code's tables and is written to.

    What is written changes nothing and is rolled back.
    """
    begin_writing(session)
    found = session.scalar(text("SELECT version_num FROM alembic_version"))
    session.execute(text("UPDATE alembic_version SET version_num = version_num"))
    session.rollback()
    if found != newest():
        raise Unfit("Its database is of another version.", "Upgrade it, or run the other version.")


@cache
def newest() -> str:
    return revisions(alembic_config())[0]


def refuse_other_revision(url: str) -> None:
    """Raise DatabaseRefused unless the database has exactly the tables that this code works with.

    One that does not answer is not refused: it may answer soon, and every page says so until then.
    """
    try:
        revision = revision_of(create_engine(url, poolclass=NullPool, hide_parameters=True))
    except OperationalError:
        return
    known = revisions(alembic_config())
    refuse_newer(revision, known)
    if revision is None:
        raise DatabaseRefused(f"The database has no tables yet: make them with {UPGRADE}.")
    if revision != known[0]:
        raise DatabaseRefused(
            f"The database is older than this version of the console (revision {revision}, "
            f"not {known[0]}): back it up, then upgrade it with {UPGRADE}."
        )


def refuse_newer(revision: str | None, known: list[str]) -> None:
    """Raise DatabaseRefused for a revision that this code does not know."""
    if revision is not None and revision not in known:
        raise DatabaseRefused(
            f"The database is newer than this version of the console (revision {revision}, "
            f"not {known[0]}): run the newer version, or restore the backup made before {UPGRADE}."
        )


def revision_of(engine: Engine) -> str | None:
    """Return the revision of a database, None where there are no tables of the console yet."""
    url = engine.url
    file = engine.dialect.name == "sqlite" and "uri" not in url.query
    if file and not Path(url.database or "").exists():
        return None  # connecting would make it
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except OperationalError:
        raise
    except DatabaseError as error:
        raise DatabaseRefused(
            "The database cannot be read, since it is damaged or something else: "
            f"restore a backup, or move it away and make a new one with {UPGRADE}."
        ) from error


def revisions(config: Config) -> list[str]:
    """Return every revision that this code knows, the newest first."""
    return [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]


def alembic_config() -> Config:
    """Return what Alembic reads in pyproject.toml; what it tells goes to standard error."""
    return Config(toml_file=ROOT / "pyproject.toml", stdout=sys.stderr)
