"""flask users: import users from a file."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import click
from flask.cli import AppGroup

from webapp.db import db
from webapp.errors import Refused
from webapp.importing.dates import Order
from webapp.importing.dialects import UTF_8, WINDOWS_1252
from webapp.importing.headings import MAPPED
from webapp.importing.preview import Imported, Preview, added, changes, previewed
from webapp.importing.users import Options
from webapp.importing.writing import write
from webapp.models import Kind, State
from webapp.models.names import UNSEEN, key_of
from webapp.times import now
from webapp.words import listed
from webapp.words import users as users_in_words

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
@click.option("--domain-column", metavar="COLUMN", help="The column that names a user's domain.")
@click.option("--domain", default="", help="The domain of everyone in the list.")
@click.option(
    "--column",
    "columns",
    metavar="FIELD=COLUMN",
    multiple=True,
    callback=lambda _ctx, _option, named: dict(map(_named, named)),
    help=f"What the list calls a field, one of {listed(MAPPED)}; may be given several times.",
)
@click.option(
    "--attribute",
    "attributes",
    metavar="COLUMN",
    multiple=True,
    help="A column to keep as an attribute; may be given several times.",
)
@click.option(
    "--kind",
    "kinds",
    metavar="COLUMN=KIND",
    multiple=True,
    callback=lambda _ctx, _option, given: dict(map(_kind, given)),
    help="Of a new attribute, where its column does not show it: "
    f"one of {listed(list(Kind))}. Values of kind user mean users.",
)
@click.option(
    "--dates",
    type=click.Choice(list(Order)),
    callback=lambda _ctx, _option, order: order and Order(order),
    help="How to read dates such as 03/04/2024, where the list does not show it.",
)
@click.option(
    "--encoding",
    type=click.Choice([UTF_8, WINDOWS_1252]),
    default=UTF_8,
    show_default=True,
    help="Of a CSV without a byte order mark.",
)
@click.option("--create-domains", is_flag=True, help="Add domains that do not exist yet.")
@click.option("--skip-invalid", is_flag=True, help="Import the other rows where some are refused.")
@click.option("--update", is_flag=True, help="Also change users who are there already.")
@click.option(
    "--archive-missing",
    is_flag=True,
    help="With --update: archive live users of the domains of the list who are not in it.",
)
@click.option("--dry-run", is_flag=True, help="Check everything, change nothing.")
def import_command(
    path: Path, dry_run: bool, state: str, domain_column: str | None, **options: Any
) -> None:
    """Import users from a list in CSV or XLSX: all of it or nothing."""
    if len({key_of(name) for name in options["attributes"]}) < len(options["attributes"]):
        raise click.ClickException("An attribute is given twice. Give each of them once.")
    if domain_column:
        options["columns"] = {"domain": domain_column} | options["columns"]
    wanted = Options(state=State(state), **options)
    with path.open("rb") as file, _progress(file) as bar:
        watched, report = Watched.reading(file, bar.update), _report(shown=not bar.hidden)
        try:
            with previewed(db.engine, watched, now(), wanted, report) as preview:
                bar.finish()
                if wanted.update:
                    _show(preview)
                if not dry_run:
                    write(preview)
        except Refused as refused:
            raise click.ClickException(
                f"No user has been imported. {refused.sentence} {refused.next_step}"
            ) from None
    of_users = [name for name, kind in preview.kinds.items() if kind is Kind.USER]
    if of_users:
        click.echo(f"Values that mean users: {listed(of_users)}.")
    click.echo(said(preview.counts, wanted, dry_run=dry_run))


def _named(text: str) -> tuple[str, str]:
    field, _, column = text.partition("=")
    if field.strip() not in MAPPED or not column.strip():
        raise click.BadParameter(f"write FIELD=COLUMN, where FIELD is one of {listed(MAPPED)}.")
    return field.strip(), column.strip()


def _kind(text: str) -> tuple[str, Kind]:
    column, _, kind = text.rpartition("=")
    if not column or kind not in list(Kind):
        raise click.BadParameter(f"write COLUMN=KIND, where KIND is one of {listed(list(Kind))}.")
    return column, Kind(kind)


class Watched(io.RawIOBase):
    """A file that reports how many bytes have been read of it."""

    def __init__(self, file: BinaryIO, advance: Callable[[int], None]) -> None:
        self.file, self.advance = file, advance

    @classmethod
    def reading(cls, file: BinaryIO, advance: Callable[[int], None]) -> io.BufferedReader:
        return io.BufferedReader(cls(file, advance), buffer_size=1 << 16)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self.file.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.file.seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        number: int = self.file.readinto(buffer)  # type: ignore[attr-defined]  # of every binary file
        self.advance(number)
        return number


def _progress(file: BinaryIO) -> Any:
    """Make a progress bar over the bytes of the file, which are read twice.

    It is hidden where there is no terminal, and where the file has no length, such as a pipe.
    """
    length = os.fstat(file.fileno()).st_size
    return click.progressbar(
        length=length * 2,
        label="Reading",
        file=sys.stderr,
        hidden=not (length and sys.stderr.isatty()),
    )


def _report(*, shown: bool) -> Callable[[int, str], None]:
    """Return what writes why a row is refused; `shown` says whether there is a progress bar."""
    return lambda line, reason: click.echo(
        f"{CLEAR_LINE if shown else ''}Line {line}: {reason}", err=True
    )


def _show(preview: Preview) -> None:
    """Show who is added and every value that changes, from and to, as JSON writes text."""
    for user_name in added(preview.staged):
        click.echo(f"Add {_written(user_name)}")
    for user_name, what, before, after in changes(preview.staged):
        click.echo(
            f"Change {_written(user_name)}: {preview.staged.called(what)} "
            f"from {_written(before)} to {_written(after)}"
        )


def _written(text: str) -> str:
    """Text between quotation marks, in which nothing can act on a terminal or be overlooked."""
    return json.dumps(text, ensure_ascii=bool(UNSEEN.search(text)))


def said(done: Imported, options: Options, *, dry_run: bool) -> str:
    """Say what has happened."""
    groups = [(done.users, "imported")]
    if options.update:
        groups += [
            (done.updated, "updated"),
            (done.archived, "archived"),
            (done.reactivated, "reactivated"),
        ]
    sentences = ["Dry run:"] if dry_run else []
    if options.update and not (done.users or done.changes):
        sentences.append("Nothing to change.")
    else:
        sentences += [_happened(*group, dry_run=dry_run) for group in groups]
    if options.update:
        sentences.append(f"{users_in_words(done.unchanged)} as in the list already.")
    if done.had_object_id:
        name = "name" if done.had_object_id == 1 else "names"
        sentences.append(
            f"{done.had_object_id:,} user {name} had the object id in front, "
            "as Entra ID writes it for deleted users: it was left out."
        )
    if done.refused:
        rows = "row" if done.refused == 1 else "rows"
        sentences.append(f"{done.refused:,} {rows} refused and left out.")
    return " ".join(sentences + (["Nothing has been changed."] if dry_run else []))


def _happened(number: int, past: str, *, dry_run: bool) -> str:
    who = users_in_words(number) if number else "No user"
    return f"{who} {'would be' if dry_run else 'has been' if number <= 1 else 'have been'} {past}."
