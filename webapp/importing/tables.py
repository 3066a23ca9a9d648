"""The temporary tables in which a list is laid down before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Engine, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.orm import Session

from webapp.db import Moment
from webapp.importing.headings import OF_PERSON
from webapp.models import Kind

DERIVED = ("email_key", "external_id_key", "search_text")  # which change with a person's names


@dataclass(frozen=True)
class Staged:
    """The temporary tables of one list.

    `rows` has a row for every user that the list names, with an `account_id` where there is one.
    The others are new, and get a `new_id` when they are written. `changes` has a row for every
    value that differs; `what` is a column of `rows`. `seen` has the accounts that change, as they
    were seen. `named` has a row for every key of a value that means a user: the account, or the
    line of the row, that alone has this name. `candidates` are those that may be meant.
    """

    session: Session
    rows: Table
    changes: Table
    seen: Table
    named: Table
    candidates: Table
    attributes: Mapping[str, str]  # column of `rows`: name
    of_users: Sequence[str]  # those columns whose values mean users; each has a key beside it

    def called(self, what: str) -> str:
        """Return the name of a value that changes."""
        return self.attributes.get(what, what.replace("_", " "))

    @property
    def new(self) -> Any:
        return self.rows.c.account_id.is_(None)


@contextmanager
def on_own_connection(engine: Engine) -> Iterator[Session]:
    """Open a session on a connection of its own. Temporary tables made on it end with it."""
    connection = engine.connect()
    connection.detach()  # closed for good afterwards
    with connection, Session(connection) as session:
        yield session


def make_tables(session: Session, attributes: Mapping[str, Kind]) -> Staged:
    """Make the tables for a list with these attributes, by name."""
    metadata = MetaData()
    columns = {f"attribute_{n}": name for n, name in enumerate(attributes)}
    of_users = [column for column, name in columns.items() if attributes[name] is Kind.USER]
    temporary: dict[str, Any] = {"prefixes": ["TEMPORARY"]}
    rows = Table(
        "staged_row",
        metadata,
        Column("line", Integer, primary_key=True, autoincrement=False),
        Column("account_id", Integer, index=True),
        Column("new_id", Integer),
        Column("key", String, nullable=False),
        Column("domain", String, nullable=False),
        Column("domain_key", String, nullable=False),
        Column("state", String, nullable=False),
        Column("created_at", Moment, nullable=False),
        Column("since", Moment, nullable=False),
        *(Column(name, Text, nullable=False) for name in OF_PERSON),
        *(Column(name, Text, nullable=False) for name in (*DERIVED, "reference")),
        Column("user_name_key", Text, nullable=False, unique=True),
        *(Column(name, Text, nullable=False) for name in columns),
        *(Column(f"{name}_key", Text, nullable=False) for name in of_users),
        **temporary,
    )
    changes = Table(
        "staged_change",
        metadata,
        Column("account_id", Integer, nullable=False),
        Column("what", String, nullable=False),
        Column("before", Text, nullable=False),
        Column("after", Text, nullable=False),
        Index("staged_change_what", "what", "account_id"),
        **temporary,
    )
    seen = Table(
        "staged_seen",
        metadata,
        Column("account_id", Integer, primary_key=True, autoincrement=False),
        Column("state", String, nullable=False),
        Column("domain_id", Integer, nullable=False),
        **temporary,
    )
    named = Table(
        "staged_name",
        metadata,
        Column("key", Text, primary_key=True),
        Column("account_id", Integer),
        Column("line", Integer),
        **temporary,
    )
    candidates = Table(
        "staged_candidate",
        metadata,
        Column("key", Text, nullable=False, index=True),
        Column("account_id", Integer),
        Column("line", Integer),
        **temporary,
    )
    metadata.create_all(session.connection(), checkfirst=False)
    return Staged(session, rows, changes, seen, named, candidates, columns, of_users)
