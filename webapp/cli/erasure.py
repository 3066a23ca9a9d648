"""flask erasure …: what shows that erasing happened, and that nothing stayed behind."""

from __future__ import annotations

import click

from webapp.cli.common import Commands
from webapp.db import db
from webapp.evidence import scrub as scrubbing
from webapp.times import now

erasure = Commands("erasure", help="Prove that erasing leaves nothing behind.")


@erasure.command()
@click.option(
    "--wait", default=60.0, show_default=True, help="Seconds to wait for others who are in the way."
)
def scrub(wait: float) -> None:
    """Rewrite the database's files, so that no unused byte holds anybody erased."""
    receipts = scrubbing.scrub(db.engine, now().date(), wait, click.echo)
    click.echo(f"Scrubbed. Receipts marked: {receipts:,}.")
