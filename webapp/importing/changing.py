"""Changing: the users who are there already, as far as they are as they were seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    delete,
    exists,
    func,
    select,
    union,
    update,
)
from sqlalchemy.orm import Session

from webapp.access import administrators, attributes
from webapp.db import affected, without_index
from webapp.events import Recorded, record
from webapp.identity.generation import end_sessions
from webapp.importing.adding import add_values, all_of
from webapp.importing.headings import OF_PERSON
from webapp.importing.preview import Preview
from webapp.importing.staging import SEARCHED
from webapp.importing.tables import DERIVED, Staged
from webapp.lifecycle import billed
from webapp.models import (
    Account,
    AttributeValue,
    Domain,
    Person,
    SignInSession,
    State,
)
from webapp.times import month_of


def hold(session: Session, staged: Staged) -> None:
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
    all_of(_count(session, staged.seen, unchanged), _count(session, staged.seen))


def change_users(session: Session, preview: Preview, attribute_ids: Mapping[str, int]) -> None:
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


def _change_people(session: Session, staged: Staged) -> None:
    """Change every value that is still as it was seen, and count that all are."""
    for field in OF_PERSON:
        before, after = _ends(staged, field, Person.account_id)
        column = getattr(Person, field)
        changed = update(Person).where(Person.account_id.in_(_changing(staged, field)))
        changed = changed.where(column == before).values({field: after})
        all_of(
            affected(session, changed),
            _count(session, staged.changes, staged.changes.c.what == field),
        )
    row = staged.rows.c
    mine = row.account_id == Person.account_id
    made = {name: select(row[name]).where(mine).scalar_subquery() for name in DERIVED}
    renamed = Person.account_id.in_(_changing(staged, *SEARCHED))
    session.execute(
        update(Person).where(renamed).values(made),
        execution_options={"synchronize_session": False},
    )


def _change_attribute(session: Session, staged: Staged, column: str, attribute_id: int) -> None:
    change, value = staged.changes.c, AttributeValue
    on = change.what == column
    before, _after = _ends(staged, column, value.account_id)
    old = (value.attribute_id == attribute_id, value.account_id.in_(_changing(staged, column)))
    same = attributes.said(attributes.Referred.user_name) == before
    gone = affected(session, delete(value).where(*old, same))
    all_of(gone, _count(session, staged.changes, on, change.before != ""))
    account_id = staged.rows.c.account_id
    changed = account_id.in_(_changing(staged, column))
    add_values(session, staged, column, attribute_id, account_id, changed)


def _change_accounts(session: Session, preview: Preview) -> None:
    """Move, archive and reactivate, with what the verbs do besides."""
    staged, at = preview.staged, preview.at
    month: date = month_of(at)
    archived = select(staged.changes.c.account_id).where(_to(staged, State.ARCHIVED))
    concerned = _changing(staged, "state", "domain")
    is_live = without_index(Account.state) == State.LIVE  # they are sought by their ids
    live = select(Account.id).where(Account.id.in_(concerned), is_live)
    billed.end(session, live, month)
    with administrators.archiving(session, archived):
        for state in (State.ARCHIVED, State.LIVE):
            changed = Account.id.in_(select(staged.changes.c.account_id).where(_to(staged, state)))
            affected(session, update(Account).where(changed).values(state=state, since=at))
    row = staged.rows.c
    there = select(Domain.id).join(staged.rows, row.domain_key == Domain.name_key)
    moved = update(Account).where(Account.id.in_(_changing(staged, "domain")))
    there = there.where(row.account_id == Account.id)
    affected(session, moved.values(domain_id=there.scalar_subquery()))
    billed.begin(session, live, month)
    end_sessions(session, SignInSession.account_id.in_(archived))


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
