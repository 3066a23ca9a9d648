"""Measure the real server under load: requests a second, and the memory of its workers.

The floor is a minimal Flask page of the same bytes. Everything stays on the loopback address, is
bounded in time and in the number of requests, and stops by itself.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from tests.benchmarks.pairs import Measured
from tests.benchmarks.visitor import Visitor
from tests.benchmarks.world import COMMON
from webapp.config import ROOT
from webapp.models import Purpose

PORT = "<port>"  # in a command, the port that is found free
VISITORS = 4
SECONDS = 5.0
MINIMAL = """from flask import Flask
app = Flask(__name__)
BODY = "x" * {size}


@app.get("/")
def page():
    return BODY
"""


def serving(visitor: Visitor, url: str, folder: str) -> Iterator[Measured]:
    """Ask for the search page of one domain with a keyword, in three pairs and very often."""
    made = visitor.search(Purpose.ERASE, keyword=COMMON[:2], domain_ids=(7,))
    path = f"/users/erase-deleted/{made.id}"
    size = len(visitor.get(path))
    (Path(folder) / "minimal.py").write_text(MINIMAL.format(size=size))
    ours_environment = {
        "DATABASE_URL": url,
        "CONSOLE_SECRET_KEY": "a key for benchmarks that is long enough",
        "CONSOLE_INSTANCE_PATH": folder,
    }
    with (
        server("wsgi:app", str(ROOT), ours_environment) as ours,
        server("minimal:app", folder, {}) as minimal,
    ):
        pairs = [
            (rate(ours.port, path, visitor.cookie), rate(minimal.port, "/", "")) for _ in range(3)
        ]
        ratios = sorted(a / b for a, b in pairs)
        seconds = [median(1 / rate for rate in rates) for rates in zip(*pairs, strict=True)]
        yield Measured(
            "Requests a second: one every",
            seconds[0],
            seconds[1],
            ratios[1],
            ratios[0],
            ratios[2],
            0.6,
            at_least=True,
        )
        rates = sorted(ours for ours, _ in pairs)
        name = "Pages a second and worker, as a ratio to one"
        yield Measured(name, seconds[0], 1, rates[1], rates[0], rates[2], 250, at_least=True)
        before, after = _memory_over(ours, path, visitor.cookie, 10_000)
        name = (
            f"Memory of a worker after 10,000 more requests: {after:.0f} MB; as a ratio to before"
        )
        yield Measured(name, 0, 0, after / before, after / before, after / before, 1.05)


class Running:
    """A server with one worker."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self.port = process, port

    def megabytes(self) -> float:
        """Return the resident memory of its largest process."""
        family = [self.process.pid, *map(int, _children(self.process.pid))]
        return (
            max(
                int(line.split()[1])
                for pid in family
                for line in Path(f"/proc/{pid}/status").read_text().splitlines()
                if line.startswith("VmRSS")
            )
            / 1024
        )


@contextmanager
def server(app: str, folder: str, environment: dict[str, str]) -> Iterator[Running]:
    """Run Waitress with one worker, on a free port."""
    program = f"{Path(sys.executable).parent}/waitress-serve"
    command = [program, "--host", "127.0.0.1", "--port", PORT, "--threads", "4", app]
    with started(command, folder, environment) as running:
        yield running


@contextmanager
def production(environment: dict[str, str]) -> Iterator[Running]:
    """Run `flask serve` as in production, with its two workers, on a free port."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve", "--port", PORT]
    with started(command, str(ROOT), environment) as running:
        yield running


@contextmanager
def started(command: list[str], folder: str, environment: dict[str, str]) -> Iterator[Running]:
    """Start a server at a free port, which its command calls PORT; end it afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(port) if part == PORT else part for part in command]
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, **environment})
    try:
        _wait_for(port)
        yield Running(process, port)
    finally:
        process.terminate()
        process.wait(90)


def rate(port: int, path: str, cookie: str) -> float:
    """Return the requests a second of VISITORS at once for SECONDS."""
    end = time.perf_counter() + SECONDS
    with ThreadPoolExecutor(VISITORS) as visitors:
        return (
            sum(visitors.map(lambda _: _visits(port, path, cookie, end), range(VISITORS))) / SECONDS
        )


def _visits(port: int, path: str, cookie: str, end: float, most: int = 1_000_000) -> int:
    connection, done = HTTPConnection("127.0.0.1", port), 0
    while done < most and time.perf_counter() < end:
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        done += 1
    connection.close()
    return done


def _memory_over(running: Running, path: str, cookie: str, requests: int) -> tuple[float, float]:
    """Return the megabytes before and after so many requests; five minutes at most."""
    before, end = running.megabytes(), time.perf_counter() + 300
    with ThreadPoolExecutor(VISITORS) as visitors:
        list(
            visitors.map(
                lambda _: _visits(running.port, path, cookie, end, requests // VISITORS),
                range(VISITORS),
            )
        )
    return before, running.megabytes()


def _children(pid: int) -> list[str]:
    found = [
        children.read_text().split() for children in Path(f"/proc/{pid}/task").glob("*/children")
    ]
    direct = [child for each in found for child in each]
    return direct + [grandchild for child in direct for grandchild in _children(int(child))]


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The server did not start.")
