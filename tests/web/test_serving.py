"""The server: slow visitors hold up nobody, and what has begun may end when it is told to stop."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from tests.browser.server import SERVE, Server, serving
from tests.databases import Sqlite
from tests.factories import PASSWORD, Office, make_office, the_office
from tests.migrations.checkout import run
from webapp.config import ROOT

SLOW = 200
UNFINISHED = (
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nuser_name="
)


@pytest.fixture
def server(sqlite: Sqlite, tmp_path: Path) -> Iterator[Server]:
    with serving(sqlite, tmp_path) as running:
        yield running


@pytest.fixture
def office(server: Server) -> Office:
    engine = create_engine(f"sqlite:///{server.database}")
    with Session(engine, expire_on_commit=False) as session:
        make_office(session)
        session.commit()
        made = the_office(session)
    engine.dispose()
    return made


def address(server: Server) -> tuple[str, int]:
    found = urlsplit(server.url)
    return str(found.hostname), int(found.port or 0)


def ask(server: Server, method: str, path: str, body: str = "", cookie: str = "") -> Any:
    """Ask over a connection of its own; return status, text and cookie."""
    connection = HTTPConnection(*address(server), timeout=60)
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    connection.request(method, path, body or None, kind | {"Cookie": cookie})
    answer = connection.getresponse()
    text = answer.read().decode()
    given = (answer.getheader("Set-Cookie") or "").partition(";")[0]
    connection.close()
    return answer.status, text, given or cookie


def token_in(text: str) -> str:
    return text.partition('name="csrf_token" value="')[2].partition('"')[0]


def test_visitors_who_send_slowly_hold_up_nobody(server: Server, office: Office) -> None:
    with ExitStack() as opened:
        for _ in range(SLOW):
            slow = opened.enter_context(socket.create_connection(address(server), 10))
            slow.sendall(UNFINISHED)
        for path in ("/sign-in", "/help", "/health"):
            assert ask(server, "GET", path)[0] == 200
        slow.sendall(b"x" * 990)  # who is slow is answered all the same, in the end
        slow.settimeout(60)
        assert slow.recv(12) == b"HTTP/1.1 400"


def test_what_has_begun_ends_when_the_server_is_told_to_stop(
    server: Server, office: Office, tmp_path: Path
) -> None:
    """A change waits for the database while the server is told to stop, and is still made."""
    _, text, cookie = ask(server, "GET", "/sign-in")
    sent = f"user_name=priya.contact&password={PASSWORD}&csrf_token={token_in(text)}"
    answers: list[Any] = []
    with closing(sqlite3.connect(server.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        asking = Thread(
            target=lambda: answers.append(ask(server, "POST", "/sign-in", sent, cookie))
        )
        asking.start()
        asking.join(0.3)
        server.process.send_signal(signal.SIGTERM)
        asking.join(0.3)
        assert answers == []
        other.execute("COMMIT")
        asking.join(60)
        assert [status for status, *_ in answers] == [303]
        assert other.execute("SELECT count(*) FROM sign_in").fetchone() == (1,)
    assert server.process.wait(60) == 0


TOLD_WHILE_IT_STARTS = """
import os, signal
from webapp.cli.serve import STOP, keep_running

def start_one():
    os.kill(os.getpid(), signal.SIGTERM)
    worker = os.fork()
    if worker:
        return worker
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)
    signal.pause()

keep_running(2, start_one)
"""


def test_a_server_that_is_told_to_stop_while_its_workers_start_stops() -> None:
    command = [sys.executable, "-c", TOLD_WHILE_IT_STARTS]
    assert subprocess.run(command, cwd=ROOT, timeout=60).returncode == 0


def test_a_port_that_is_taken_is_named_in_a_sentence(server: Server, tmp_path: Path) -> None:
    port = str(address(server)[1])
    place = {"CONSOLE_INSTANCE_PATH": str(server.folder)}
    done = run(*SERVE, "--port", port, folder=ROOT, **place)
    assert done.returncode == 1
    assert f"Port {port} of 127.0.0.1 cannot be used: Address already in use." in done.stderr
