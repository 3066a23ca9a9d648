"""flask demo: load made-up data."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from webapp.cli.common import writing
from webapp.errors import Refused

demo = AppGroup("demo", help="Made-up data to try the console with.")


@demo.command()
def load() -> None:
    """Load the demo data into an empty database."""
    if not current_app.config["SETTINGS"].demo:
        raise click.ClickException("Demo mode is off. Set CONSOLE_DEMO=1 to load the demo data.")
    # Imported here: outside the demo, its people are not in the process.
    from webapp.demo import data

    with writing() as session:
        try:
            data.load(session)
        except Refused as refused:
            click.echo(f"{refused.sentence} {refused.next_step}")
            return
    click.echo("The demo data has been loaded.")
