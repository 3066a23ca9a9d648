"""No statement reads a big table from end to end, but for those listed here with their reason."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.benchmarks.world import COMMON
from tests.keep_up.conftest import World
from tests.keep_up.erasing import erase
from tests.keep_up.pages import addresses
from tests.keep_up.plans import listening, scanned
from webapp.models import Purpose

SEARCHES = {
    Purpose.MANAGE: "/users/",
    Purpose.ERASE: "/users/erase-deleted/",
    Purpose.RESTORE: "/users/restore-deleted/",
}
MAY_READ = {  # these tables from end to end, by address
    # Read until a second user is found.
    "/first-steps": {"account"},
    # Lists that were reviewed are soon gone.
    "/domains/<int(max=2147483647):domain_id>": {"operation_account"},
    # Read from its newest end until the page is full: a reader sees almost every domain.
    "/activity": {"event"},
    # The same: a kind of event is not searched for often enough to be worth an index.
    "/activity?what": {"event"},
    # Read from its newest end until the page is full.
    "/reports/sign-ins": {"sign_in"},
    # The same: sign-ins have no domain, their accounts do. PostgreSQL may begin with those.
    "/reports/sign-ins?domains": {"sign_in", "account"},
}
EVERY_TEXT = {"attribute_value"}  # in which those on an erasure's list may be mentioned
OPEN_SESSIONS = {"sign_in_session"}  # few, of whom the pop-up counts those on the list
EVERY_NAME = {"person"}  # with which a keyword is compared, where it is searched in all domains


def test_pages_seek(world: World, session: Session) -> None:
    pages = addresses(world.visitor, session)
    read = {}
    for name, address in pages.items():
        with listening(*world.engines) as said:
            world.visitor.get(address)
        assert said or name == "/health/live", name  # which asks nothing
        read[name] = scanned(world.engine, said) - MAY_READ.get(name, set())
    assert {name: tables for name, tables in read.items() if tables} == {}
    assert set(MAY_READ) <= set(pages)


@pytest.mark.parametrize("keyword", [COMMON, ""], ids=["keyword", "everyone"])
@pytest.mark.parametrize("domain_ids", [(7,), ()], ids=["one-domain", "all-domains"])
@pytest.mark.parametrize("purpose", Purpose)
def test_searches_seek(
    world: World, session: Session, purpose: Purpose, domain_ids: tuple[int, ...], keyword: str
) -> None:
    made = world.visitor.search(purpose, keyword=keyword, domain_ids=domain_ids)
    with listening(*world.engines) as said:
        world.visitor.get(SEARCHES[purpose] + made.id)
    allowed = EVERY_NAME if keyword and not domain_ids else set()
    assert scanned(world.engine, said) - allowed == set()


@pytest.mark.parametrize(
    "asked",
    [
        {"list": "\n".join(f"user.{number}@bench.example" for number in range(0, 10_000, 3))},
        {"last_sign_in_when": "year", "domain_ids": (7,)},
        {"last_sign_in_when": "or_never", "domain_ids": (7,)},
        {"deleted_by": "archer anna", "domain_ids": (7,)},
    ],
    ids=["list", "last-sign-in", "or-never", "deleted-by"],
)
def test_searches_by_other_criteria_seek(
    world: World, session: Session, asked: dict[str, Any]
) -> None:
    """From making the search to the page of what it finds, and everyone deleted is no matter."""
    with listening(*world.engines) as said:
        made = world.visitor.search(Purpose.ERASE, **asked)
        world.visitor.get(SEARCHES[Purpose.ERASE] + made.id)
    assert any("INSERT INTO selection_found" in each.statement for each in said)
    assert scanned(world.engine, said) == set()


@pytest.mark.parametrize("keyword", [COMMON, ""], ids=["keyword", "everyone"])
def test_erasing_seeks(world: World, session: Session, keyword: str) -> None:
    with listening(*world.engines) as said:
        assert erase(world, session, keyword) > 100
    assert any(each.statement.startswith("DELETE FROM person") for each in said)
    allowed = EVERY_TEXT | OPEN_SESSIONS | (EVERY_NAME if keyword else set())
    assert scanned(world.engine, said) - allowed == set()
