"""flask users: import users from a file."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import click
from flask.cli import AppGroup

from webapp.cli.common import writing
from webapp.errors import Refused
from webapp.importing.writing import Imported, Options, import_users
from webapp.models import State
from webapp.models.names import key_of
from webapp.times import now

users = AppGroup("users", help="Bring users in.")

CLEAR_LINE = "\r\x1b[K"  # erases the progress bar before a refusal is written


@users.command("import")
@click.argument(
    "path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--state",
    type=click.Choice([State.LIVE.value, State.DELETED.value]),
    default=State.LIVE.value,
    show_default=True,
    help="Deleted users keep their date deleted; "
    "of the others, accountEnabled False means archived.",
)
@click.option(
    "--domain-column",
    default=Options.domain_column,
    show_default=True,
    help="The column that names a user's domain.",
)
@click.option(
    "--attribute",
    "attributes",
    metavar="COLUMN",
    multiple=True,
    help="A column to keep as an attribute; may be given several times.",
)
@click.option("--create-domains", is_flag=True, help="Add domains that do not exist yet.")
@click.option("--skip-invalid", is_flag=True, help="Import the other rows where some are refused.")
@click.option("--dry-run", is_flag=True, help="Check everything, import nothing.")
def import_command(path: Path, dry_run: bool, state: str, **options: Any) -> None:
    """Import users from a CSV file (UTF-8), as Microsoft Entra ID exports it: all or nobody."""
    if len({key_of(name) for name in options["attributes"]}) < len(options["attributes"]):
        raise click.ClickException("An attribute is given twice. Give each of them once.")
    with writing() as session, path.open("rb") as file, _progress(file) as bar:
        try:
            done = import_users(
                session,
                Watched.reading(file, bar.update),
                now(),
                Options(state=State(state), **options),
                _report(shown=not bar.hidden),
            )
        except Refused as refused:
            raise click.ClickException(
                f"No user has been imported. {refused.sentence} {refused.next_step}"
            ) from None
        if dry_run:
            session.rollback()
    click.echo(_said(done, dry_run=dry_run))


class Watched(io.RawIOBase):
    """A file that reports how many bytes have been read of it."""

    def __init__(self, file: BinaryIO, advance: Callable[[int], None]) -> None:
        self.file, self.advance = file, advance

    @classmethod
    def reading(cls, file: BinaryIO, advance: Callable[[int], None]) -> io.BufferedReader:
        return io.BufferedReader(cls(file, advance), buffer_size=1 << 16)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        number: int = self.file.readinto(buffer)  # type: ignore[attr-defined]  # of every binary file
        self.advance(number)
        return number


def _progress(file: BinaryIO) -> Any:
    """Make a progress bar over the bytes of the file.

    It is hidden where there is no terminal, and where the file has no length, such as a pipe.
    """
    length = os.fstat(file.fileno()).st_size
    return click.progressbar(
        length=length, label="Reading", file=sys.stderr, hidden=not (length and sys.stderr.isatty())
    )


def _report(*, shown: bool) -> Callable[[int, str], None]:
    """Return what writes why a row is refused; `shown` says whether there is a progress bar."""
    return lambda line, reason: click.echo(
        f"{CLEAR_LINE if shown else ''}Line {line}: {reason}", err=True
    )


def _said(done: Imported, *, dry_run: bool) -> str:
    """Say what has happened, in a sentence or two."""
    number = (
        "No user" if not done.users else f"{done.users:,} {'user' if done.users == 1 else 'users'}"
    )
    happened = "would be" if dry_run else ("has been" if done.users <= 1 else "have been")
    left_out = (
        f" {done.refused:,} {'row' if done.refused == 1 else 'rows'} refused and left out."
        if done.refused
        else ""
    )
    if dry_run:
        return f"Dry run: {number} {happened} imported.{left_out} Nothing has been changed."
    return f"{number} {happened} imported.{left_out}"
