"""Paging of tables."""

from __future__ import annotations

from dataclasses import dataclass

from flask import request

from webapp.web.guard import reader

SIZES = (50, 100, 200)
LAST = 1_000_000  # no database counts rows beyond all bounds


@dataclass(frozen=True)
class Paging:
    """Page `page` (from 1) of `total` rows, `size` a page."""

    page: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        return min((self.page - 1) * self.size + 1, self.total)

    @property
    def last(self) -> int:
        return min(self.page * self.size, self.total)


def paging(total: int, size: int | None = None) -> Paging:
    """Return the page asked for in the URL, kept within what there is."""
    size = size or size_asked_for()
    pages = max(1, -(-total // size))
    return Paging(min(page_asked_for(), pages), size, total)


def size_asked_for() -> int:
    """Return the rows a page in the URL, or else what the reader chose last."""
    wanted = request.args.get("size", reader().page_size, int)
    return wanted if wanted in SIZES else SIZES[0]


def page_asked_for() -> int:
    """Return the page in the URL, from 1; there need not be such a page."""
    return min(max(request.args.get("page", 1, int), 1), LAST)
