"""Writing: exactly what was previewed, in one short transaction, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    union,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from webapp.access import attributes, domains
from webapp.db import affected, begin_writing, without_index
from webapp.errors import NotPerformed, Refused
from webapp.events import Recorded, record
from webapp.importing.headings import OF_PERSON
from webapp.importing.preview import Preview
from webapp.importing.staging import SEARCHED, Staged
from webapp.lifecycle import billed
from webapp.models import (
    Account,
    AttributeValue,
    BilledSpan,
    Domain,
    Kind,
    Person,
    Reference,
    SignInSession,
    State,
)
from webapp.times import month_of


def write(preview: Preview) -> None:
    """Do what was previewed, and commit it.

    Refused or NotPerformed where it cannot be done any more, because somebody changed something.
    """
    session, clash = preview.staged.session, False
    session.commit()  # the reading; the temporary tables stay
    begin_writing(session)
    try:
        _write(session, preview)
        session.commit()
    except IntegrityError:  # its own message would name somebody
        clash = True
    finally:
        session.rollback()
    if clash:
        raise Refused(
            "A user of the file was added by someone else in the meantime.",
            "Import the file again.",
        )


def _write(session: Session, preview: Preview) -> None:
    staged = preview.staged
    _hold(session, staged)
    _add_domains(session, preview)
    attribute_ids = {
        column: _attribute(session, name, preview.kinds[name])
        for column, name in staged.attributes.items()
    }
    if preview.counts.users:
        _add(session, preview, attribute_ids)
    if preview.counts.changes:
        _change(session, preview, attribute_ids)


def _change(session: Session, preview: Preview, attribute_ids: Mapping[str, int]) -> None:
    staged, at = preview.staged, preview.at
    _change_people(session, staged)
    for column, attribute_id in attribute_ids.items():
        _change_attribute(session, staged, column, attribute_id)
    _change_accounts(session, preview)
    change = staged.changes.c
    for what, on in (
        (Recorded.UPDATE, change.what != "state"),
        (Recorded.ARCHIVE, _to(staged, State.ARCHIVED)),
        (Recorded.REACTIVATE, _to(staged, State.LIVE)),
    ):
        asked = select(Account.domain_id, func.count(change.account_id.distinct()))
        asked = asked.join(Account, Account.id == change.account_id).where(on)
        for domain_id, number in session.execute(asked.group_by(Account.domain_id)).all():
            record(session, what, at, actor_id=None, domain_id=domain_id, number=number)


def _add_domains(session: Session, preview: Preview) -> None:
    """Add those that are missing, named as in the first row of each."""
    row = preview.staged.rows.c
    first = select(func.min(row.line)).group_by(row.domain_key)
    missing = row.domain_key.not_in(select(Domain.name_key))
    for name in session.scalars(select(row.domain).where(row.line.in_(first.where(missing)))).all():
        domains.add(session, name, preview.at, actor_id=None)


def _attribute(session: Session, name: str, kind: Kind) -> int:
    """Return the id of the attribute of this name, made where there is none."""
    found = attributes.named(session, name)
    return found.id if found else attributes.add(session, name, kind)


def _hold(session: Session, staged: Staged) -> None:
    """Lock the accounts that change or are meant, in the order of ids.

    Then see that those that change are as they were seen.
    """
    seen = staged.seen.c
    concerned = union(select(seen.account_id), select(staged.named.c.account_id))
    listed = select(Account.id).where(Account.id.in_(concerned)).order_by(Account.id)
    locked = listed.with_for_update(key_share=True).subquery()
    session.execute(select(func.count()).select_from(locked))
    same = (Account.id == seen.account_id, Account.domain_id == seen.domain_id)
    unchanged = exists().where(*same, Account.state == seen.state)
    _all(_count(session, staged.seen, unchanged), _count(session, staged.seen))


def _add(session: Session, preview: Preview, attribute_ids: Mapping[str, int]) -> None:
    staged, at = preview.staged, preview.at
    row = staged.rows.c
    session.execute(
        update(staged.rows).where(staged.new).values(new_id=_next_ids(session, row.line))
    )
    of_domain = Domain.name_key == row.domain_key
    accounts = select(row.new_id, Domain.id, row.key, row.state, row.created_at, row.since)
    accounts = accounts.join(Domain, of_domain).where(staged.new).order_by(row.line)
    columns = ["id", "domain_id", "key", "state", "created_at", "since"]
    _all(_insert(session, Account, columns, accounts), preview.counts.users)
    names = [*OF_PERSON, "user_name_key", "search_text", "reference"]
    people = select(row.new_id, *(row[name] for name in names)).where(staged.new)
    _insert(session, Person, ["account_id", *names], people.order_by(row.line))
    for column, attribute_id in attribute_ids.items():
        _add_values(session, staged, column, attribute_id, row.new_id, staged.new)
    # The platform has not seen earlier months.
    spans = select(row.new_id, Domain.id, literal(month_of(at), Date)).join(Domain, of_domain)
    spans = spans.where(staged.new, row.state == State.LIVE.value).order_by(row.line)
    _insert(session, BilledSpan, ["account_id", "domain_id", "first_month"], spans)
    counts = select(Domain.id, func.count()).select_from(staged.rows).join(Domain, of_domain)
    counts = counts.where(staged.new).group_by(Domain.id).order_by(Domain.id)
    for domain_id, number in session.execute(counts).all():
        record(session, Recorded.IMPORT, at, actor_id=None, domain_id=domain_id, number=number)


def _next_ids(session: Session, line: ColumnElement[int]) -> ColumnElement[int]:
    """Return an expression that gives every staged row the id of a new account."""
    if session.get_bind().dialect.name == "sqlite":  # where only one writes at a time
        return line + (session.scalar(select(func.max(Account.id))) or 0)
    return func.nextval(func.pg_get_serial_sequence("account", "id"))


def _insert(
    session: Session, model: Any, columns: list[str], rows: Select[*tuple[Any, ...]]
) -> int:
    return affected(session, insert(model).from_select(columns, rows, include_defaults=False))


def _change_people(session: Session, staged: Staged) -> None:
    """Change every value that is still as it was seen, and count that all are."""
    for field in OF_PERSON:
        before, after = _ends(staged, field, Person.account_id)
        column = getattr(Person, field)
        changed = update(Person).where(Person.account_id.in_(_changing(staged, field)))
        changed = changed.where(column == before).values({field: after})
        _all(
            affected(session, changed),
            _count(session, staged.changes, staged.changes.c.what == field),
        )
    row = staged.rows.c
    text = select(row.search_text).where(row.account_id == Person.account_id).scalar_subquery()
    renamed = Person.account_id.in_(_changing(staged, *SEARCHED))
    session.execute(
        update(Person).where(renamed).values(search_text=text),
        execution_options={"synchronize_session": False},
    )


def _change_attribute(session: Session, staged: Staged, column: str, attribute_id: int) -> None:
    change, value = staged.changes.c, AttributeValue
    on = change.what == column
    before, _after = _ends(staged, column, value.account_id)
    old = (value.attribute_id == attribute_id, value.account_id.in_(_changing(staged, column)))
    same = attributes.said(attributes.Referred.user_name) == before
    gone = affected(session, delete(value).where(*old, same))
    _all(gone, _count(session, staged.changes, on, change.before != ""))
    account_id = staged.rows.c.account_id
    changed = account_id.in_(_changing(staged, column))
    _add_values(session, staged, column, attribute_id, account_id, changed)


def _add_values(
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
        _insert(session, AttributeValue, columns, values)
        return
    named, other = staged.named.c, staged.rows.alias()
    meant = func.coalesce(named.account_id, other.c.new_id)
    nobody = meant.is_(None) | (meant == account_id)  # or themselves
    found = staged.rows.join(staged.named, named.key == row[f"{column}_key"])
    found = found.outerjoin(other, other.c.line == named.line)
    text, key = case((nobody, row[column]), else_=""), case((nobody, row[f"{column}_key"]))
    values = select(*owner, text, key).select_from(found).where(*given).order_by(row.line)
    _insert(session, AttributeValue, [*columns, "value_key"], values)
    references = select(*owner, Person.account_id).select_from(found)
    references = references.join(Person, Person.account_id == meant).where(*given, ~nobody)
    references = references.order_by(row.line)
    _insert(session, Reference, ["holder_id", "attribute_id", "account_id"], references)


def _change_accounts(session: Session, preview: Preview) -> None:
    """Move, archive and reactivate, with what the verbs do besides."""
    staged, at = preview.staged, preview.at
    month: date = month_of(at)
    archived = select(staged.changes.c.account_id).where(_to(staged, State.ARCHIVED))
    concerned = _changing(staged, "state", "domain")
    is_live = without_index(Account.state) == State.LIVE  # they are sought by their ids
    live = select(Account.id).where(Account.id.in_(concerned), is_live)
    billed.end(session, live, month)
    for state in (State.ARCHIVED, State.LIVE):
        changed = Account.id.in_(select(staged.changes.c.account_id).where(_to(staged, state)))
        affected(session, update(Account).where(changed).values(state=state, since=at))
    row = staged.rows.c
    there = select(Domain.id).join(staged.rows, row.domain_key == Domain.name_key)
    moved = update(Account).where(Account.id.in_(_changing(staged, "domain")))
    there = there.where(row.account_id == Account.id)
    affected(session, moved.values(domain_id=there.scalar_subquery()))
    billed.begin(session, live, month)
    affected(session, delete(SignInSession).where(SignInSession.account_id.in_(archived)))


def _changing(staged: Staged, *what: str) -> Select[int]:
    return select(staged.changes.c.account_id).where(staged.changes.c.what.in_(what))


def _to(staged: Staged, state: State) -> ColumnElement[bool]:
    return (staged.changes.c.what == "state") & (staged.changes.c.after == state.value)


def _ends(staged: Staged, what: str, account_id: Any) -> tuple[Any, Any]:
    """Return from and to of the change of this value, as expressions on a row of this account."""
    change = staged.changes.c
    mine = (change.account_id == account_id, change.what == what)
    return (
        select(change.before).where(*mine).scalar_subquery(),
        select(change.after).where(*mine).scalar_subquery(),
    )


def _count(session: Session, table: Any, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def _all(done: int | None, previewed: int) -> None:
    if done != previewed:
        raise NotPerformed(
            "A user changed while the list was being read.",
            "Nothing was done. Import the file again.",
        )
