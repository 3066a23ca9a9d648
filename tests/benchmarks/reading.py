"""How fast pages are: search, reports, activity and billing, each against bare SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

from sqlalchemy.orm import Session

from tests.benchmarks import bare
from tests.benchmarks.pairs import Measured, in_pairs
from tests.benchmarks.visitor import Visitor
from tests.benchmarks.world import ACTOR, COMMON, RARE
from tests.factories import domains_searched
from webapp.activity import queries as activity
from webapp.billing import queries as billing
from webapp.models import Permission, Purpose, Selection
from webapp.permissions import domain_ids_of
from webapp.reports import queries as reports
from webapp.searching import selection

SEARCHED = {Purpose.ERASE: ("deleted",), Purpose.MANAGE: ("live", "archived")}
MONTHS = [date(year, month, 1) for year in (2025, 2026) for month in range(1, 13)]


def whole_page(visitor: Visitor, sql: bare.Bare) -> Iterator[Measured]:
    """One domain, with a keyword, 50 rows: the request against its SQL and a bare rendering of the same rows."""
    for purpose, states in SEARCHED.items():
        made = visitor.search(purpose, keyword=COMMON[:2], domain_ids=(7,))
        address = "/users/" if purpose is Purpose.MANAGE else "/users/erase-deleted/"
        count, rows = bare.count(states, [7], COMMON[:2]), bare.page(states, [7], COMMON[:2])

        def floor(count: str = count, rows: str = rows) -> str:
            sql.ask(count)
            return bare.ROWS.render(rows=sql.ask(rows))

        yield in_pairs(
            f"Search page, one domain, keyword ({purpose})",
            partial(visitor.get, address + made.id),
            floor,
            goal=1.5,
        )


def searches(
    visitor: Visitor, session: Session, sql: bare.Bare, domains: int
) -> Iterator[Measured]:
    """All domains: count and page, against the same by hand."""
    every = list(range(1, domains + 1))
    for purpose, states in SEARCHED.items():
        for words, keyword in (
            ("rare keyword", RARE),
            ("common keyword", COMMON),
            ("page 1,000", ""),
        ):
            made = visitor.search(purpose, keyword=keyword)
            page = 1 if keyword else 1000
            by_hand = [
                bare.count(states, every, keyword),
                bare.page(states, every, keyword, (page - 1) * 50),
            ]
            ours = _search(session, made, page)
            yield in_pairs(
                f"All domains, {words} ({purpose})",
                ours,
                partial(sql.ask, *by_hand),
                goal=1.2,
                pairs=5,
            )


def _search(session: Session, made: Selection, page: int) -> Callable[[], object]:
    def ours() -> object:
        domains = domains_searched(session, made)
        results = selection.results(session, made, domains, page, 50)
        session.rollback()
        session.expunge_all()
        return results

    return ours


def reading(session: Session, sql: bare.Bare) -> Iterator[Measured]:
    """Billing and the first page of each report and of activity."""
    shown = reports.attributes(session)
    session.expunge_all()

    def ended(result: object) -> object:
        session.rollback()
        session.expunge_all()
        return result

    of = partial(domain_ids_of, session, ACTOR)
    anything = {"since": None, "until": None}
    yield in_pairs(
        "Billing, 24 months",
        lambda: ended(billing.statistics(session, of(Permission.BILLING), MONTHS)),
        lambda: sql.ask(*bare.YEARS),
        goal=1.3,
        pairs=7,
    )

    def users() -> object:
        return ended(
            reports.page_of(
                session,
                reports.users(of(Permission.MANAGEMENT_INFORMATION), state="", shown=shown),
                1,
                50,
            )
        )

    yield in_pairs("Report on users", users, lambda: sql.ask(bare.USERS), goal=1.3)

    def sign_ins() -> object:
        return ended(
            reports.page_of(
                session, reports.sign_ins(of(Permission.MANAGEMENT_INFORMATION), **anything), 1, 50
            )
        )

    yield in_pairs("Report on sign-ins", sign_ins, lambda: sql.ask(bare.SIGN_INS), goal=1.3)

    def events() -> object:
        return ended(
            activity.events(
                session,
                of(Permission.ADMINISTRATOR_ACTIVITY),
                elsewhere=True,
                what="",
                page=1,
                size=50,
                since=None,
                until=None,
            )
        )

    yield in_pairs("Administrator activity", events, lambda: sql.ask(bare.ACTIVITY), goal=1.3)
