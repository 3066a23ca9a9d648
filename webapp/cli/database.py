"""flask database …: make a database and keep it up to date."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from webapp.db import db
from webapp.errors import Restored
from webapp.evidence.replay import Watch
from webapp.schema import migrate, refuse_other_revision

database = AppGroup("database", help="Make the database and keep it up to date.")


@database.command()
def upgrade() -> None:
    """Make the database, or bring it up to date."""
    Path(current_app.instance_path).mkdir(parents=True, exist_ok=True)
    migrate(db.engine)
    click.echo("The database is up to date.")


@with_appcontext
def refuse_here() -> None:
    """Raise DatabaseRefused unless a command can work with the database of its application."""
    refuse_other_revision(current_app.config["SETTINGS"].database)


@with_appcontext
def refuse_restored() -> None:
    """Refuse as `refuse_here`, and a backup that was not brought up to date."""
    refuse_other_revision(current_app.config["SETTINGS"].database)
    watch: Watch = current_app.extensions["watch"]
    try:
        watch.refuse_restored()
    except Restored as restored:
        raise click.ClickException(f"{restored.sentence} {restored.next_step}") from None
