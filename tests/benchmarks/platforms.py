"""Keep the databases that benchmarks run on, under `.cache/bench`.

They are filled once, and made anew when what fills them changes.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path

import psycopg
from sqlalchemy import create_engine, make_url

from tests.benchmarks import world
from tests.benchmarks.world import Size
from tests.databases import run, server_user
from webapp.config import ROOT

KEPT = ROOT / ".cache" / "bench"
SOCKETS = "/tmp"  # the path of a socket must be short


@contextmanager
def platform(kind: str, size: Size) -> Iterator[str]:
    """Give the URL of a filled database; what a benchmark changes in it, it changes back."""
    KEPT.mkdir(parents=True, exist_ok=True)
    if kind == "sqlite":
        yield _sqlite(size)
    else:
        with _postgresql(size) as url:
            yield url


@contextmanager
def with_fewer_events(kind: str, url: str) -> Iterator[str]:
    """Give the URL of a copy of this platform with a tenth of its events; gone in the end.

    Nothing may be connected to the original.
    """
    path, name = make_url(url).database, "bench_fewer_events"
    assert path is not None
    if kind == "sqlite":
        copy = f"sqlite:///{shutil.copy(path, KEPT / f'{name}.sqlite')}"
    else:
        _say(f"DROP DATABASE IF EXISTS {name}")
        _say(f"CREATE DATABASE {name} TEMPLATE {path}")
        copy = _url(name)
    engine = create_engine(copy, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("DELETE FROM event WHERE mod(id, 10) <> 0")
        connection.exec_driver_sql("ANALYZE" if kind == "sqlite" else "VACUUM ANALYZE event")
        connection.commit()
    engine.dispose()
    try:
        yield copy
    finally:
        if kind == "sqlite":
            for file in KEPT.glob(f"{name}.sqlite*"):
                file.unlink()
        else:
            _say(f"DROP DATABASE {name} WITH (FORCE)")


def _sqlite(size: Size) -> str:
    path = KEPT / f"{_name(size)}.sqlite"
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        unfinished.unlink(missing_ok=True)
        _fill(f"sqlite:///{unfinished}", size)
        unfinished.rename(path)
    return f"sqlite:///{path}"


@contextmanager
def _postgresql(size: Size) -> Iterator[str]:
    owner, folder = server_user(), KEPT / "postgresql"
    folder.mkdir(exist_ok=True)
    if owner:
        shutil.chown(folder, owner)
    data = folder / "data"
    if not (data / "PG_VERSION").exists():
        run(
            "initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8",
            "--locale=C.UTF-8", "--pgdata", str(data), owner=owner,
        )  # fmt: skip
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": SOCKETS,
        "shared_buffers": "1GB",
        "work_mem": "64MB",
        "max_wal_size": "8GB",
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    run(
        "pg_ctl", "start", "--wait", "--silent", "--pgdata", str(data),
        "--log", str(folder / "log"), "--options", options, owner=owner,
    )  # fmt: skip
    try:
        name = _name(size).replace("-", "_")
        if not _there(name):
            _say(f"DROP DATABASE IF EXISTS {name}_unfinished")
            _say(f"CREATE DATABASE {name}_unfinished")
            _fill(_url(f"{name}_unfinished"), size)
            _say(f"ALTER DATABASE {name}_unfinished RENAME TO {name}")
        yield _url(name)
    finally:
        run("pg_ctl", "stop", "--mode=fast", "--silent", "--pgdata", str(data), owner=owner)


def _fill(url: str, size: Size) -> None:
    print(
        f"Filling a database with {size.users:,} users and {size.events:,} events. "
        "It takes minutes, and is kept for the next time.",
        flush=True,
    )
    engine = create_engine(url)
    world.fill(engine, size)
    engine.dispose()


def _name(size: Size) -> str:
    sources = [Path(world.__file__), *sorted((ROOT / "migrations" / "versions").glob("*.py"))]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:8]
    return "-".join(["world", *map(str, astuple(size)), digest])


def _url(name: str) -> str:
    return f"postgresql+psycopg://postgres@/{name}?host={SOCKETS}"


def _there(name: str) -> bool:
    with psycopg.connect(host=SOCKETS, user="postgres", dbname="postgres") as connection:
        asked = "SELECT 1 FROM pg_database WHERE datname = %s"
        return connection.execute(asked, [name]).fetchone() is not None


def _say(statement: str) -> None:
    with psycopg.connect(
        host=SOCKETS, user="postgres", dbname="postgres", autocommit=True
    ) as connection:
        connection.execute(statement.encode())
