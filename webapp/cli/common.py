"""What commands share: one transaction, and how what is refused is answered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from webapp.db import begin_writing, db
from webapp.errors import Refused
from webapp.identity import generation

NOT_UTF_8 = re.compile("[\ud800-\udfff]")  # what bytes that are not become in an argument


class Commands(AppGroup):
    """A group of commands. What they refuse ends them with its sentence and next step."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse arguments that are not UTF-8, before a database does so with a traceback."""
        if NOT_UTF_8.search("".join(args)):
            raise click.ClickException("What was typed is not UTF-8 text. Check the terminal.")
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except Refused as refused:
            sentences = f"{refused.sentence} {refused.next_step}".rstrip()
            raise click.ClickException(sentences) from None


@contextmanager
def writing() -> Iterator[Session]:
    """Write in one transaction: committed at the end, rolled back where anything is raised."""
    session = db.session
    begin_writing(session)
    try:
        yield session
        session.commit()
        generation.keep(session, current_app.instance_path)
    finally:
        session.rollback()
