"""Who administered a console before it was set up on pages does so afterwards, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, Engine, MetaData, insert, select

from tests.migrations.checkout import upgrade
from tests.migrations.intended import EVERY_PERMISSION, TO_SET_UP
from tests.migrations.rows import START
from webapp.schema import alembic_config

BEFORE = "0006"
LONDON, DUBLIN = 1, 2


def rows(table: str, *each: dict[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    return table, list(each)


def named(table: str, number: int) -> tuple[str, list[dict[str, Any]]]:
    ids = range(1, number + 1)
    return rows(table, *({"id": i, "name": f"{i}", "name_key": f"{i}"} for i in ids))


def account(number: int) -> dict[str, Any]:
    dates = {"created_at": START, "since": START}
    return {"id": number, "domain_id": LONDON, "key": f"{number}", "state": "live"} | dates


def person(number: int) -> dict[str, Any]:
    empty = ("display_name", "given_name", "surname", "email", "external_id")
    names = ("reference", "user_name", "user_name_key", "search_text")
    others = dict.fromkeys((*empty, "phone", "mobile_phone"), "")
    return {"account_id": number} | others | dict.fromkeys(names, f"{number}")


def filled(connection: Connection, held: dict[int, tuple[int, ...]], lacks: str) -> None:
    """Make a role that each account holds in some domains, with every permission but one."""
    there = MetaData()
    there.reflect(connection)
    grants = [
        {"account_id": who, "role_id": 1, "domain_id": place}
        for who, places in held.items()
        for place in places
    ]
    permissions = [
        {"role_id": 1, "permission": each} for each in sorted(EVERY_PERMISSION - {lacks})
    ]
    for table, each in (
        named("domain", 2),
        named("role", 1),
        rows("role_permission", *permissions),
        rows("account", *map(account, held)),
        rows("person", *map(person, held)),
        rows("role_grant", *grants),
    ):
        connection.execute(insert(there.tables[table]), each)
    connection.commit()


@pytest.mark.parametrize(
    ("held", "lacks", "administers"),
    [
        ({1: (LONDON, DUBLIN)}, "", True),
        ({1: (LONDON, DUBLIN), 2: (LONDON, DUBLIN)}, "", True),
        ({1: (LONDON,)}, "", False),
        ({1: (LONDON, DUBLIN), 2: (DUBLIN,)}, "", False),
        ({1: (LONDON, DUBLIN)}, "Billing", False),
    ],
    ids=["everywhere", "two everywhere", "in one domain", "one of two in one", "without billing"],
)
def test_a_role_that_allowed_everything_everywhere_allows_setting_up(
    empty: Engine, held: dict[int, tuple[int, ...]], lacks: str, administers: bool
) -> None:
    with empty.connect() as connection:
        upgrade(connection, alembic_config(), BEFORE)
        filled(connection, held, lacks)
        upgrade(connection, alembic_config())
        there = MetaData()
        there.reflect(connection)
        found = set(connection.scalars(select(there.tables["role_permission"].c.permission)))
    assert found - EVERY_PERMISSION == (set(TO_SET_UP) if administers else set())
