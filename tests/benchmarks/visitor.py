"""Visit the application, signed in, in the same process and without a network."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from secrets import token_hex

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import create_engine, delete
from sqlalchemy.orm import Session

from tests.benchmarks.world import ACTOR
from tests.factories import a_search
from webapp import create_app
from webapp.config import Settings
from webapp.db import db
from webapp.identity import sessions
from webapp.identity.sessions import Where
from webapp.models import Operation, Purpose, Selection, SignInSession
from webapp.times import now


@contextmanager
def visiting(url: str, folder: str) -> Iterator[tuple[Visitor, Session]]:
    """Open a visitor and a session beside the application's own; both leave nothing behind."""
    engine = create_engine(url)
    with Session(engine, expire_on_commit=False) as session:
        visitor = Visitor(url, folder)
        try:
            yield visitor, session
        finally:
            session.rollback()
            visitor.leave(session)
    engine.dispose()


class Visitor:
    """The one who may do everything, with the whole of WSGI and nothing else between."""

    def __init__(self, database_url: str, folder: str) -> None:
        self.app: Flask = create_app(
            Settings(
                database_url=database_url,
                instance_path=folder,
                secret_key="a key for benchmarks that is long enough",
                session_hours=10,
                idle_minutes=600,
            )
        )
        with self.app.app_context():
            self.token = sessions.open_session(
                db.session,
                ACTOR,
                now(),
                timedelta(hours=10),
                Where("Benchmark", "127.0.0.1"),
                self.app.instance_path,
            )
            db.session.commit()
        # As a browser has it after its first page.
        signer = SecureCookieSessionInterface().get_signing_serializer(self.app)
        assert signer is not None
        kept = {
            "_user_id": self.token,
            "_fresh": True,
            "csrf_token": token_hex(20),
            "seen": int(now().timestamp()),
        }
        self.cookie = f"console={signer.dumps(kept)}"

    def get(self, path: str) -> bytes:
        """Return the body of the page at this path; an error where its status is not 200."""
        return b"".join(self.stream(path))

    def stream(self, path: str) -> Iterator[bytes]:
        """Give the same, as it is sent."""
        answered: list[str] = []
        url, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": url, "QUERY_STRING": query,
            "SERVER_NAME": "localhost", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_COOKIE": self.cookie, "wsgi.url_scheme": "http", "wsgi.version": (1, 0),
            "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(),
        }  # fmt: skip

        def start(status: str, *_rest: object) -> None:
            answered.append(status)

        body = self.app(environ, start)  # type: ignore[arg-type]  # the least of WSGI
        assert answered == ["200 OK"], (path, answered)
        yield from body

    def search(
        self, purpose: Purpose, keyword: str = "", domain_ids: Sequence[int] = (), **others: str
    ) -> Selection:
        """Make and keep a selection."""
        given = {"keyword": keyword, "domains": list(domain_ids), **others}
        asked = {field: value for field, value in given.items() if value}
        with self.app.app_context():
            made = a_search(db.session, ACTOR, purpose, asked)
            db.session.commit()
            return made

    def leave(self, session: Session) -> None:
        """Take everything back that a visit has left in the database, and let go of it."""
        session.execute(delete(Operation).where(Operation.account_id == ACTOR))
        session.execute(delete(Selection).where(Selection.account_id == ACTOR))
        session.execute(delete(SignInSession).where(SignInSession.account_id == ACTOR))
        session.commit()
        with self.app.app_context():
            db.engine.dispose()
