"""Selections: from criteria to a query, and the ticks on its rows. Kept on the server; the URL holds only the id."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Row,
    Select,
    String,
    Text,
    and_,
    bindparam,
    delete,
    func,
    insert,
    not_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from webapp.db import Moment, forget
from webapp.errors import Gone, Invalid
from webapp.models import (
    Account,
    Domain,
    Person,
    Purpose,
    Selection,
    SelectionDomain,
    State,
    Tick,
)
from webapp.models.person import searchable
from webapp.states import SEARCHES
from webapp.times import now, start_of

KEPT_FOR = timedelta(hours=24)


SHOWN = (
    Person.reference,
    Person.display_name,
    Person.user_name,
    Person.email,
    Account.state,
    Account.since,
    Domain.name.label("domain"),
)
AnySelect = Select[*tuple[Any, ...]]
S = TypeVar("S", bound=AnySelect)
SELECTION, DOMAINS = (
    bindparam("selection_id", type_=String),
    bindparam("domain_ids", type_=Integer, expanding=True),
)
SHAPES = 256  # shapes whose SQL is kept: see Shape
FEW = 10_000  # found with a keyword: see `results`
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
class Results:
    """How many users are found, how many of them are ticked, and the rows of one page: the columns of SHOWN, and `ticked`."""

    found: int
    chosen: int
    rows: Sequence[Row[*tuple[Any, ...]]]

    @property
    def kept(self) -> int:
        return self.found - self.chosen


def make(
    session: Session, actor_id: int, purpose: Purpose, criteria: Criteria, at: datetime
) -> Selection:
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
        session.execute(
            insert(SelectionDomain),
            [{"selection_id": selection.id, "domain_id": d} for d in set(criteria.domain_ids)],
        )
    return selection


def own(session: Session, actor_id: int, purpose: Purpose, selection_id: str) -> Selection:
    """This person's selection; Gone where it is someone else's, of another page, or forgotten."""
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


def hold(session: Session, selection: Selection, domains: Sequence[int]) -> None:
    """Lock who is found, and then the selection: see `_lock_after_accounts`."""
    found = (
        _of_found(_shape(selection), select(Account.id))
        .order_by(Account.id)
        .with_for_update(read=True, of=Account)
        .subquery()
    )
    session.execute(select(func.count()).select_from(found), _parameters(selection, domains))
    _lock_after_accounts(session, selection)


def _lock_after_accounts(session: Session, selection: Selection) -> None:
    """Lock the selection and read it as it then is; Gone where an erasure has forgotten it meanwhile.

    Accounts are locked first, in the order of ids, everywhere: who is being erased is waited for and then is not found, and an erasure, which
    forgets searches after that, waits for none whose holder waits for it.
    """
    if (
        session.get(
            Selection, selection.id, with_for_update={"key_share": True}, populate_existing=True
        )
        is None
    ):
        raise _gone()


def current(session: Session, actor_id: int) -> Selection | None:
    """The selection that the menu at the side acts on."""
    return session.scalar(
        select(Selection).where(
            Selection.account_id == actor_id, Selection.current, Selection.purpose == Purpose.MANAGE
        )
    )


def make_current(session: Session, selection: Selection) -> None:
    session.execute(
        update(Selection).where(Selection.account_id == selection.account_id).values(current=False)
    )
    selection.current = True


def within(session: Session, selection: Selection, visible: list[int]) -> list[int]:
    """Return the ids of the domains searched in: those of `visible` that were asked for.

    They are passed on as plain numbers: databases plan a search in known domains far better than
    one in a subquery.
    """
    if not selection.some_domains:
        return visible
    asked = set(session.scalars(_domains_asked_for(), {"selection_id": selection.id}))
    return [domain_id for domain_id in visible if domain_id in asked]


@cache
def _domains_asked_for() -> Select[int]:
    return select(SelectionDomain.domain_id).where(SelectionDomain.selection_id == SELECTION)


@dataclass(frozen=True)
class Shape:
    """What the SQL of a search depends on. All else is a parameter, so that the SQL of each shape is put together once."""

    states: tuple[State, ...]
    words: int
    since_from: bool
    since_to: bool
    order: str
    all_ticked: bool

    @property
    def by_date(self) -> bool:
        return self.order.removeprefix("-") == "since"


def _shape(selection: Selection) -> Shape:
    search, words = SEARCHES[selection.purpose], len(searchable(selection.keyword).split())
    states = (selection.state,) if selection.state in search.states else search.states
    return Shape(
        states,
        words,
        bool(selection.since_from),
        bool(selection.since_to),
        selection.order,
        selection.all_ticked,
    )


def _parameters(selection: Selection, domains: Sequence[int]) -> dict[str, Any]:
    """What this selection asks for, by the names that `_matching` and `_ticked` use."""
    values: dict[str, Any] = {"selection_id": selection.id, "domain_ids": domains}
    values |= {
        f"word_{place}": _literally(word)
        for place, word in enumerate(searchable(selection.keyword).split())
    }
    if selection.since_from:
        values["since_from"] = start_of(selection.since_from)
    if selection.since_to:
        values["before"] = start_of(selection.since_to) + timedelta(days=1)
    return values


def _literally(word: str) -> str:
    """A word for LIKE, in which `%` and `_` stand for themselves."""
    return re.sub("[/%_]", r"/\g<0>", word)


def _matching(shape: Shape) -> ColumnElement[bool]:
    """The condition on `account` and `person` that a row is found."""
    states, word = shape.states, Person.search_text.contains
    wanted = [
        Account.state == states[0] if len(states) == 1 else Account.state.in_(states),
        Account.domain_id.in_(DOMAINS),
    ]
    wanted += [
        word(bindparam(f"word_{place}", type_=Text), escape="/") for place in range(shape.words)
    ]
    if shape.since_from:
        wanted.append(Account.since >= bindparam("since_from", type_=Moment))
    if shape.since_to:
        wanted.append(Account.since < bindparam("before", type_=Moment))
    return and_(*wanted)


def _ticked(shape: Shape) -> ColumnElement[bool]:
    """The condition on `account` that its row is ticked."""
    differs = Account.id.in_(select(Tick.account_id).where(Tick.selection_id == SELECTION))
    return not_(differs) if shape.all_ticked else differs


def chosen(selection: Selection, domains: Sequence[int]) -> Select[int, int]:
    """Account and domain of the ticked users, for the caller to narrow down."""
    shape = _shape(selection)
    asked = _of_found(shape, select(Account.id, Account.domain_id)).where(_ticked(shape))
    return asked.params(_parameters(selection, domains))


def chosen_by_state(
    session: Session, selection: Selection, domains: Sequence[int]
) -> dict[State, int]:
    """How many users are ticked, by state."""
    asked, given = (
        _counted_by_state(_shape(selection)),
        _parameters(selection, domains),
    )
    return dict(session.execute(asked, given).all())


def results(
    session: Session, selection: Selection, domains: Sequence[int], page: int, size: int
) -> Results:
    """One page (from 1; the last one where there are fewer) of the users found, and how many are found and ticked.

    A keyword must be compared with every name there is. That is done once for all of this, unless very many are found or the
    page lies beyond the end.
    """
    shape, given = _shape(selection), _parameters(selection, domains) | {"size": size}
    if shape.words:
        rows = session.execute(_few(shape), given | {"first": (page - 1) * size}).all()
        if rows and rows[0].found <= FEW:
            return Results(rows[0].found, rows[0].chosen, rows)
        if not rows and page == 1:
            return Results(0, 0, rows)
    found, chosen = session.execute(_counted(shape), given).one()
    end = min(page, -(-found // size)) * size
    return Results(
        found,
        chosen,
        session.execute(_page(shape), given | {"first": end - size, "end": end}).all()
        if found
        else [],
    )


@lru_cache(SHAPES)
def _few(shape: Shape) -> AnySelect:
    """A page of up to FEW, and in each row how many are found and ticked. Found first and sorted then, so that no index is followed."""
    any_order = (
        _keyed(shape)
        .add_columns(_ticked(shape).label("ticked"))
        .limit(FEW + 1)
        .cte("found")
        .prefix_with("MATERIALIZED")
    )
    page = _paged(shape, select(any_order.c.id), any_order.c.key, any_order.c.id)
    numbers = (
        select(func.count().label("found"), func.count().filter(any_order.c.ticked).label("chosen"))
        .select_from(any_order)
        .subquery("numbers")
    )
    return _shown(shape, page).join(numbers, true()).add_columns(numbers.c.found, numbers.c.chosen)


@lru_cache(SHAPES)
def _counted(shape: Shape) -> Select[int, int]:
    return _of_found(shape, select(func.count(), func.count().filter(_ticked(shape))))


@lru_cache(SHAPES)
def _counted_by_state(shape: Shape) -> Select[State, int]:
    return (
        _of_found(shape, select(Account.state, func.count()))
        .where(_ticked(shape))
        .group_by(Account.state)
    )


def _of_found(shape: Shape, asked: S) -> S:
    """What is asked of everyone found. Without a keyword, people are not looked at: an index of `account` is enough."""
    asked = asked.select_from(Account)
    return (asked.join(Person) if shape.words else asked).where(_matching(shape))


@lru_cache(SHAPES)
def _page(shape: Shape) -> AnySelect:
    """A page of any number: names and addresses are only looked up for its rows."""
    first = _first(shape)
    return _shown(shape, _paged(shape, select(first.c.id), first.c.key, first.c.id))


def _paged(
    shape: Shape, asked: Select[int], key: ColumnElement[Any], account_id: ColumnElement[int]
) -> Select[int]:
    size, first = bindparam("size", type_=Integer), bindparam("first", type_=Integer)
    return _in_order(asked, shape.order, key, account_id).limit(size).offset(first)


def _shown(shape: Shape, ids: Select[int]) -> AnySelect:
    these = Account.id.in_(select(ids.subquery().c.id))
    return _in_order(
        users().add_columns(_ticked(shape).label("ticked")).where(these),
        shape.order,
        _key(shape),
        Account.id,
    )


def _first(shape: Shape) -> FromClause:
    """Id and sort key of what is found. In the order of dates it is enough to take those up to the page's end of each state, as the index has them."""
    asked = _keyed(shape)
    if not shape.by_date:
        return asked.subquery()
    parts = (
        _in_order(asked.where(Account.state == state), shape.order, Account.since, Account.id)
        for state in shape.states
    )
    return union_all(
        *(select(part.limit(bindparam("end", type_=Integer)).subquery()) for part in parts)
    ).subquery()


def _keyed(shape: Shape) -> AnySelect:
    """Id and sort key of what is found, in no order."""
    key = _key(shape)
    asked: AnySelect = select(Account.id, key.label("key")).where(_matching(shape))
    if shape.words or key.class_ is Person:
        asked = asked.join(Person, Person.account_id == Account.id)
    if key.class_ is Domain:
        asked = asked.join(Domain, Domain.id == Account.domain_id)
    return asked


def _key(shape: Shape) -> InstrumentedAttribute[Any]:
    return ORDERS.get(shape.order.removeprefix("-"), Account.since)


def _in_order(
    asked: S,
    order: str,
    key: ColumnElement[Any] | InstrumentedAttribute[Any],
    then: ColumnElement[Any] | InstrumentedAttribute[Any],
) -> S:
    """In the order of `key`; a minus in front of `order` turns it around."""
    return (
        asked.order_by(key.desc(), then.desc())
        if order.startswith("-")
        else asked.order_by(key, then)
    )


def users() -> AnySelect:
    """The columns of SHOWN of everyone who is somebody; for the caller to narrow down."""
    return (
        select(*SHOWN)
        .select_from(Person)
        .join(Account, Person.account_id == Account.id)
        .join(Domain, Domain.id == Account.domain_id)
    )


def sort(selection: Selection, order: str) -> None:
    if order.removeprefix("-") in ORDERS:
        selection.order = order


def tick_all(session: Session, selection: Selection, *, ticked: bool) -> None:
    """Tick or untick everyone found, on every page."""
    session.execute(delete(Tick).where(Tick.selection_id == selection.id))
    selection.all_ticked = ticked


def save_ticks(
    session: Session,
    selection: Selection,
    domains: Sequence[int],
    shown: Sequence[str],
    ticked: Sequence[str],
) -> None:
    """Save the ticks of one page. `shown` and `ticked` are references of people.

    Those that the search does not find in these domains are passed over.
    """
    asked = (
        select(Person.reference, Person.account_id)
        .join(Account)
        .where(Person.reference.in_(shown), _matching(_shape(selection)))
    )
    locked = asked.order_by(Account.id).with_for_update(read=True, of=Account)
    ids = dict(session.execute(locked, _parameters(selection, domains)).all())
    _lock_after_accounts(session, selection)
    differing = [
        i for reference, i in ids.items() if (reference in set(ticked)) != selection.all_ticked
    ]
    session.execute(
        delete(Tick).where(Tick.selection_id == selection.id, Tick.account_id.in_(ids.values()))
    )
    if differing:
        session.execute(
            insert(Tick), [{"selection_id": selection.id, "account_id": i} for i in differing]
        )
