"""flask erasure …: what shows that erasing happened, and that nothing stayed behind."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app

from webapp.cli.common import Commands
from webapp.db import db
from webapp.evidence import drill as drilling
from webapp.evidence import scrub as scrubbing
from webapp.evidence.data_map import data_map
from webapp.times import now
from webapp.web.visitor import Visitor

erasure = Commands("erasure", help="Prove that erasing leaves nothing behind.")


@erasure.command("map")
def map_command() -> None:
    """List every table and column: personal or not, why, and what becomes of it."""
    for table in data_map():
        click.echo(f"{table.name} ({'personal' if table.personal else 'not personal'})")
        click.echo(f"  Erasing: {table.erasing} Kept: {table.kept}")
        for column in table.columns:
            click.echo(f"    {column.name}: {column.why}")


@erasure.command()
@click.option(
    "--wait",
    default=scrubbing.PATIENCE,
    show_default=True,
    help="Seconds to wait for others who are in the way.",
)
def scrub(wait: float) -> None:
    """Rewrite the database's files, so that no unused byte holds anybody erased."""
    receipts = scrubbing.scrub(db.engine, now().date(), wait, click.echo)
    click.echo(f"Scrubbed. Receipts marked: {receipts:,}.")


@erasure.command()
@click.option(
    "--also",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A further file or folder to look at, such as a log; may be given several times.",
)
def drill(also: tuple[Path, ...]) -> None:
    """Erase made-up people in this very database, scrub it, and look for what is left of them."""
    settings = current_app.config["SETTINGS"]
    visitor = Visitor(current_app._get_current_object())  # type: ignore[attr-defined]  # of a proxy
    report = drilling.drill(db.engine, settings, visitor, also, click.echo)
    for heading, lines in (
        ("Settings of the database that should be otherwise:", report.unfit),
        ("Not looked at:", report.not_looked_at),
        ("Found nothing there even before erasing, which proves nothing:", report.unproven),
        ("LEFT BEHIND:", report.remains),
    ):
        for line in [heading, *(f"  {line}" for line in lines)] if lines else []:
            click.echo(line)
    click.echo(f"Remains: {len(report.remains)}, in {len(report.looked_at):,} places looked at.")
    if not report.passed:
        raise click.ClickException("The drill has not passed.")
