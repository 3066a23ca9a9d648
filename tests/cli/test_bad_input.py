"""Bad input to commands: every command answers it with a sentence and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.cli.test_set_up import USERS
from tests.conftest import Runner
from webapp.models import Event, Role

ODD = {
    "not UTF-8": "\udcff",
    "empty": "",
    "blank": " \u200b",
    "a line break": "a\nb",
    "an escape": "a\x1b[31mb",
    "too long": "x" * 5000,
}


def commands(app: Flask) -> Iterator[tuple[list[str], click.Command]]:
    """Find every command of ours, with the words that call it."""
    for name, group in app.cli.commands.items():
        if isinstance(group, click.Group):
            for command in group.commands.values():
                yield [name, str(command.name)], command


def filled(command: click.Command, value: str) -> list[str]:
    """Return the options and arguments of a command, each with this value."""
    words = []
    for parameter in command.params:
        if isinstance(parameter, click.Option) and not parameter.is_flag:
            words += [parameter.opts[0], value]
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    return [*words, "--", *[value] * len(arguments)]


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_odd_words_are_answered_with_a_sentence(
    app: Flask, runner: Runner, session: Session, value: str
) -> None:
    tried = 0
    for words, command in commands(app):
        given = filled(command, value)
        if given != ["--"]:
            done = runner.invoke(args=[*words, *given])
            assert isinstance(done.exception, SystemExit), (words, done.exception)
            assert done.exit_code in (1, 2), (words, done.output)
            assert done.output.rstrip().endswith("."), (words, done.output)
            tried += 1
    assert tried > 5
    assert session.scalar(select(func.count()).select_from(Event)) == 0
    assert session.scalar(select(func.count()).select_from(Role)) == 0


@pytest.mark.parametrize("again", ["department", "Department", " department "])
def test_an_attribute_given_twice_is_refused(runner: Runner, tmp_path: Path, again: str) -> None:
    (tmp_path / "users.csv").write_text(USERS)
    attributes = ["--attribute", "department", "--attribute", again]
    done = runner.invoke(args=["users", "import", str(tmp_path / "users.csv"), *attributes])
    assert (done.exit_code, done.stderr) == (
        1,
        "Error: An attribute is given twice. Give each of them once.\n",
    )
