"""Kept searches, and the ticks on what they find. The URL of a page holds only a search's id."""

from __future__ import annotations

import json
import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, delete, func, insert, literal, select, update
from sqlalchemy.orm import Session

from webapp.db import affected, forget
from webapp.errors import Gone, Invalid
from webapp.models import Account, Found, Person, Purpose, Selection, State, Tick
from webapp.searching import lists, statements
from webapp.searching.criteria import CRITERIA, Asked, Listed, problem_with
from webapp.states import SEARCHES
from webapp.times import now

LIST = Listed.name
KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Results:
    """How many users are found, how many of them are ticked, and the rows of one page.

    The rows have the columns of `statements.SHOWN`, and `ticked`.
    """

    found: int
    chosen: int
    rows: Sequence[Row[*tuple[Any, ...]]]

    @property
    def kept(self) -> int:
        return self.found - self.chosen


@dataclass(frozen=True)
class OfList:
    """What became of the entries of a list.

    `elsewhere` are those of users who are not found, but whom the person who searches may see: the
    entry, the state and the domain. Of the `unknown` nothing may be told.
    """

    found: int
    elsewhere: Sequence[tuple[str, State, str]]
    unknown: Sequence[str]


def make(
    session: Session,
    actor_id: int,
    purpose: Purpose,
    asked: Asked,
    domain_ids: Sequence[int],
    at: datetime,
    most: int,
    order: str = "",
) -> Selection:
    """Search these domains, and keep who is found, up to `most` users, everyone ticked.

    Everyone's old searches are forgotten. Invalid where it cannot be searched by what is asked for.
    """
    if problem := problem_with(asked):
        raise Invalid(problem)
    selection = Selection(
        id=secrets.token_urlsafe(16),
        account_id=actor_id,
        purpose=purpose,
        words=_part(asked, names_people=True) or None,
        choices=_part(asked, names_people=False),
        order=order or statements.NEWEST_FIRST,
        all_ticked=True,
        current=False,
        newest_id=session.scalar(select(func.max(Account.id))) or 0,
        made_at=at,
    )
    session.add(selection)
    session.flush()
    _leave_oneself_out(session, selection)
    if keys := [key for entry in _entries(selection) for key in entry.keys]:
        session.execute(
            statements.mean(actor_id), {"selection_id": selection.id, "keys": json.dumps(keys)}
        )
    shape, values = statements.shape_and_values(selection, domain_ids)
    selection.found = affected(session, statements.keep(shape), values | {"most": most})
    sample = selection.found == statements.SAMPLE  # of too many, or just as many
    if selection.found > most or (sample and session.scalar(statements.more(shape), values)):
        session.execute(delete(Found).where(Found.selection_id == selection.id))
        selection.found = None
    # Last, since it locks searches: accounts are locked first, everywhere.
    forget(session, Selection.id, Selection.made_at < at - KEPT_FOR)
    return selection


def make_again(
    session: Session, before: Selection, domain_ids: Sequence[int], at: datetime, most: int
) -> Selection:
    """Search for the same again, with the same order and the same exceptions."""
    selection = make(session, before.account_id, before.purpose, before.asked, domain_ids, at, most)
    selection.order, selection.all_ticked = before.order, before.all_ticked
    session.execute(delete(Tick).where(Tick.selection_id == selection.id))
    shape, values = statements.shape_and_values(selection, domain_ids)
    ticks = select(Tick.account_id).where(Tick.selection_id == before.id)
    kept = (
        statements.of_found(shape, select(literal(selection.id), Account.id))
        .where(Account.id.in_(ticks))
        .order_by(Account.id)
        .with_for_update(read=True, key_share=True, of=Account)
    )
    columns = ["selection_id", "account_id"]
    affected(session, insert(Tick.__table__).from_select(columns, kept), values)
    return selection


def came_since(session: Session, selection: Selection, domain_ids: Sequence[int]) -> int:
    """Return how many users the same search would find who came after it was made.

    None are known of where it is made anew for every page, or where its words are forgotten.
    """
    if selection.found is None or selection.words_forgotten:
        return 0
    shape, values = statements.shape_and_values(selection, domain_ids, anew=True)
    since = {"made_at": selection.made_at, "newest_id": selection.newest_id}
    return session.scalars(statements.came_since(shape), values | since).one()


def listed(session: Session, selection: Selection, domain_ids: Sequence[int]) -> OfList | None:
    """Return what became of the entries of a list; None where it was not searched by one."""
    entries = _entries(selection)
    if not entries:
        return None
    shape, values = statements.shape_and_values(selection, domain_ids)
    rows = session.execute(statements.meant(shape, selection.account_id), values)
    by_place: defaultdict[int, list[tuple[bool, State, str]]] = defaultdict(list)
    for place, is_found, state, domain in rows:
        by_place[place].append((is_found, state, domain))
    found, place = 0, 0
    elsewhere: list[tuple[str, State, str]] = []
    unknown: list[str] = []
    for entry in entries:
        meant = [each for of in range(place, place + len(entry.keys)) for each in by_place[of]]
        place += len(entry.keys)
        if any(is_found for is_found, _, _ in meant):
            found += 1
        elif meant:
            _, state, domain = meant[0]
            elsewhere.append((entry.text, state, domain))
        else:
            unknown.append(entry.text)
    return OfList(found, elsewhere, unknown)


def _entries(selection: Selection) -> list[lists.Entry]:
    return lists.entries(selection.asked.get(LIST, ""))


def _part(asked: Asked, *, names_people: bool) -> dict[str, Any]:
    """Return what is asked for by the criteria that may name people, or by those that cannot."""
    criteria = (criterion for criterion in CRITERIA if criterion.names_people is names_people)
    fields = (field for criterion in criteria for field in criterion.fields)
    return {field: asked[field] for field in fields if field in asked}


def own(session: Session, actor_id: int, purpose: Purpose, selection_id: str) -> Selection:
    """Return this person's selection.

    Gone where it is someone else's, of another page, or forgotten.
    """
    selection = session.get(Selection, selection_id)
    if (
        selection is None
        or selection.account_id != actor_id
        or selection.purpose != purpose
        or selection.made_at < now() - KEPT_FOR
    ):
        raise _gone()
    return selection


def _gone() -> Gone:
    return Gone(
        "Searches are forgotten after a day, and when users are erased.",
        "Search again.",
        title="This search is no longer kept",
    )


def current(session: Session, actor_id: int) -> Selection | None:
    """Return the selection that the menu at the side acts on."""
    return session.scalar(
        select(Selection).where(
            Selection.account_id == actor_id, Selection.current, Selection.purpose == Purpose.MANAGE
        )
    )


def make_current(session: Session, selection: Selection) -> None:
    clear_current(session, selection.account_id)
    selection.current = True


def clear_current(session: Session, actor_id: int) -> None:
    """Let the menu at the side act on no selection of this person."""
    session.execute(update(Selection).where(Selection.account_id == actor_id).values(current=False))


def results(
    session: Session, selection: Selection, domain_ids: Sequence[int], page: int, size: int
) -> Results:
    """Return one page (from 1; the last one where there are fewer) of the users found.

    `domain_ids`, here and below, are those in which the person may search now. A keyword must be
    compared with every name there is. That is done once for all of this, unless very many are
    found or the page lies beyond the end.
    """
    shape, values = statements.shape_and_values(selection, domain_ids)
    values["size"] = size
    if shape.sought and selection.found is not None:
        page = min(page, max(1, -(-selection.found // size)))
    if shape.of_people or (shape.sought and (selection.found or 0) <= statements.FEW):
        rows = session.execute(statements.few(shape), values | {"first": (page - 1) * size}).all()
        if rows and rows[0].found <= statements.FEW:
            return Results(rows[0].found, rows[0].chosen, rows)
        if not rows and page == 1:
            return Results(0, 0, rows)
    found, chosen = session.execute(statements.counted(shape), values).one()
    if not found:
        return Results(0, 0, [])
    end = min(page, -(-found // size)) * size
    rows = session.execute(statements.page(shape), values | {"first": end - size, "end": end}).all()
    return Results(found, chosen, rows)


def chosen(selection: Selection, domain_ids: Sequence[int]) -> Select[int, int]:
    """Return account and domain of the ticked users, for the caller to narrow down."""
    shape, values = statements.shape_and_values(selection, domain_ids)
    asked = statements.of_found(shape, select(Account.id, Account.domain_id))
    return asked.where(statements.ticked(shape)).params(values)


def chosen_by_state(
    session: Session, selection: Selection, domain_ids: Sequence[int]
) -> dict[State, int]:
    """Return how many users are ticked, by state."""
    shape, values = statements.shape_and_values(selection, domain_ids)
    return dict(session.execute(statements.counted_by_state(shape), values).all())


def hold(session: Session, selection: Selection, domain_ids: Sequence[int]) -> None:
    """Lock who is found, and then the selection: see `_lock_after_accounts`."""
    shape, values = statements.shape_and_values(selection, domain_ids)
    found = (
        statements.of_found(shape, select(Account.id))
        .order_by(Account.id)
        .with_for_update(read=True, of=Account)
        .subquery()
    )
    session.execute(select(func.count()).select_from(found), values)
    _lock_after_accounts(session, selection)


def _lock_after_accounts(session: Session, selection: Selection) -> None:
    """Lock the selection and read it as it then is; Gone where an erasure has forgotten it.

    Accounts are locked first, in the order of ids, everywhere. Whoever meets an erasure waits for
    it, and then does not find the people erased. And an erasure, which forgets searches after
    locking accounts, waits for no search whose holder waits for it.
    """
    locked = {"key_share": True}
    if session.get(Selection, selection.id, with_for_update=locked, populate_existing=True) is None:
        raise _gone()


def sort(selection: Selection, order: str) -> bool:
    """Sort by one of `statements.ORDERS`, downwards after a minus; tell whether it is one."""
    known = order.removeprefix("-") in statements.ORDERS
    if known:
        selection.order = order
    return known


def tick_all(session: Session, selection: Selection, *, ticked: bool) -> None:
    """Tick or untick everyone found, on every page."""
    session.execute(delete(Tick).where(Tick.selection_id == selection.id))
    selection.all_ticked = ticked
    if ticked:
        _leave_oneself_out(session, selection)


def _leave_oneself_out(session: Session, selection: Selection) -> None:
    """Untick the account of the person who searches: nobody may do anything to their own."""
    if State.LIVE in SEARCHES[selection.purpose].states:
        session.add(Tick(selection_id=selection.id, account_id=selection.account_id))
        session.flush()


def save_ticks(
    session: Session,
    selection: Selection,
    domain_ids: Sequence[int],
    changed: Mapping[str, bool],
) -> None:
    """Tick or untick users, by reference; those that the search does not find are passed over."""
    shape, values = statements.shape_and_values(selection, domain_ids)
    asked = (
        select(Person.reference, Person.account_id)
        .join(Account)
        .where(
            Person.reference.in_(changed),
            Person.account_id != selection.account_id,
            statements.matching(shape),
        )
        .order_by(Account.id)
        .with_for_update(read=True, of=Account)
    )
    ids = dict(session.execute(asked, values).all())
    _lock_after_accounts(session, selection)
    differing = [
        account_id
        for reference, account_id in ids.items()
        if changed[reference] != selection.all_ticked
    ]
    session.execute(
        delete(Tick).where(Tick.selection_id == selection.id, Tick.account_id.in_(ids.values()))
    )
    if differing:
        session.execute(
            insert(Tick),
            [{"selection_id": selection.id, "account_id": account_id} for account_id in differing],
        )
