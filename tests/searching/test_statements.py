"""The SQL of searches."""

from __future__ import annotations

from webapp.models import Purpose, Selection
from webapp.searching import statements
from webapp.searching.statements import few, shape_and_values


def a_search(**asked: str) -> Selection:
    return Selection(
        id="the id",
        purpose=Purpose.ERASE,
        words={"keyword": "anna"},
        choices=asked,
        order="-since",
        all_ticked=True,
    )


def test_the_example_is_what_is_sent() -> None:
    shape, values = shape_and_values(a_search(), [7])
    asked = few(shape).params(values | {"size": 50, "first": 0})
    sent = str(asked.compile(compile_kwargs={"literal_binds": True}))
    assert " ".join(sent.split()) in " ".join((statements.__doc__ or "").split())


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
