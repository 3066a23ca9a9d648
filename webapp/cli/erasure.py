"""flask erasure …: what proves an erasure, and keeps it."""

from __future__ import annotations

import click

from webapp.cli.common import Commands, writing
from webapp.db import db
from webapp.evidence import replay, verify
from webapp.evidence.ledger import LEDGERS
from webapp.times import now
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
