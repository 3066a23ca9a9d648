"""Run the server of `make run` on a database that tests fill and set back each time."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.databases import Sqlite
from webapp.config import ROOT

SERVE = (sys.executable, "-m", "flask", "--app", "wsgi", "serve", "--workers", "1")
PATIENCE = 30  # seconds


@dataclass(frozen=True)
class Server:
    """Answers at `url` from the database in `folder`."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def database(self) -> Path:
        return self.folder / "console.sqlite"

    def start_anew(self, template: Path) -> str:
        """Make the database, which the server keeps open, the same as `template`.

        Its ledger goes, which would know of erasures that are none of this database. Returns its
        URL for the test's own connections.
        """
        (self.folder / "ledger.sqlite").unlink(missing_ok=True)
        with (
            closing(sqlite3.connect(template)) as empty,
            closing(sqlite3.connect(self.database, timeout=PATIENCE)) as used,
        ):
            empty.backup(used)
        return f"sqlite:///{self.database}"


@contextmanager
def serving(sqlite: Sqlite, folder: Path, **settings: str) -> Iterator[Server]:
    """Run a server of our own on a free port of this machine, with these settings."""
    with sqlite.copy(folder):
        port = free_port()
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CONSOLE_", "DATABASE_URL"))
        } | settings
        log = folder / "server.log"
        with log.open("wb") as said:
            process = subprocess.Popen(  # the server of this project, with our own arguments
                [*SERVE, "--port", str(port)],
                cwd=ROOT,
                env=environment | {"CONSOLE_INSTANCE_PATH": str(folder)},
                stdout=said,
                stderr=said,
            )
        try:
            wait_for(port, process, log)
            yield Server(f"http://127.0.0.1:{port}", folder, process)
        finally:
            died = process.poll()
            process.terminate()
            process.wait(PATIENCE)
            if died:
                raise RuntimeError(f"The server ended by itself ({died}): {log.read_text()}")


def free_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers. What it said is in the error if it does not."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    process.terminate()
    raise RuntimeError(f"The server did not start: {log.read_text()}")
