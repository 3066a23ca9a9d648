"""The SQL of searches."""

from __future__ import annotations

from sqlalchemy.dialects import sqlite

from webapp.models import Purpose, Selection
from webapp.searching import statements
from webapp.searching.statements import few, keep, shape_and_values


def a_search(found: int | None = None, **asked: str) -> Selection:
    return Selection(
        id="the id",
        purpose=Purpose.ERASE,
        words={"keyword": "anna"},
        choices=asked,
        found=found,
        order="-since",
        all_ticked=True,
    )


def one_line(sql: object) -> str:
    return " ".join(str(sql).split())


def test_the_examples_are_what_is_sent() -> None:
    examples = one_line(statements.__doc__)
    shape, values = shape_and_values(a_search(), [7])
    rows = keep(shape).select
    assert rows is not None
    found = rows.params(values | {"most": 100_000})
    sent = one_line(found.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    assert f"INSERT INTO selection_found (selection_id, account_id) {sent}" in examples
    shape, values = shape_and_values(a_search(found=3), [7])
    asked = few(shape).params(values | {"size": 50, "first": 0})
    assert one_line(asked.compile(compile_kwargs={"literal_binds": True})) in examples


def test_sql_is_put_together_once_for_all_values_of_a_criterion() -> None:
    one, other, third = (
        few(shape_and_values(search, [7])[0])
        for search in (
            a_search(since_from="2025-05-20"),
            a_search(since_from="2024-01-31"),
            a_search(since_to="2025-05-20"),
        )
    )
    assert one is other
    assert one is not third
