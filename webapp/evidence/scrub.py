"""Scrub: rewrite the database's files, whose unused bytes still hold rows that were deleted.

SQLite writes its file anew and empties its log. PostgreSQL writes every table anew in the order of
its key, so that no order of events is left either, then its statistics, and turns its log over.
Every step can be interrupted, and the whole can be done again. Receipts are marked last.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, Engine, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from webapp.db import Base, begin_writing, log_emptied
from webapp.errors import Refused
from webapp.models import Receipt

PATIENCE = 60.0  # seconds to wait for others who are in the way
PAUSE = 0.2  # seconds between two tries
LOCK_WAIT = 500  # milliseconds: whoever comes meanwhile waits behind us
LOCKED, FORBIDDEN = "55P03", "42501"  # what PostgreSQL calls these errors
GRANTS = (
    "Let the console's role own its tables and its database, and give it what scrubbing needs: "
    "see *Scrubbing* in docs/operations.md."
)
AGAIN = "Nothing was marked as scrubbed. Do it again when it is quiet, or wait longer with --wait."
# The primary key of a table, as the index that it is.
KEY = (
    "SELECT CAST(CAST(indexrelid AS regclass) AS text) FROM pg_index "
    "WHERE indrelid = CAST(:name AS regclass) AND indisprimary"
)
# How many still see what was there before: transactions, replicas and what is prepared.
EARLIER = """
    WITH others AS (
        SELECT backend_xid, backend_xmin FROM pg_stat_activity
        WHERE coalesce(datname, current_database()) = current_database()
            AND pid <> pg_backend_pid())
    SELECT count(*) FROM (
        SELECT backend_xid FROM others UNION ALL SELECT backend_xmin FROM others
        UNION ALL SELECT xmin FROM pg_replication_slots
        UNION ALL SELECT catalog_xmin FROM pg_replication_slots
        UNION ALL SELECT transaction FROM pg_prepared_xacts) AS earlier(xid)
    WHERE age(xid) > age(CAST(:began AS xid))"""
LOG_FILES = "SELECT name FROM pg_ls_waldir() WHERE name ~ '^[0-9A-F]{24}$' ORDER BY name"

Say = Callable[[str], None]


def scrub(engine: Engine, today: date, patience: float, say: Say) -> int:
    """Scrub, say each step once it is done, and return how many receipts are marked by it.

    `patience` is how many seconds to wait for readers in the way. Refused where it cannot be done;
    then no receipt is marked.
    """
    with Session(engine) as session:
        covered = session.scalars(select(Receipt.id).where(Receipt.scrubbed_on.is_(None))).all()
    by_kind = {"sqlite": _scrub_sqlite, "postgresql": _scrub_postgresql}
    by_kind[engine.dialect.name](engine, monotonic() + patience, say)
    with Session(engine) as session:
        begin_writing(session)
        for receipt_id in covered:
            session.execute(
                update(Receipt).where(Receipt.id == receipt_id).values(scrubbed_on=today)
            )
        session.commit()
    return len(covered)


def _scrub_sqlite(engine: Engine, deadline: float, say: Say) -> None:
    file = Path(engine.url.database or "")
    size = file.stat().st_size
    _refuse_without_room(file.parent, 2 * size, say)
    _refuse_without_room(Path(tempfile.gettempdir()), size, say)
    _until(lambda: _vacuumed(engine), deadline, "Somebody else is writing.")
    say("The file has been written anew (VACUUM).")
    _until(lambda: log_emptied(engine), deadline, "Somebody is reading, so the log stays.")
    say("The log has been emptied (truncating checkpoint).")


def _vacuumed(engine: Engine) -> bool:
    """Tell whether nobody was in the way."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("VACUUM")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return False
        raise Refused(f"SQLite could not write its file anew: {error}.", AGAIN) from None
    finally:
        connection.close()
    return True


def _scrub_postgresql(engine: Engine, deadline: float, say: Say) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # nobody else is to find our settings
        if not _ask(connection, "SELECT pg_has_role('pg_monitor', 'USAGE')"):
            raise Refused("PostgreSQL does not let us see who is connected.", GRANTS)
        began = _ask(connection, "SELECT CAST(CAST(pg_current_xact_id() AS xid) AS text)")
        tables = [table.name for table in Base.metadata.sorted_tables]
        _look_for_room(connection, tables, say)
        connection.exec_driver_sql(f"SET lock_timeout = {LOCK_WAIT}")
        _until(
            lambda: not _ask(connection, EARLIER, began=began),
            deadline,
            "A transaction that began earlier is still open, "
            "and PostgreSQL keeps for it what was deleted.",
        )
        for name in tables:
            key = _ask(connection, KEY, name=f'"{name}"')
            _rewrite(connection, name, f'CLUSTER "{name}" USING {key}', deadline)
        say(f"{len(tables)} tables have been written anew in the order of their keys (CLUSTER).")
        for name in tables:
            connection.exec_driver_sql(f'ANALYZE "{name}"')
        _rewrite(connection, "pg_statistic", "VACUUM FULL pg_statistic", deadline)
        say("The statistics have been made and written anew (ANALYZE, VACUUM FULL pg_statistic).")
        _turn_log_over(connection)
        say("The write-ahead log has been turned over (CHECKPOINT, pg_switch_wal).")


def _ask(connection: Connection, statement: str, **values: object) -> Any:
    return connection.scalar(text(statement), values)


def _rewrite(connection: Connection, table: str, statement: str, deadline: float) -> None:
    """Rewrite a table; Refused where its file is the same afterwards, of which SQL only warns."""
    file = "SELECT pg_relation_filenode(CAST(:name AS regclass))"
    before = _ask(connection, file, name=f'"{table}"')
    _until(lambda: _said(connection, statement), deadline, f"Somebody is using {table}.")
    if _ask(connection, file, name=f'"{table}"') == before:
        raise Refused(f"PostgreSQL did not let us write {table} anew.", GRANTS)


def _said(connection: Connection, statement: str) -> bool:
    """Say a statement and tell whether no lock was in the way; Refused where it is forbidden."""
    try:
        connection.exec_driver_sql(statement)
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", "")
        if state == LOCKED:
            return False
        if state == FORBIDDEN:
            what = statement.split('"')[0].strip()
            raise Refused(f"PostgreSQL does not let us do this: {what}.", GRANTS) from None
        raise
    return True


def _turn_log_over(connection: Connection) -> None:
    """Let the log go on in new files until all files that there were are gone or overwritten.

    A file that is no longer needed is kept for later as it is (`wal_recycle`). It is overwritten as
    the log comes to it. Refused where an old file is kept for somebody.
    """
    first = _ask(connection, "SELECT pg_walfile_name(pg_current_wal_lsn())")
    recycled = _ask(connection, "SHOW wal_recycle") == "on"
    for _ in range(2):
        _said(connection, "CHECKPOINT")
        files = connection.scalars(text(LOG_FILES)).all()
        for _ in files if recycled else files[:1]:
            connection.exec_driver_sql("SELECT pg_current_xact_id()")  # so that there is something
            _said(connection, "SELECT pg_switch_wal()")
    _said(connection, "CHECKPOINT")
    if any(name <= first for name in connection.scalars(text(LOG_FILES))):
        raise Refused(
            "PostgreSQL keeps old files of its log, for a replica, an archive or by wal_keep_size.",
            "Let the replica or the archive catch up, then scrub again.",
        )


def _look_for_room(connection: Connection, tables: Iterable[str], say: Say) -> None:
    """Say what room it takes; look whether it is there where the server runs on this machine."""
    size = "SELECT pg_total_relation_size(CAST(:name AS regclass))"
    sizes = [int(_ask(connection, size, name=f'"{name}"')) for name in tables]
    needed = max(sizes) + sum(sizes)  # the largest table once more, and all of them in the log
    folder = Path(_ask(connection, "SHOW data_directory"))
    if folder.is_dir():
        _refuse_without_room(folder, needed, say)
    else:
        say(f"It takes up to {_megabytes(needed)} on the server, which was not looked at.")


def _refuse_without_room(folder: Path, needed: int, say: Say) -> None:
    """Say how much room it takes; Refused where there is less."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Refused(
            f"Scrubbing takes up to {_megabytes(needed)} in {folder}, "
            f"where {_megabytes(free)} are free.",
            "Make room, then scrub again.",
        )
    say(f"It takes up to {_megabytes(needed)} in {folder}; {_megabytes(free)} are free.")


def _megabytes(size: int) -> str:
    return f"{-(-size // 1_000_000):,} MB"


def _until(done: Callable[[], bool], deadline: float, why: str) -> None:
    """Try until it is done; Refused after `deadline`, with what was in the way."""
    while not done():
        if monotonic() > deadline:
            raise Refused(why, AGAIN)
        sleep(PAUSE)
