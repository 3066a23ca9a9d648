"""Measure how fast pages are: search, reports, activity and billing, each against bare SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.orm import Session

from tests.benchmarks import bare
from tests.benchmarks.pairs import Measured, in_pairs
from tests.benchmarks.visitor import Visitor
from tests.benchmarks.world import ACTOR, COMMON, RARE, Size
from tests.factories import a_search, domains_searched
from webapp.access import attributes
from webapp.activity import queries as activity
from webapp.billing import queries as billing
from webapp.models import Attribute, Permission, Purpose, Selection
from webapp.permissions import domain_ids_of
from webapp.reports import queries as reports
from webapp.searching import selection

SEARCHED = {Purpose.ERASE: ("deleted",), Purpose.MANAGE: ("live", "archived")}
MONTHS = [date(year, month, 1) for year in (2025, 2026) for month in range(1, 13)]


@dataclass(frozen=True)
class Read:
    """Something that is read by our code, and by hand with some statements for the same result."""

    name: str
    ours: Callable[[], object]
    by_hand: tuple[str, ...]
    goal: float  # times as long as by hand
    pairs: int = 15


def measured(reads: Iterable[Read], sql: bare.Bare) -> Iterator[Measured]:
    """Time each of them against the same by hand."""
    for read in reads:
        floor = partial(sql.ask, *read.by_hand)
        yield in_pairs(read.name, read.ours, floor, goal=read.goal, pairs=read.pairs)


def whole_page(visitor: Visitor, sql: bare.Bare) -> Iterator[Measured]:
    """Time the request for a page of one domain with a keyword, 50 rows.

    Its floor is the SQL of the page and a bare rendering of the same rows.
    """
    for purpose, states in SEARCHED.items():
        made = visitor.search(purpose, keyword=COMMON[:2], domain_ids=(7,))
        address = "/users/" if purpose is Purpose.MANAGE else "/users/erase-deleted/"
        count = bare.count(states, [7], "", made.id)
        rows = bare.page(states, [7], "", kept=made.id)

        def floor(count: str = count, rows: str = rows) -> str:
            sql.ask(count)
            return bare.ROWS.render(rows=sql.ask(rows))

        yield in_pairs(
            f"Search page, one domain, keyword ({purpose})",
            partial(visitor.get, address + made.id),
            floor,
            goal=1.5,
        )


def searches(visitor: Visitor, session: Session, size: Size) -> Iterator[Read]:
    """Search all domains for a keyword and read page 1; read a page far on of all that is found."""
    every, far = range(1, size.domains + 1), size.users // 1000
    for purpose, states in SEARCHED.items():
        for words, keyword in (("rare keyword", RARE), ("common keyword", COMMON)):
            page = bare.page(states, every, "", kept="bare")
            by_hand: tuple[str, ...] = (*bare.keep(states, every, keyword), page)
            ours = _alone(session, partial(_search, session, purpose, keyword))
            yield Read(f"All domains, {words} ({purpose})", ours, by_hand, goal=1.2, pairs=5)
        made = visitor.search(purpose)
        kept = made.id if made.found is not None else ""
        by_hand = (
            bare.count(states, every, "", kept),
            bare.page(states, every, "", (far - 1) * 50, kept),
        )
        ours = _alone(session, partial(_page, session, made, far))
        yield Read(f"All domains, page {far:,} ({purpose})", ours, by_hand, goal=1.2, pairs=5)


def _search(session: Session, purpose: Purpose, keyword: str) -> object:
    return _page(session, a_search(session, ACTOR, purpose, {"keyword": keyword}), 1)


def _page(session: Session, made: Selection, page: int) -> object:
    return selection.results(session, made, domains_searched(session, made), page, 50)


def pages(session: Session) -> Iterator[Read]:
    """Read billing, and the first page of each report and of activity."""
    users = partial(_users, shown=attributes.every(session))
    session.expunge_all()
    for name, read, by_hand in (
        ("Billing, 24 months", _billing, bare.YEARS),
        ("Report on users", users, (bare.USERS,)),
        ("Report on sign-ins", _sign_ins, (bare.SIGN_INS,)),
        ("Administrator activity", _events, (bare.ACTIVITY,)),
    ):
        pairs = 7 if read is _billing else 15
        yield Read(name, _alone(session, partial(read, session)), by_hand, goal=1.3, pairs=pairs)


def _billing(session: Session) -> object:
    return billing.statistics(session, _may(session, Permission.BILLING), MONTHS)


def _users(session: Session, shown: Sequence[Attribute]) -> object:
    domains = _may(session, Permission.MANAGEMENT_INFORMATION)
    asked = reports.users(domains, state="", shown=shown)
    return reports.page_of(session, asked, 1, 50)


def _sign_ins(session: Session) -> object:
    domains = _may(session, Permission.MANAGEMENT_INFORMATION)
    asked = reports.sign_ins(domains, since=None, until=None)
    return reports.page_of(session, asked, 1, 50)


def _events(session: Session) -> object:
    domains = _may(session, Permission.ADMINISTRATOR_ACTIVITY)
    return activity.events(
        session, domains, elsewhere=True, since=None, until=None, what="", page=1, size=50
    )


def _may(session: Session, permission: Permission) -> list[int]:
    """Return the ids of the domains in which this is permitted, as the page asks for them."""
    return domain_ids_of(session, ACTOR, permission)


def _alone(session: Session, read: Callable[[], object]) -> Callable[[], object]:
    """Read in a transaction of its own, in which nothing has been loaded yet."""

    def alone() -> object:
        result = read()
        session.rollback()
        session.expunge_all()
        return result

    return alone
