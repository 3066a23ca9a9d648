"""flask erasure …: what proves an erasure, and keeps it, and shows that nothing stayed behind."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app

from webapp.cli.common import Commands, writing
from webapp.db import db
from webapp.evidence import drill as drilling
from webapp.evidence import replay, verify
from webapp.evidence import scrub as scrubbing
from webapp.evidence.data_map import data_map
from webapp.evidence.ledger import LEDGERS
from webapp.times import now
from webapp.web.visitor import Visitor
from webapp.words import listed, users

erasure = Commands("erasure", help="Prove erasures, and keep them.")


@erasure.command("replay")
@click.option("--repeat", type=int, multiple=True, help="An entry to repeat; see --leave.")
@click.option(
    "--leave",
    type=int,
    multiple=True,
    help="An entry of which it is known that it was not performed, or that cannot be repeated.",
)
def replay_command(repeat: tuple[int, ...], leave: tuple[int, ...]) -> None:
    """Erase again who was erased since the backup that was restored."""
    with writing() as session:
        done = replay.replay(session, LEDGERS[db.engine], now(), repeat=repeat, leave=leave)
    if not done.erasures:
        click.echo("No erasure is missing: there was nothing to repeat.")
        return
    erasures = "1 erasure has" if done.erasures == 1 else f"{done.erasures:,} erasures have"
    again = f"{users(done.users)} {'was' if done.users == 1 else 'were'} erased again"
    click.echo(f"{erasures} been repeated: {again}, {done.gone:,} were not in the backup.")


@erasure.command("verify")
def verify_command() -> None:
    """See that the ledger, and the receipts that it has seen, are as they were written."""
    found = verify.verify(db.session, LEDGERS[db.engine])
    erasures = "1 erasure" if found.erasures == 1 else f"{found.erasures:,} erasures"
    click.echo(f"The ledger holds {erasures}, and every entry and receipt fits.")
    if found.without_keys:
        click.echo(f"{found.without_keys:,} of them cannot be repeated: their keys have gone.")
    if found.void:
        click.echo(f"Never performed: {listed([str(position) for position in found.void])}.")


@erasure.command("accept-ledger")
@click.confirmation_option(
    prompt="Erasures that only the lost ledger knew cannot be repeated any more. Go on?"
)
def accept_ledger() -> None:
    """Go on with another ledger, where the one that was written so far is lost."""
    with writing() as session:
        number = replay.accept(session, LEDGERS[db.engine])
    click.echo(f"The ledger is accepted. It lacks {number:,} earlier entries.")


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
