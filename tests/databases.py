"""Databases for tests: migrated once, then copied for every test."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
from sqlalchemy import create_engine

from webapp.schema import migrate

FASTER = (
    "fsync",
    "full_page_writes",
    "synchronous_commit",
)  # what a database needs that survives a power cut


def migrated(url: str) -> str:
    """The same URL, its database up to date."""
    engine = create_engine(url)
    migrate(engine)
    engine.dispose()
    return url


@dataclass(frozen=True)
class Sqlite:
    """A migrated file, and copies of it."""

    template: Path

    @classmethod
    def in_folder(cls, folder: Path) -> Sqlite:
        template = folder / "template.sqlite"
        migrated(f"sqlite:///{template}")
        return cls(template)

    @contextmanager
    def copy(self, folder: Path) -> Iterator[str]:
        """The URL of a fresh copy in `folder`."""
        yield f"sqlite:///{shutil.copy(self.template, folder / 'console.sqlite')}"

    @contextmanager
    def empty(self, folder: Path) -> Iterator[str]:
        """The URL of a database in `folder` that has no tables."""
        yield f"sqlite:///{folder / 'console.sqlite'}"


@dataclass(frozen=True)
class PostgreSQL:
    """A running server of our own, with a migrated database in it, and copies of that."""

    folder: Path
    numbers: Iterator[int]

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[PostgreSQL]:
        """Start a server that only this machine's user reaches, and stop and remove it at the end."""
        folder = Path(tempfile.mkdtemp(prefix="console-"))  # short: the path of a socket must be
        owner = server_user()
        if owner:
            shutil.chown(folder, owner)
        data, options = (
            str(folder / "data"),
            f"-c listen_addresses= -c unix_socket_directories={folder} "
            + " ".join(f"-c {name}=off" for name in FASTER),
        )
        try:
            run(
                "initdb",
                "--no-sync",
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                "--pgdata",
                data,
                owner=owner,
            )
            run(
                "pg_ctl",
                "start",
                "--wait",
                "--silent",
                "--pgdata",
                data,
                "--log",
                str(folder / "log"),
                "--options",
                options,
                owner=owner,
            )
            try:
                server = cls(folder, count(1))
                server.say("CREATE DATABASE template_console")
                migrated(server.url("template_console"))
                yield server
            finally:
                run("pg_ctl", "stop", "--mode=immediate", "--silent", "--pgdata", data, owner=owner)
        finally:
            shutil.rmtree(folder)

    @contextmanager
    def copy(self, _folder: Path) -> Iterator[str]:
        """The URL of a fresh copy, dropped at the end."""
        with self.made_from("template_console") as url:
            yield url

    @contextmanager
    def empty(self, _folder: Path) -> Iterator[str]:
        """The URL of a database without tables, dropped at the end."""
        with self.made_from("template0") as url:
            yield url

    @contextmanager
    def made_from(self, template: str) -> Iterator[str]:
        """The URL of a copy of `template`, dropped at the end."""
        name = f"console_{next(self.numbers)}"
        self.say(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self.say(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def say(self, statement: str) -> None:
        with psycopg.connect(
            host=str(self.folder), user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())


def server_user() -> str | None:
    """Whom the server runs as, where that is not us: it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise RuntimeError(
            "PostgreSQL does not run as root and there is no user `postgres`. Install PostgreSQL, or run the tests as another user."
        ) from None


def run(program: str, *arguments: str, owner: str | None) -> None:
    """Run a program of PostgreSQL; what it said is in the error if it fails."""
    done = subprocess.run(  # a program found below, with our own arguments
        [found(program), *arguments], user=owner, group=owner, extra_groups=[] if owner else None, cwd="/", stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, text=True,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{program} failed: {done.stderr}")


def found(program: str) -> str:
    """Where the program is: Debian keeps the servers' programs out of the PATH."""
    newest_first = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: -int(path.parts[-3])
    )
    path = shutil.which(program) or next(map(str, newest_first), None)
    if path is None:
        raise RuntimeError(
            "PostgreSQL is not installed. `make test` installs it; TEST_DATABASES=sqlite runs the tests without it."
        )
    return path
