"""flask serve: the server. It reads a request whole before a thread answers it.

So a slow visitor costs a little memory and no thread. Each worker is a process; one that ends by
itself is started anew. SIGTERM lets what has begun end, and sends its answer.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Thread
from typing import Any

import click
import waitress
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError

from webapp.cli.common import writing
from webapp.cli.database import refuse_here
from webapp.db import db
from webapp.errors import Busy
from webapp.lifecycle import first_administrator
from webapp.times import now

THREADS = 64  # of a worker; more than may wait for a turn, so that who only reads finds one
VISITORS = 900  # connections of a worker; more of them wait
SILENCE = 30  # seconds without a byte after which a connection is closed
TO_END = 60  # seconds in which requests that have begun may end
STOP = (signal.SIGTERM, signal.SIGINT)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8000, show_default=True, help="The port to listen at.")
@click.option("--workers", default=2, show_default=True, help="Processes that answer.")
@with_appcontext
def serve(host: str, port: int, workers: int) -> None:
    """Serve the console until it is told to stop."""
    refuse_here()
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # of a proxy
    try:
        listener = socket.create_server((host, port), backlog=1024)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise click.ClickException(
            f"Port {port} of {host} cannot be used: {why}. Choose another --port."
        ) from None
    announce_first_start()
    keep_running(workers, lambda: start(app, listener))


def announce_first_start() -> None:
    """Write a code to the log where there is no administrator yet, unless one still counts.

    A database that does not answer now may do so soon: then the page offers to write one.
    """
    with suppress(OperationalError, Busy), writing() as session:
        code = first_administrator.new_code(session, now())
        if code:
            click.echo(first_administrator.announcement(code), err=True)
    db.engine.dispose()  # no connection is shared with the workers


def keep_running(number: int, start_one: Callable[[], int]) -> None:
    """Keep so many workers running; on SIGTERM or SIGINT, end all of them and return."""
    workers, stopping = set[int](), list[bool]()

    def stop(*_signal: object) -> None:
        stopping.append(True)
        for worker in workers:
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGTERM)

    def begin() -> None:
        """Start one, unless all are to end; a signal waits until it reaches this one as well."""
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP)
        if not stopping:
            workers.add(start_one())
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)

    for each in STOP:
        signal.signal(each, stop)
    for _ in range(number):
        begin()
    while workers:
        ended, _ = os.wait()
        workers.discard(ended)
        if not stopping:
            time.sleep(1)  # so that one that cannot start does not keep the machine busy
            begin()


def start(app: Flask, listener: socket.socket) -> int:
    """Start a worker; return its process id."""
    worker = os.fork()
    if worker:
        return worker
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches it as well as the parent
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP)
    try:
        work(app, listener)
    finally:
        os._exit(1)  # it ends in `end`, or by an error, which waitress has logged


def work(app: Flask, listener: socket.socket) -> None:
    """Answer requests until SIGTERM, then end those that have begun."""
    server = waitress.create_server(
        app,
        sockets=[listener],
        threads=THREADS,
        connection_limit=VISITORS,
        channel_timeout=SILENCE,
        max_request_body_size=2 * app.config["MAX_CONTENT_LENGTH"],  # up to it, a page says so
        clear_untrusted_proxy_headers=False,  # the application decides, by CONSOLE_PROXIES
        asyncore_use_poll=True,
        ident=None,
    )
    signal.signal(signal.SIGTERM, lambda *_: Thread(target=end, args=(server,)).start())
    server.run()


def end(server: Any) -> None:
    """Take no more connections, let the threads end their requests, send the answers, and exit."""
    server.accepting = False
    server.task_dispatcher.shutdown(timeout=TO_END)
    deadline = time.monotonic() + SILENCE
    while time.monotonic() < deadline and any(
        channel.total_outbufs_len for channel in list(server.active_channels.values())
    ):
        time.sleep(0.05)
    os._exit(0)
