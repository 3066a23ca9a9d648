"""flask database …"""

from __future__ import annotations

import sys
from pathlib import Path

import click
from alembic import command
from alembic.config import Config
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import Engine

from webapp.config import ROOT
from webapp.db import db

database = AppGroup("database", help="Make the database and keep it up to date.")


@database.command()
def upgrade() -> None:
    """Make the database, or bring it up to date."""
    Path(current_app.instance_path).mkdir(parents=True, exist_ok=True)
    migrate(db.engine)
    click.echo("The database is up to date.")


def migrate(engine: Engine) -> None:
    """Run the migrations on this database, in one transaction."""
    config = Config(toml_file=ROOT / "pyproject.toml", stdout=sys.stderr)
    with engine.connect().execution_options(writes=True) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
