"""flask database …, and whether a database is one that this code can work with."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import Engine, NullPool, create_engine
from sqlalchemy.exc import DatabaseError, OperationalError

from webapp.config import ROOT
from webapp.db import db
from webapp.errors import DatabaseRefused

UPGRADE = "`flask --app wsgi database upgrade`"
database = AppGroup("database", help="Make the database and keep it up to date.")


@database.command()
def upgrade() -> None:
    """Make the database, or bring it up to date."""
    Path(current_app.instance_path).mkdir(parents=True, exist_ok=True)
    migrate(db.engine)
    click.echo("The database is up to date.")


def migrate(engine: Engine) -> None:
    """Run the migrations that this database lacks: all of them, or none if one fails."""
    config = alembic_config()
    refuse_newer(revision_of(engine), revisions(config))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@with_appcontext
def refuse_here() -> None:
    """Raise DatabaseRefused unless a command can work with the database of its application."""
    refuse_other_revision(current_app.config["SETTINGS"].database)


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
