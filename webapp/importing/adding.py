"""Adding: the users of a list who are new, and the values of attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    case,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.orm import Session

from webapp.db import affected
from webapp.errors import NotPerformed
from webapp.events import Recorded, record
from webapp.importing.headings import OF_PERSON
from webapp.importing.preview import Preview
from webapp.importing.tables import DERIVED, Staged
from webapp.models import (
    Account,
    AttributeValue,
    BilledSpan,
    Domain,
    Person,
    Reference,
    State,
)
from webapp.times import month_of


def add(session: Session, preview: Preview, attribute_ids: Mapping[str, int]) -> None:
    staged, at = preview.staged, preview.at
    row = staged.rows.c
    session.execute(
        update(staged.rows).where(staged.new).values(new_id=_next_ids(session, row.line))
    )
    of_domain = Domain.name_key == row.domain_key
    accounts = select(row.new_id, Domain.id, row.key, row.state, row.created_at, row.since)
    accounts = accounts.join(Domain, of_domain).where(staged.new).order_by(row.line)
    columns = ["id", "domain_id", "key", "state", "created_at", "since"]
    all_of(insert_rows(session, Account, columns, accounts), preview.counts.users)
    names = [*OF_PERSON, "user_name_key", *DERIVED, "reference"]
    people = select(row.new_id, *(row[name] for name in names)).where(staged.new)
    insert_rows(session, Person, ["account_id", *names], people.order_by(row.line))
    for column, attribute_id in attribute_ids.items():
        add_values(session, staged, column, attribute_id, row.new_id, staged.new)
    # The platform has not seen earlier months.
    spans = select(row.new_id, Domain.id, literal(month_of(at), Date)).join(Domain, of_domain)
    spans = spans.where(staged.new, row.state == State.LIVE.value).order_by(row.line)
    insert_rows(session, BilledSpan, ["account_id", "domain_id", "first_month"], spans)
    counts = select(Domain.id, func.count()).select_from(staged.rows).join(Domain, of_domain)
    counts = counts.where(staged.new).group_by(Domain.id).order_by(Domain.id)
    for domain_id, number in session.execute(counts).all():
        record(session, Recorded.IMPORT, at, actor_id=None, domain_id=domain_id, number=number)


def _next_ids(session: Session, line: ColumnElement[int]) -> ColumnElement[int]:
    """Return an expression that gives every staged row the id of a new account."""
    if session.get_bind().dialect.name == "sqlite":  # where only one writes at a time
        return line + (session.scalar(select(func.max(Account.id))) or 0)
    return func.nextval(func.pg_get_serial_sequence("account", "id"))


def add_values(
    session: Session,
    staged: Staged,
    column: str,
    attribute_id: int,
    account_id: ColumnElement[int],
    rows: ColumnElement[bool],
) -> None:
    """Write the values of a column, and whom they mean, for some staged rows and their accounts.

    Somebody who has been erased since they were found reads *Erased user* at once.
    """
    row, columns = staged.rows.c, ["account_id", "attribute_id", "value"]
    given = (rows, row[column] != "")
    owner = (account_id, literal(attribute_id))
    if column not in staged.of_users:
        values = select(*owner, row[column]).where(*given).order_by(row.line)
        insert_rows(session, AttributeValue, columns, values)
        return
    named, other = staged.named.c, staged.rows.alias()
    meant = func.coalesce(named.account_id, other.c.new_id)
    nobody = meant.is_(None) | (meant == account_id)  # or themselves
    found = staged.rows.join(staged.named, named.key == row[f"{column}_key"])
    found = found.outerjoin(other, other.c.line == named.line)
    text, key = case((nobody, row[column]), else_=""), case((nobody, row[f"{column}_key"]))
    values = select(*owner, text, key).select_from(found).where(*given).order_by(row.line)
    insert_rows(session, AttributeValue, [*columns, "value_key"], values)
    references = select(*owner, Person.account_id).select_from(found)
    references = references.join(Person, Person.account_id == meant).where(*given, ~nobody)
    references = references.order_by(row.line)
    insert_rows(session, Reference, ["holder_id", "attribute_id", "account_id"], references)


def insert_rows(
    session: Session, model: Any, columns: list[str], rows: Select[*tuple[Any, ...]]
) -> int:
    return affected(session, insert(model).from_select(columns, rows, include_defaults=False))


def all_of(done: int | None, previewed: int) -> None:
    if done != previewed:
        raise NotPerformed(
            "A user changed while the list was being read.",
            "Nothing was done. Import the file again.",
        )
