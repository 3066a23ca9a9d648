"""No statement of the main pages reads a big table from end to end, but for those listed here, each with its reason."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.benchmarks.world import COMMON
from tests.keep_up.conftest import World
from tests.keep_up.erasing import erase
from tests.keep_up.plans import listening, scanned
from webapp.models import Purpose

ADDRESSES = {
    Purpose.MANAGE: "/users/",
    Purpose.ERASE: "/users/erase-deleted/",
    Purpose.RESTORE: "/users/restore-deleted/",
}
PAGES = {  # with the tables that may be read from end to end
    "/activity": {
        "event"
    },  # from its newest end, until the page is full: what a reader sees lies in almost every domain
    "/activity?what=DELETE": {
        "event"
    },  # likewise; a kind of event is not searched for often enough to be worth an index
    "/activity?domains=7": set(),
    "/activity?since=2026-01-01&until=2026-02-01": set(),
    "/reports/users": set(),
    "/reports/users?domains=7": set(),
    "/reports/users?state=live": set(),
    "/reports/sign-ins": {"sign_in"},  # from its newest end, until the page is full
    "/reports/sign-ins?domains=7": {
        "sign_in",
        "account",
    },  # likewise: sign-ins have no domain, their accounts do
    "/reports/sign-ins?since=2026-11-01": {
        "account"
    },  # many sign-ins: PostgreSQL may put the accounts beside them in one go
    "/billing": {"billed_span"},  # every span counts in some month; it is read from its index alone
    "/billing/7/2026-05": set(),
}
EVERY_NAME = {
    "person"
}  # a keyword over all domains is compared with every name, wherever it is read


@pytest.mark.parametrize("path", PAGES)
def test_pages_seek(world: World, path: str) -> None:
    with listening(*world.engines) as said:
        world.visitor.get(path)
    assert said
    assert scanned(world.engine, said) - PAGES[path] == set()


@pytest.mark.parametrize("keyword", [COMMON, ""], ids=["keyword", "everyone"])
@pytest.mark.parametrize("domain_ids", [(7,), ()], ids=["one-domain", "all-domains"])
@pytest.mark.parametrize("purpose", Purpose)
def test_searches_seek(
    world: World, session: Session, purpose: Purpose, domain_ids: tuple[int, ...], keyword: str
) -> None:
    made = world.visitor.search(purpose, keyword=keyword, domain_ids=domain_ids)
    with listening(*world.engines) as said:
        world.visitor.get(ADDRESSES[purpose] + made.id)
    allowed = EVERY_NAME if keyword and not domain_ids else set()
    assert scanned(world.engine, said) - allowed == set()


@pytest.mark.parametrize("keyword", [COMMON, ""], ids=["keyword", "everyone"])
def test_erasing_seeks(world: World, session: Session, keyword: str) -> None:
    with listening(*world.engines) as said:
        assert erase(world, session, keyword) > 100
    assert any(each.statement.startswith("DELETE FROM person") for each in said)
    assert scanned(world.engine, said) - (EVERY_NAME if keyword else set()) == set()


def test_a_short_list_is_marked_by_its_ids_and_not_by_its_state(
    world: World, session: Session
) -> None:
    """A tenth of the platform is deleted: walking all of it to mark one user would cost more than all the rest of erasing."""
    with listening(*world.engines) as said:
        assert erase(world, session, COMMON) > 100
    marking = [each for each in said if each.statement.startswith("UPDATE account")]
    assert marking
    with world.engine.connect() as connection:
        explain = "EXPLAIN QUERY PLAN" if world.engine.dialect.name == "sqlite" else "EXPLAIN"
        plans = [
            str(connection.exec_driver_sql(f"{explain} {each.statement}", each.values).all())
            for each in marking
        ]
    assert [plan for plan in plans if "ix_account" in plan] == []
