"""A copy of the project in which a test can write further migrations."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from webapp.config import ROOT

MIGRATION = """
import os, signal
from alembic import op
revision, down_revision, branch_labels, depends_on = {revision!r}, {after!r}, None, None


def upgrade() -> None:
{body}
"""


@dataclass(frozen=True)
class Checkout:
    """The code, the migrations and the settings of both in a folder of their own."""

    folder: Path

    @classmethod
    def into(cls, folder: Path) -> Checkout:
        for name in ("webapp", "templates", "migrations"):
            shutil.copytree(ROOT / name, folder / name)
        for name in ("pyproject.toml", "wsgi.py", "Makefile"):
            shutil.copy2(ROOT / name, folder / name)
        return cls(folder)

    @property
    def config(self) -> Config:
        return Config(toml_file=self.folder / "pyproject.toml", stdout=sys.stderr)

    @property
    def revisions(self) -> list[str]:
        """Every revision, the oldest first."""
        scripts = ScriptDirectory.from_config(self.config)
        return [script.revision for script in scripts.walk_revisions()][::-1]

    def write(self, revision: str, *lines: str) -> None:
        """Add a migration after the newest one, with these lines as its upgrade."""
        body = "\n".join(f"    {line}" for line in lines)
        text = MIGRATION.format(revision=revision, after=self.revisions[-1], body=body)
        (self.folder / "migrations" / "versions" / f"{revision}.py").write_text(text)

    def python(self, *words: str, url: str) -> subprocess.CompletedProcess[str]:
        """Run Python in this folder, in a process of its own, on the database at `url`."""
        return run(sys.executable, *words, folder=self.folder, DATABASE_URL=url)


def upgrade(connection: Connection, config: Config, to: str = "head") -> None:
    """Run migrations over this connection, as `flask database upgrade` does."""
    config.attributes["connection"] = connection
    command.upgrade(config, to)


def run(*words: str, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a program in `folder` with these settings and no others."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CONSOLE_", "DATABASE_URL", "FLASK_", "MAKE"))
    }
    return subprocess.run(  # our own programs
        words,
        cwd=folder,
        env=environment | settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,  # seconds
    )
