"""Make databases for tests: migrated and furnished once, then copied for every test."""

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
from typing import Any

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from tests.factories import make_office
from webapp.schema import migrate

# What a database needs that survives a power cut.
FASTER = ("fsync", "full_page_writes", "synchronous_commit")


def migrated(url: str) -> None:
    """Bring a database up to date."""
    engine = create_engine(url)
    migrate(engine)
    engine.dispose()


def furnished(url: str) -> None:
    """Put the small office into a migrated database."""
    engine = create_engine(url)
    with Session(engine) as session:
        make_office(session)
        session.commit()
    engine.dispose()


@dataclass(frozen=True)
class Sqlite:
    """Holds a migrated file, one with the small office in it, and makes copies of either."""

    template: Path
    office: Path

    @classmethod
    def in_folder(cls, folder: Path) -> Sqlite:
        made = cls(folder / "template.sqlite", folder / "office.sqlite")
        migrated(f"sqlite:///{made.template}")
        furnished(f"sqlite:///{shutil.copy(made.template, made.office)}")
        return made

    @contextmanager
    def copy(self, folder: Path, *, office: bool = False) -> Iterator[str]:
        """Make a fresh copy in `folder`, on request with the small office in it; yield its URL."""
        template = self.office if office else self.template
        yield f"sqlite:///{shutil.copy(template, folder / 'console.sqlite')}"

    @contextmanager
    def empty(self, folder: Path) -> Iterator[str]:
        """Yield the URL of a database in `folder` that has no tables."""
        yield f"sqlite:///{folder / 'console.sqlite'}"


@dataclass(frozen=True)
class PostgreSQL:
    """Holds a running server of our own, with databases in it like the files of Sqlite."""

    folder: Path
    admin: psycopg.Connection[Any]
    numbers: Iterator[int]

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[PostgreSQL]:
        """Start a server that only this machine's user reaches; stop and remove it at the end."""
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
                with psycopg.connect(
                    host=str(folder), user="postgres", dbname="postgres", autocommit=True
                ) as admin:
                    server = cls(folder, admin, count(1))
                    server.say("CREATE DATABASE template_console")
                    migrated(server.url("template_console"))
                    server.say("CREATE DATABASE template_office TEMPLATE template_console")
                    furnished(server.url("template_office"))
                    yield server
            finally:
                run("pg_ctl", "stop", "--mode=immediate", "--silent", "--pgdata", data, owner=owner)
        finally:
            shutil.rmtree(folder)

    @contextmanager
    def copy(self, _folder: Path, *, office: bool = False) -> Iterator[str]:
        """Make a fresh copy, on request with the office; yield its URL, and drop it at the end."""
        with self.made_from("template_office" if office else "template_console") as url:
            yield url

    @contextmanager
    def empty(self, _folder: Path) -> Iterator[str]:
        """Make a database without tables; yield its URL, and drop it at the end."""
        with self.made_from("template0") as url:
            yield url

    @contextmanager
    def made_from(self, template: str) -> Iterator[str]:
        """Make a copy of `template`; yield its URL, and drop it at the end.

        Files are copied, which is all that releases before 15 can do. The other way, through the
        log, waits a quarter of a second each time.
        """
        name = f"console_{next(self.numbers)}"
        how = "STRATEGY FILE_COPY" if self.admin.info.server_version >= 150000 else ""
        self.say(f"CREATE DATABASE {name} TEMPLATE {template} {how}")
        try:
            yield self.url(name)
        finally:
            self.say(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, name: str) -> str:
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def say(self, statement: str) -> None:
        self.admin.execute(statement.encode())


def server_user() -> str | None:
    """Return whom the server runs as; None where that is us. It refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise RuntimeError(
            "PostgreSQL does not run as root and there is no user `postgres`. "
            "Install PostgreSQL, or run the tests as another user."
        ) from None


def run(program: str, *arguments: str, owner: str | None) -> None:
    """Run a program of PostgreSQL. What it said is in the error if it fails."""
    done = subprocess.run(  # a program found below, with our own arguments
        [found(program), *arguments],
        user=owner,
        group=owner,
        extra_groups=[] if owner else None,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"{program} failed: {done.stderr}")


def found(program: str) -> str:
    """Find the program: Debian keeps the servers' programs out of the PATH."""
    newest_first = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: -int(path.parts[-3])
    )
    path = shutil.which(program) or next(map(str, newest_first), None)
    if path is None:
        raise RuntimeError(
            "PostgreSQL is not installed. "
            "`make test` installs it; TEST_DATABASES=sqlite runs the tests without it."
        )
    return path
