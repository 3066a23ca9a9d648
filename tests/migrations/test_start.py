"""The console starts with a database that it can work with, or says in a sentence what to do."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest
from click import Group
from sqlalchemy import Engine, create_engine, text

from tests.browser.server import SERVE, free_port
from tests.databases import Sqlite
from tests.migrations.checkout import Checkout, run
from webapp import create_app
from webapp.config import ROOT, Settings
from webapp.errors import DatabaseRefused
from webapp.schema import migrate, refuse_other_revision

UPGRADE = r"`flask --app wsgi database upgrade`\.$"
WSGI = ("-c", "import wsgi")


def test_a_database_of_this_revision_is_not_refused(database_url: str) -> None:
    refuse_other_revision(database_url)


def test_a_database_without_tables_is_refused(empty: Engine) -> None:
    with pytest.raises(DatabaseRefused, match=f"no tables yet: make them with {UPGRADE}"):
        refuse_other_revision(url_of(empty))


def test_a_newer_database_is_neither_served_nor_upgraded(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'later'"))
    with pytest.raises(DatabaseRefused, match=r"newer .* \(revision later, .* the newer version"):
        refuse_other_revision(database_url)
    with pytest.raises(DatabaseRefused, match="newer"):
        migrate(engine)
    engine.dispose()


def test_an_older_database_is_refused(database_url: str, checkout: Checkout) -> None:
    checkout.write("later", "pass")
    done = checkout.python(*WSGI, url=database_url)
    assert done.returncode == 1
    assert re.fullmatch(rf"The database is older .* not later\): .* {UPGRADE}", done.stderr.strip())


def test_a_database_that_does_not_answer_is_not_refused() -> None:
    """It may answer in a moment, and every page says so until then."""
    refuse_other_revision("postgresql+psycopg://127.0.0.1:9/console")


def test_a_file_that_is_not_there_is_refused_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(DatabaseRefused, match="no tables yet"):
        refuse_other_revision(f"sqlite:///{tmp_path / 'console.sqlite'}")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_refused_like_a_database_without_tables(tmp_path: Path) -> None:
    (tmp_path / "console.sqlite").touch()
    with pytest.raises(DatabaseRefused, match="no tables yet"):
        refuse_other_revision(f"sqlite:///{tmp_path / 'console.sqlite'}")


@pytest.mark.parametrize("damage", ["cut short", "something else"])
def test_a_file_that_is_no_database_is_neither_served_nor_upgraded(
    sqlite: Sqlite, tmp_path: Path, damage: str
) -> None:
    file = tmp_path / "console.sqlite"
    whole = sqlite.template.read_bytes()
    file.write_bytes(whole[: len(whole) // 2] if damage == "cut short" else b"no database" * 1000)
    damaged = file.read_bytes()
    with pytest.raises(DatabaseRefused, match=f"cannot be read.*: restore a backup, .* {UPGRADE}"):
        refuse_other_revision(f"sqlite:///{file}")
    with pytest.raises(DatabaseRefused, match="cannot be read"):
        migrate(create_engine(f"sqlite:///{file}"))
    assert file.read_bytes() == damaged


def test_the_server_ends_with_a_sentence_and_the_command_that_it_names_helps(
    tmp_path: Path,
) -> None:
    place = {"CONSOLE_INSTANCE_PATH": str(tmp_path)}
    served = run(*SERVE, "--port", str(free_port()), folder=ROOT, **place)
    said = served.stdout + served.stderr
    assert served.returncode != 0
    assert "Traceback" not in said
    named = re.search(r"make them with `(flask .+)`", said)
    assert named
    done = run(sys.executable, "-m", *shlex.split(named[1]), folder=ROOT, **place)
    assert done.returncode == 0, done.stderr
    assert run(sys.executable, *WSGI, folder=ROOT, **place).returncode == 0


def test_every_command_but_those_of_the_database_refuses_too(empty: Engine, tmp_path: Path) -> None:
    app = create_app(Settings(database_url=url_of(empty), instance_path=str(tmp_path)))
    groups = {name: group for name, group in app.cli.commands.items() if isinstance(group, Group)}
    del groups["database"]
    for group in groups.values():
        done = app.test_cli_runner().invoke(args=[str(group.name), next(iter(group.commands))])
        assert (group.name, "no tables yet" in done.output) == (group.name, True)
    assert len(groups) > 2


def url_of(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)
