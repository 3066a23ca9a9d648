"""Make backups of a test's database and restore them, as operators do."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine

from tests.databases import PostgreSQL, run

KINDS = ("a copy", "a dump")  # of the files; and by the database's own means
Restore = Callable[[], None]


def backed_up(kind: str, engine: Engine, folder: Path, server: PostgreSQL | None) -> Restore:
    """Make a backup of this kind; return what restores it, whatever is connected then."""
    if server:
        return (_copied if kind == "a copy" else _dumped)(engine, folder, server)
    file = Path(str(engine.url.database))
    kept = folder / "backup"
    kept.mkdir()
    if kind == "a copy":  # with the log that belongs to it
        for part in file.parent.glob(f"{file.name}*"):
            shutil.copy(part, kept)
    else:
        with (
            closing(sqlite3.connect(file)) as own,
            closing(sqlite3.connect(kept / file.name)) as to,
        ):
            own.backup(to)

    def restore() -> None:
        engine.dispose()
        for part in file.parent.glob(f"{file.name}*"):
            part.unlink()
        shutil.copytree(kept, file.parent, dirs_exist_ok=True)

    return restore


def _copied(engine: Engine, _folder: Path, server: PostgreSQL) -> Restore:
    name = str(engine.url.database)
    engine.dispose()  # nobody may be connected to what is copied
    _copy(server, name, f"{name}_backup")

    def restore() -> None:
        engine.dispose()
        server.say(f"DROP DATABASE {name} WITH (FORCE)")
        _copy(server, f"{name}_backup", name)

    return restore


def _copy(server: PostgreSQL, name: str, to: str) -> None:
    server.say(f"CREATE DATABASE {to} TEMPLATE {name} STRATEGY FILE_COPY")


def _dumped(engine: Engine, folder: Path, server: PostgreSQL) -> Restore:
    name = str(engine.url.database)
    file = str(folder / "backup.dump")
    there = ("--host", str(server.folder), "--username", "postgres", "--dbname", name)
    run("pg_dump", *there, "--format=custom", "--file", file, owner=None)

    def restore() -> None:
        engine.dispose()
        server.say(f"DROP DATABASE {name} WITH (FORCE)")
        server.say(f"CREATE DATABASE {name} TEMPLATE template0")
        run("pg_restore", *there, "--exit-on-error", file, owner=None)

    return restore
