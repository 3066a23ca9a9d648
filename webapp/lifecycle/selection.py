"""Selections: from criteria to a query, and the ticks on its rows. Kept on the server; the URL holds only the id."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, FromClause, Row, Select, and_, delete, func, insert, not_, select, union_all, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.db import forget, now
from webapp.errors import Gone, Invalid
from webapp.models import Account, Domain, Grant, Permission, Person, Purpose, Selection, SelectionDomain, State, Tick, Verb
from webapp.models.person import searchable
from webapp.permissions import domains_of

KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True)
class Search:
    """What a search page finds, for whom, and what can be done with it."""

    permission: Permission
    states: tuple[State, ...]
    verbs: tuple[Verb, ...]


SEARCHES: dict[Purpose, Search] = {
    Purpose.MANAGE: Search(Permission.USER_MANAGEMENT, (State.LIVE, State.ARCHIVED), (Verb.ARCHIVE, Verb.REACTIVATE, Verb.DELETE)),
    Purpose.ERASE: Search(Permission.ERASE_DELETED_USERS, (State.DELETED,), (Verb.ERASE,)),
    Purpose.RESTORE: Search(Permission.RESTORE_DELETED_USERS, (State.DELETED,), (Verb.RESTORE,)),
}

SHOWN = (Person.reference, Person.display_name, Person.user_name, Person.email, Account.state, Account.since, Domain.name.label("domain"))
AnySelect = Select[*tuple[Any, ...]]
S = TypeVar("S", bound=AnySelect)
FEW = 1000  # found with a keyword: see _picked
ORDERS: dict[str, InstrumentedAttribute[Any]] = {
    "name": Person.search_text,
    "user-name": Person.user_name_key,
    "email": Person.email,
    "domain": Domain.name_key,
    "state": Account.state,
    "since": Account.since,
}


@dataclass(frozen=True)
class Criteria:
    """What is searched for; everything empty finds everyone. Dates are whole UTC days, both included."""

    keyword: str = ""
    domain_ids: tuple[int, ...] = ()
    state: State | None = None
    since_from: date | None = None
    since_to: date | None = None


@dataclass(frozen=True)
class Counts:
    """How many users are found and how many of them are ticked."""

    found: int
    chosen: int

    @property
    def kept(self) -> int:
        return self.found - self.chosen


def make(session: Session, actor_id: int, purpose: Purpose, criteria: Criteria, at: datetime) -> Selection:
    """A new selection with every row ticked; everyone's old ones go."""
    if criteria.keyword.strip() and not searchable(criteria.keyword):
        raise Invalid("Type at least one letter or digit.")
    forget(session, Selection.id, Selection.made_at < at - KEPT_FOR)
    selection = Selection(
        id=secrets.token_urlsafe(16), account_id=actor_id, purpose=purpose, made_at=at,
        keyword=criteria.keyword.strip(), state=criteria.state, since_from=criteria.since_from, since_to=criteria.since_to,
        some_domains=bool(criteria.domain_ids), order="-since", all_ticked=True, current=False,
    )  # fmt: skip
    session.add(selection)
    session.flush()
    if criteria.domain_ids:
        session.execute(insert(SelectionDomain), [{"selection_id": selection.id, "domain_id": d} for d in set(criteria.domain_ids)])
    return selection


def own(session: Session, actor_id: int, purpose: Purpose, selection_id: str, *, to_change: bool = False) -> Selection:
    """This person's selection; Gone where it is someone else's, of another page, or forgotten.

    One that is to be changed is locked, so that an erasure does not forget it in between, and read as it then is.
    """
    lock: Any = {"key_share": True} if to_change else None
    selection = session.get(Selection, selection_id, with_for_update=lock, populate_existing=to_change)
    if selection is None or selection.account_id != actor_id or selection.purpose != purpose or selection.made_at < now() - KEPT_FOR:
        raise Gone("Searches are forgotten after a day, and when users are erased.", "Search again.", title="This search is no longer kept")
    return selection


def current(session: Session, actor_id: int) -> Selection | None:
    """The selection that the menu at the side acts on."""
    return session.scalar(select(Selection).where(Selection.account_id == actor_id, Selection.current, Selection.purpose == Purpose.MANAGE))


def make_current(session: Session, selection: Selection) -> None:
    session.execute(update(Selection).where(Selection.account_id == selection.account_id).values(current=False))
    selection.current = True


def within(session: Session, selection: Selection) -> list[int]:
    """The ids of the domains searched in: those asked for, as far as the person may see them now.

    Asked once and passed on as plain numbers, since databases plan a search in known domains far better than one in a subquery.
    """
    asked = domains_of(selection.account_id, SEARCHES[selection.purpose].permission)
    if selection.some_domains:
        asked = asked.where(Grant.domain_id.in_(select(SelectionDomain.domain_id).where(SelectionDomain.selection_id == selection.id)))
    return list(session.scalars(asked.distinct()))


def matching(selection: Selection, domains: Sequence[int]) -> ColumnElement[bool]:
    """The condition on `account` and `person` that a row is found in these domains."""
    search = SEARCHES[selection.purpose]
    states = (selection.state,) if selection.state in search.states else search.states
    wanted = [Account.state == states[0] if len(states) == 1 else Account.state.in_(states), Account.domain_id.in_(domains)]
    wanted += [Person.search_text.contains(word, autoescape=True) for word in searchable(selection.keyword).split()]
    if selection.since_from:
        wanted.append(Account.since >= start_of(selection.since_from))
    if selection.since_to:
        wanted.append(Account.since < start_of(selection.since_to) + timedelta(days=1))
    return and_(*wanted)


def ticked(selection: Selection) -> ColumnElement[bool]:
    """The condition on `account` that its row is ticked."""
    differs = Account.id.in_(select(Tick.account_id).where(Tick.selection_id == selection.id))
    return not_(differs) if selection.all_ticked else differs


def counts(session: Session, selection: Selection, domains: Sequence[int]) -> Counts:
    """Found and ticked."""
    asked = _counted(selection, select(func.count(), func.count().filter(ticked(selection))), domains)
    found, chosen = session.execute(asked).one()
    return Counts(found, chosen)


def chosen_by_state(session: Session, selection: Selection) -> dict[State, int]:
    """How many users are ticked, by state."""
    asked = _counted(selection, select(Account.state, func.count()), within(session, selection))
    return dict(session.execute(asked.where(ticked(selection)).group_by(Account.state)).all())


def _counted(selection: Selection, asked: S, domains: Sequence[int]) -> S:
    """What is found, for counting: without a keyword, people are not looked at, for which an index of `account` is enough."""
    asked = asked.select_from(Account)
    return (asked.join(Person) if selection.keyword else asked).where(matching(selection, domains))


def rows(session: Session, selection: Selection, domains: Sequence[int], page: int, size: int, found: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """One page (from 1) of the `found` users: the columns of SHOWN, and `ticked`."""
    picked = _picked(selection, domains, page * size, found)
    ids = _in_order(select(picked.c.id), selection.order, picked.c.key, picked.c.id).limit(size).offset((page - 1) * size).subquery()
    asked = users().add_columns(ticked(selection).label("ticked")).where(Account.id.in_(select(ids.c.id)))
    return session.execute(_in_order(asked, selection.order, _key(selection), Account.id)).all()


def users() -> AnySelect:
    """The columns of SHOWN of everyone who is somebody; for the caller to narrow down."""
    return select(*SHOWN).select_from(Person).join(Account, Person.account_id == Account.id).join(Domain, Domain.id == Account.domain_id)


def _picked(selection: Selection, domains: Sequence[int], most: int, found: int) -> FromClause:
    """Id and sort key of what is found; names and addresses are only looked up for the rows of the page.

    In the order of dates it is enough to take the first `most` of each state, as the index has them. Where a keyword leaves few, every
    row must be compared anyway, and following the index would only scatter the reading: they are found first and sorted then.
    """
    key, by_person = _key(selection), selection.order.lstrip("-") in ("name", "user-name", "email")
    asked = select(Account.id, key.label("key")).where(matching(selection, domains))
    if selection.keyword or by_person:
        asked = asked.join(Person, Person.account_id == Account.id)
    if key is Domain.name_key:
        asked = asked.join(Domain, Domain.id == Account.domain_id)
    if selection.keyword and found < FEW:
        return asked.cte("found").prefix_with("MATERIALIZED")
    if key is not Account.since:
        return asked.subquery()
    states = SEARCHES[selection.purpose].states
    first = (_in_order(asked.where(Account.state == state), selection.order, key, Account.id).limit(most).subquery() for state in states)
    return union_all(*(select(part) for part in first)).subquery()


def _key(selection: Selection) -> InstrumentedAttribute[Any]:
    return ORDERS.get(selection.order.removeprefix("-"), Account.since)


def _in_order(asked: S, order: str, key: ColumnElement[Any] | InstrumentedAttribute[Any], then: ColumnElement[Any] | InstrumentedAttribute[Any]) -> S:
    """In the order of `key`; a minus in front of `order` turns it around."""
    return asked.order_by(key.desc(), then.desc()) if order.startswith("-") else asked.order_by(key, then)


def sort(selection: Selection, order: str) -> None:
    if order.removeprefix("-") in ORDERS:
        selection.order = order


def tick_all(session: Session, selection: Selection, *, ticked: bool) -> None:
    """Tick or untick everyone found, on every page."""
    session.execute(delete(Tick).where(Tick.selection_id == selection.id))
    selection.all_ticked = ticked


def save_ticks(session: Session, selection: Selection, shown: Sequence[str], ticked: Sequence[str]) -> None:
    """The ticks of one page: `shown` and `ticked` are references; those that the search does not find are passed over."""
    found = matching(selection, within(session, selection))
    asked = select(Person.reference, Person.account_id).join(Account).where(Person.reference.in_(shown), found)
    locked = asked.order_by(Account.id).with_for_update(read=True, of=Account)  # who is being erased is waited for, and then is not found
    ids = dict(session.execute(locked).all())
    differing = [i for reference, i in ids.items() if (reference in set(ticked)) != selection.all_ticked]
    session.execute(delete(Tick).where(Tick.selection_id == selection.id, Tick.account_id.in_(ids.values())))
    if differing:
        session.execute(insert(Tick), [{"selection_id": selection.id, "account_id": i} for i in differing])


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
