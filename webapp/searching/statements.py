"""The SQL of searches.

On *Erase deleted users*, those of domain 7 with *anna* in a name are kept by `keep`. PostgreSQL
locks them as well, `FOR KEY SHARE OF account`:

    INSERT INTO selection_found (selection_id, account_id)
    SELECT 'the id' AS selection_id, kept.id
    FROM (WITH found AS MATERIALIZED (SELECT account.id AS id
            FROM account JOIN person ON account.id = person.account_id
            WHERE account.state = 'deleted' AND account.domain_id IN (7)
                AND (person.search_text LIKE '%' || 'anna' || '%' ESCAPE '/')
            ORDER BY account.id LIMIT 100000 + 1 OFFSET 0)
        SELECT found.id AS id FROM found
        LIMIT CASE WHEN ((SELECT count(*) AS count_1 FROM found) > 100000) THEN 1000
            ELSE 100000 END OFFSET 0) AS kept

Page 1 of them is read by `few`:

    WITH found AS MATERIALIZED (SELECT account.id AS id, account.since AS key,
        (account.id NOT IN (SELECT selection_tick.account_id FROM selection_tick
            WHERE selection_tick.selection_id = 'the id')) AS ticked
        FROM account
        WHERE coalesce(account.state, NULL) = 'deleted' AND coalesce(account.domain_id, NULL) IN (7)
            AND account.id IN (SELECT selection_found.account_id FROM selection_found
                WHERE selection_found.selection_id = 'the id' LIMIT 3)
        LIMIT 10001)
    SELECT person.account_id, person.reference, person.display_name, person.user_name,
        person.email, account.state, account.since, domain.name AS domain,
        (account.id NOT IN (SELECT selection_tick.account_id FROM selection_tick
            WHERE selection_tick.selection_id = 'the id')) AS ticked,
        numbers.found, numbers.chosen
    FROM person JOIN account ON person.account_id = account.id
        JOIN domain ON domain.id = account.domain_id
        JOIN (SELECT count(*) AS found, count(*) FILTER (WHERE found.ticked) AS chosen
            FROM found) AS numbers ON true
    WHERE account.id IN (SELECT page.id FROM (SELECT found.id AS id FROM found
        ORDER BY found.key DESC, found.id DESC LIMIT 50 OFFSET 0) AS page)
    ORDER BY account.since DESC, account.id DESC
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Insert,
    Integer,
    Select,
    String,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    not_,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from webapp.db import Moment, numbered, without_index
from webapp.models import Account, Domain, Found, Meant, Person, Selection, State, Tick
from webapp.searching.criteria import CRITERIA, Criterion, Scope
from webapp.states import SEARCHES, seen_by

SHOWN = (
    Person.account_id,
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
Column = ColumnElement[Any] | InstrumentedAttribute[Any]
SELECTION = bindparam("selection_id", type_=String)
DOMAINS = bindparam("domain_ids", type_=Integer, expanding=True)
MADE_AT, NEWEST = bindparam("made_at", type_=Moment), bindparam("newest_id", type_=Integer)
MOST = bindparam("most", type_=Integer)
SHAPES = 256  # shapes whose SQL is kept
SAMPLE = 1_000  # users that show that too many were found: see `keep`
FEW = 10_000  # users found that are sorted without an index: see `few`
NEWEST_FIRST = "-since"
ORDERS: dict[str, InstrumentedAttribute[Any]] = {
    "name": Person.search_text,
    "user-name": Person.user_name_key,
    "email": Person.email,
    "domain": Domain.name_key,
    "state": Account.state,
    "since": Account.since,
}


@dataclass(frozen=True)
class Shape:
    """What the SQL of a search depends on.

    All else is a parameter, so that the SQL of each shape is put together once. `conditions` are
    those of the criteria that are filled: the criterion, and the name of a parameter of it.

    Where the users found are `kept`, nobody else is looked at. A search by words finds few of many,
    so that they are `sought` by their ids, and its conditions are no matter.
    """

    states: tuple[State, ...]
    kept: bool
    sought: bool
    conditions: tuple[tuple[Criterion, str], ...]
    order: str
    all_ticked: bool

    @property
    def by_date(self) -> bool:
        return self.order.removeprefix("-") == "since"

    @property
    def of_people(self) -> bool:
        """Whether a condition looks at people, and not at accounts alone."""
        return any(criterion.table is Person for criterion, _ in self.conditions)


def shape_and_values(
    selection: Selection, domain_ids: Sequence[int], *, anew: bool = False
) -> tuple[Shape, dict[str, Any]]:
    """Return the shape of what this selection finds, and the values of its parameters.

    `domain_ids` are those in which its person may search now. They are passed as plain numbers:
    databases plan a search in known domains far better than one in a subquery. With `anew`, whom it
    has found before is no matter.
    """
    asked, scope = selection.asked, Scope(SEARCHES[selection.purpose].states, domain_ids)
    kept = selection.found is not None and not anew
    sought = kept and (selection.words is not None or selection.words_forgotten)
    conditions: list[tuple[Criterion, str]] = []
    values: dict[str, Any] = {"selection_id": selection.id}
    for criterion in CRITERIA:
        scope = criterion.narrow(scope, asked)
        parameters = {} if sought else criterion.parameters(asked)
        conditions += [(criterion, parameter) for parameter in parameters]
        values |= parameters
    shape = Shape(
        scope.states, kept, sought, tuple(conditions), selection.order, selection.all_ticked
    )
    return shape, values | {"domain_ids": scope.domain_ids, "kept": selection.found}


@lru_cache(SHAPES)
def few(shape: Shape) -> AnySelect:
    """Return a page of up to FEW users found, with how many are found and ticked in each row.

    They are found first and sorted then, so that no index is followed, and every name is compared
    once. The example above is one of these.
    """
    any_order = (
        _keyed(shape)
        .add_columns(ticked(shape).label("ticked"))
        .limit(FEW + 1)
        .cte("found")
        .prefix_with("MATERIALIZED")
    )
    ids = _paged(shape, select(any_order.c.id), any_order.c.key, any_order.c.id)
    numbers = (
        select(func.count().label("found"), func.count().filter(any_order.c.ticked).label("chosen"))
        .select_from(any_order)
        .subquery("numbers")
    )
    return _shown(shape, ids).join(numbers, true()).add_columns(numbers.c.found, numbers.c.chosen)


@lru_cache(SHAPES)
def page(shape: Shape) -> AnySelect:
    """Return a page of any number of users; names and addresses are looked up for its rows only."""
    first = _first(shape)
    return _shown(shape, _paged(shape, select(first.c.id), first.c.key, first.c.id))


@lru_cache(SHAPES)
def counted(shape: Shape) -> Select[int, int]:
    """Return how many users are found, and how many of them are ticked.

    Only those whose ticks differ from all the others are looked up, since they are few.
    """
    differs = and_(Tick.account_id == Account.id, Tick.selection_id == SELECTION)
    differing = of_found(shape, select(func.count())).join(Tick, differs).correlate(None)
    number, differ = func.count(), differing.scalar_subquery()
    return of_found(shape, select(number, number - differ if shape.all_ticked else differ))


@lru_cache(SHAPES)
def counted_by_state(shape: Shape) -> Select[State, int]:
    """Return how many users are ticked, by state."""
    asked = of_found(shape, select(Account.state, func.count()))
    return asked.where(ticked(shape)).group_by(Account.state)


@lru_cache(SHAPES)
def keep(shape: Shape) -> Insert:
    """Keep whom a search finds; where those are more than MOST, keep SAMPLE of them.

    They are locked in the order of ids: whoever meets an erasure waits for it, and does not keep
    the people erased.
    """
    found = of_found(shape, select(Account.id)).order_by(Account.id).limit(MOST + 1)
    locked = found.with_for_update(read=True, key_share=True, of=Account).cte("found")
    locked = locked.prefix_with("MATERIALIZED")
    number = select(func.count()).select_from(locked).scalar_subquery()
    most = case((number > MOST, SAMPLE), else_=MOST)
    # Not in front of INSERT: SQLite's driver counts the rows of what begins with that word.
    kept = select(locked.c.id).add_cte(locked, nest_here=True).limit(most).subquery("kept")
    rows = select(SELECTION.label("selection_id"), kept.c.id)
    return insert(Found.__table__).from_select(["selection_id", "account_id"], rows)


def mean(actor_id: int) -> Insert:
    """Keep whom the entries of a list mean, as far as the person who searches may see them.

    `keys` is a JSON array of what the entries may be called. They are locked as by `keep`.
    """
    typed = numbered(bindparam("keys", type_=Text)).table_valued("place", "word").alias("typed")
    columns = Person.user_name_key, Person.email_key, Person.external_id_key
    # An outer join, so that SQLite begins with the few that are typed, whatever it knows of people.
    named = (
        select(typed.c.place, Person.account_id).outerjoin_from(
            typed, Person, column == typed.c.word
        )
        for column in columns
    )
    meant = union(*named).cte("meant").prefix_with("MATERIALIZED")
    seen = Account.id.in_(select(meant.c.account_id)), seen_by(actor_id)
    locked = select(Account.id).where(*seen).order_by(Account.id)
    seen_now = locked.with_for_update(read=True, key_share=True, of=Account).cte("seen")
    seen_now = seen_now.prefix_with("MATERIALIZED")
    rows = select(SELECTION.label("selection_id"), meant.c.account_id, meant.c.place)
    rows = rows.join(seen_now, seen_now.c.id == meant.c.account_id)
    columns_kept = ["selection_id", "account_id", "place"]
    return insert(Meant.__table__).from_select(columns_kept, rows)


def meant(shape: Shape, actor_id: int) -> Select[int, bool, State, str]:
    """Return, of whom the entries of a list mean, the place, whether they are found, and where."""
    found = Account.id.in_(of_found(shape, select(Account.id)).correlate(None))
    return (
        select(Meant.place, found.label("found"), Account.state, Domain.name)
        .join(Account, Account.id == Meant.account_id)
        .join(Domain, Domain.id == Account.domain_id)
        .where(Meant.selection_id == SELECTION, seen_by(actor_id))
    )


@lru_cache(SHAPES)
def more(shape: Shape) -> Select[bool]:
    """Ask whether more are found than are kept."""
    kept = select(Found.account_id).where(Found.selection_id == SELECTION)
    return select(exists(of_found(shape, select(Account.id)).where(Account.id.not_in(kept))))


@lru_cache(SHAPES)
def came_since(shape: Shape) -> Select[int]:
    """Return how many users a search finds now who were not there when it was made.

    They have come into their state since, or are new. `shape` is that of the search made anew.
    """
    in_state = Account.state.in_(shape.states), Account.domain_id.in_(DOMAINS)
    changed = select(Account.id).where(*in_state, Account.since > MADE_AT)
    came = union(changed, select(Account.id).where(Account.id > NEWEST))
    kept = select(Found.account_id).where(Found.selection_id == SELECTION)
    asked = of_found(shape, select(func.count()))
    return asked.where(Account.id.in_(came), Account.id.not_in(kept))


def of_found(shape: Shape, asked: S) -> S:
    """Ask this of everyone found; an index of `account` is enough where no people are looked at."""
    asked = asked.select_from(Account)
    return (asked.join(Person) if shape.of_people else asked).where(matching(shape))


def users() -> AnySelect:
    """Return the columns of SHOWN of everyone who is somebody, for the caller to narrow down."""
    return (
        select(*SHOWN)
        .select_from(Person)
        .join(Account, Person.account_id == Account.id)
        .join(Domain, Domain.id == Account.domain_id)
    )


def matching(shape: Shape) -> ColumnElement[bool]:
    """Return the condition on `account` and `person` that a user is found."""
    state: Any = without_index(Account.state) if shape.sought else Account.state
    domain_id: Any = without_index(Account.domain_id) if shape.sought else Account.domain_id
    one, *more = shape.states
    conditions = [state.in_(shape.states) if more else state == one, domain_id.in_(DOMAINS)]
    kept = select(Found.account_id).where(Found.selection_id == SELECTION)
    if shape.sought:  # the limit tells PostgreSQL's planner how few they are
        conditions.append(Account.id.in_(kept.limit(bindparam("kept", type_=Integer))))
    elif shape.kept:
        conditions.append(exists(kept.where(Found.account_id == Account.id)))
    conditions += [criterion.condition(parameter) for criterion, parameter in shape.conditions]
    return and_(*conditions)


def ticked(shape: Shape) -> ColumnElement[bool]:
    """Return the condition on `account` that its row is ticked."""
    differs = Account.id.in_(select(Tick.account_id).where(Tick.selection_id == SELECTION))
    return not_(differs) if shape.all_ticked else differs


def _first(shape: Shape) -> FromClause:
    """Return id and sort key of what is found, as far as a page needs it.

    In the order of dates it is enough to take, of each state, those up to the page's end, as the
    index has them.
    """
    asked = _keyed(shape)
    if not shape.by_date:
        return asked.subquery()
    parts = (
        _in_order(asked.where(Account.state == state), shape.order, Account.since, Account.id)
        for state in shape.states
    )
    end = bindparam("end", type_=Integer)
    return union_all(*(select(part.limit(end).subquery()) for part in parts)).subquery()


def _keyed(shape: Shape) -> AnySelect:
    """Return id and sort key of what is found, in no order."""
    key = _key(shape)
    asked: AnySelect = select(Account.id, key.label("key")).where(matching(shape))
    if shape.of_people or key.class_ is Person:
        asked = asked.join(Person, Person.account_id == Account.id)
    if key.class_ is Domain:
        asked = asked.join(Domain, Domain.id == Account.domain_id)
    return asked


def _paged(shape: Shape, asked: Select[int], key: Column, account_id: Column) -> Select[int]:
    size, first = bindparam("size", type_=Integer), bindparam("first", type_=Integer)
    return _in_order(asked, shape.order, key, account_id).limit(size).offset(first)


def _shown(shape: Shape, ids: Select[int]) -> AnySelect:
    """Return the columns of SHOWN, and `ticked`, of the users of these ids, in order."""
    these = Account.id.in_(select(ids.subquery("page").c.id))
    asked = users().add_columns(ticked(shape).label("ticked")).where(these)
    return _in_order(asked, shape.order, _key(shape), Account.id)


def _key(shape: Shape) -> InstrumentedAttribute[Any]:
    return ORDERS.get(shape.order.removeprefix("-"), Account.since)


def _in_order(asked: S, order: str, key: Column, then: Column) -> S:
    """Order by `key`; a minus in front of `order` turns it around."""
    if order.startswith("-"):
        return asked.order_by(key.desc(), then.desc())
    return asked.order_by(key, then)
