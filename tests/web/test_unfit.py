"""With a database that answers but is not as it should be, nobody reads that the fault is ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, NullPool, create_engine, event, make_url, text

from tests.conftest import Client
from tests.factories import Office
from webapp.db import db

UNUSABLE = "The console cannot be used just now"
BUSY = "The console is busy"
Anew = Callable[..., Flask]


@contextmanager
def beside(database_url: str) -> Iterator[Any]:
    """Open a connection of the test's own; PostgreSQL commits every statement by itself."""
    engine = create_engine(database_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
        connection.commit()


def only_on(engine: Engine, dialect: str) -> None:
    if engine.dialect.name != dialect:
        pytest.skip(f"Only {dialect} has this.")


def test_a_database_as_it_should_be_is_ready(web: Client) -> None:
    assert web.get("/health").text == web.get("/health/live").text == "well\n"


@pytest.mark.parametrize("revision", ["0001", "later"])
def test_one_of_another_version_is_alive_but_not_ready(
    web: Client, database_url: str, revision: str
) -> None:
    with beside(database_url) as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{revision}'"))
    assert "Its database is of another version." in web.get("/health", status=503)
    web.get("/health/live", status=200)


def test_one_without_tables_is_not_ready_and_every_page_says_so(
    web: Client, database_url: str, office: Office
) -> None:
    web.sign_in("priya.contact")
    with beside(database_url) as connection:
        connection.execute(text("DROP TABLE sign_in_session"))
        connection.execute(text("DROP TABLE alembic_version"))
    for path in ("/", "/users/", "/health"):
        assert UNUSABLE in web.get(path, status=503)


def test_one_whose_file_is_damaged_says_so(
    web: Client, engine: Engine, database_url: str, office: Office
) -> None:
    only_on(engine, "sqlite")
    web.sign_in("priya.contact")
    web.session.close()
    engine.dispose()
    file = str(make_url(database_url).database)
    with open(file, "r+b") as damaged:
        damaged.write(b"no database" * 3000)
    for path in ("/", "/health"):
        assert UNUSABLE in web.get(path, status=503)


@pytest.fixture
def signed_in(web: Client, office: Office) -> str:
    """Return the cookie of Priya's browser."""
    web.sign_in("priya.contact")
    return str(web.cookies["console"])


@pytest.fixture
def read_only(anew: Anew, engine: Engine, database_url: str, signed_in: str) -> Flask:
    """Make an application that can read its database and not write to it."""
    if engine.dialect.name == "sqlite":
        path = database_url.removeprefix("sqlite:///")
        return anew(database_url=f"sqlite:///file:{path}?mode=ro&uri=true")
    with beside(database_url) as connection:
        name = make_url(database_url).database
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    return anew()


def test_one_that_can_only_be_read_is_not_ready_and_is_still_read(
    web: Client, signed_in: str, read_only: Flask
) -> None:
    reading = Client(read_only, web.session)
    reading.set_cookie("console", signed_in)
    assert "Priya Contact" in reading.get("/users/", status=200)
    assert UNUSABLE in reading.get("/health", status=503)
    assert UNUSABLE in Client(read_only, web.session).sign_in("owen.contact")


def test_one_that_gives_no_more_connections_says_so(
    anew: Anew, engine: Engine, database_url: str
) -> None:
    only_on(engine, "postgresql")
    with beside(database_url) as connection:
        connection.execute(text("DROP ROLE IF EXISTS clerk"))
        connection.execute(text("CREATE ROLE clerk LOGIN CONNECTION LIMIT 0"))
    try:
        url = make_url(database_url).set(username="clerk")
        answer = anew(database_url=url.render_as_string()).test_client().get("/health")
        assert (answer.status_code, UNUSABLE in answer.text) == (503, True)
    finally:
        with beside(database_url) as connection:
            connection.execute(text("DROP ROLE clerk"))


def test_a_statement_that_took_too_long_reads_as_busy(
    web: Client, engine: Engine, database_url: str, office: Office
) -> None:
    only_on(engine, "postgresql")
    with beside(database_url) as connection:
        name = make_url(database_url).database
        connection.execute(text(f"ALTER DATABASE {name} SET statement_timeout = 200"))
    engine.dispose()
    web.session.commit()
    web.session.execute(text("LOCK TABLE sign_in_failure"))
    with web.app.test_client() as browser:
        token = browser.get("/sign-in").text.partition('csrf_token" value="')[2].partition('"')[0]
        sent = {"user_name": "priya.contact", "password": "wrong", "csrf_token": token}
        answer = browser.post("/sign-in", data=sent)
    assert (answer.status_code, BUSY in answer.text) == (503, True)
    web.session.rollback()


@pytest.mark.parametrize("last", range(1, 4))
def test_one_that_goes_away_in_mid_request_says_so_and_is_found_again(
    web: Client, app: Flask, engine: Engine, database_url: str, office: Office, last: int
) -> None:
    only_on(engine, "postgresql")
    web.sign_in("priya.contact")
    web.session.commit()
    said: list[str] = []

    def end(_connection: Any, cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)
        if len(said) == last:
            with beside(database_url) as other:
                pid = {"pid": cursor.connection.info.backend_pid}
                other.execute(text("SELECT pg_terminate_backend(:pid, 1000)"), pid)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", end)
        try:
            assert UNUSABLE in app_answer(web)
        finally:
            event.remove(db.engine, "before_cursor_execute", end)
    web.get("/users/", status=200)


def app_answer(web: Client) -> Any:
    return web.get("/users/", status=503)
