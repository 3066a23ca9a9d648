"""Give every test an application on a fresh database of each kind, a session, and clients."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session
from webtest import TestApp

from tests.databases import PostgreSQL, Sqlite
from tests.factories import PASSWORD, Office, the_office
from webapp import create_app
from webapp.config import Settings
from webapp.db import db

DATABASES = ("sqlite", "postgresql")
# They share what takes long to make, or a thread that Playwright wants for itself.
TOGETHER = ("browser", "demo", "keep_up")
WANTED = os.environ.get("TEST_DATABASES", ",".join(DATABASES)).split(",")
if not set(WANTED) <= set(DATABASES):
    raise pytest.UsageError(
        f"TEST_DATABASES is a list of these, with commas: {', '.join(DATABASES)}."
    )

# An example may take as long as it takes on a busy machine.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of such a folder in one process, where there are several."""
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        if folder in TOGETHER:
            item.add_marker(pytest.mark.xdist_group(folder))


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Sqlite:
    return Sqlite.in_folder(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    with PostgreSQL.running() as server:
        yield server


@pytest.fixture(params=[name for name in DATABASES if name in WANTED])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Make a fresh and migrated database of each kind, with the office where a test asks for it.

    TEST_DATABASES=sqlite leaves the other kind out.
    """
    server: Sqlite | PostgreSQL = request.getfixturevalue(request.param)
    with server.copy(tmp_path, office="office" in request.fixturenames) as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep compiled templates for all applications of a run, of which each test makes one."""
    kept = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    Flask.jinja_options["bytecode_cache"] = kept


@pytest.fixture
def anew(database_url: str, tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Make applications on the test's database, with other settings where given.

    For example `anew(operation_limit=5)`.
    """
    with ExitStack() as made:

        def make(**settings: Any) -> Flask:
            app = create_app(
                Settings(
                    **{
                        "database_url": database_url,
                        "instance_path": str(tmp_path),
                        "secret_key": "a key for tests that is long enough",
                    }
                    | settings
                )
            )
            made.callback(engine_of(app).dispose)
            return app

        yield make


@pytest.fixture
def app(anew: Callable[..., Flask]) -> Flask:
    return anew()


def engine_of(app: Flask) -> Engine:
    with app.app_context():
        return db.engine


@pytest.fixture
def engine(app: Flask) -> Engine:
    return engine_of(app)


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """Open a session beside the application's own.

    The clients below commit it before they ask the application for anything.
    """
    with Session(engine) as session:
        yield session


@pytest.fixture
def office(session: Session) -> Office:
    """Find London, Dublin and Paris; Priya, Owen, Nadia, Rosa and Max; and users in every state."""
    there = the_office(session)
    session.commit()
    return there


class Client(TestApp):  # type: ignore[misc]  # webtest has no types
    """Acts as a browser without JavaScript.

    What the test has written is committed before a request, and read anew after it.
    """

    def __init__(self, app: Flask, session: Session) -> None:
        super().__init__(app)
        self.session = session

    def do_request(self, *arguments: Any, **options: Any) -> Any:
        self.session.commit()
        return super().do_request(*arguments, **options)

    def set_cookie(self, name: str, value: str) -> None:
        """Put a cookie in the place of the one of this name; WebTest would send both."""
        for cookie in [each for each in self.cookiejar if each.name == name]:
            self.cookiejar.clear(cookie.domain, cookie.path, cookie.name)
        super().set_cookie(name, value)

    def reset_session_cookie(self) -> None:
        """Sign out in this browser only; it is still known as one in which somebody signed in."""
        self.set_cookie("console", "")

    def sign_in(self, user_name: str, password: str = PASSWORD) -> Any:
        """Fill in and send the sign-in form; return the page that comes of it."""
        form = form_with(self.get("/sign-in"), "user_name", "password")
        form["user_name"], form["password"] = user_name, password
        sent = form.submit(expect_errors=True)
        return sent.maybe_follow()


def form_with(response: Any, *names: str) -> Any:
    """Return the first form of a page that has all of these fields."""
    return next(
        form for form in response.forms.values() if all(name in form.fields for name in names)
    )


class Runner(FlaskCliRunner):
    """Runs commands. What the test has written is committed first, as by Client."""

    def __init__(self, app: Flask, session: Session) -> None:
        super().__init__(app)
        self.session = session

    def invoke(self, *arguments: Any, **options: Any) -> Any:
        self.session.commit()
        return super().invoke(*arguments, **options)


@pytest.fixture
def web(app: Flask, session: Session) -> Client:
    return Client(app, session)


@pytest.fixture
def runner(app: Flask, session: Session) -> Runner:
    return Runner(app, session)


@pytest.fixture
def statements(engine: Engine) -> Callable[[], AbstractContextManager[Sequence[str]]]:
    """Collect the SQL said in a block: `with statements() as said:`.

    BEGIN is left out: only SQLite is sent it as a statement. So is what is asked every few seconds,
    whatever the page: whether a backup was restored.
    """

    @contextmanager
    def collecting() -> Iterator[Sequence[str]]:
        said: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.startswith(("BEGIN", "SELECT performed_entry.position")):
                said.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield said
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return collecting
