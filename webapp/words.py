"""Numbers and lists as pages and commands say them."""

from __future__ import annotations

from collections.abc import Sequence

ERASED = "Erased user"


def users(number: int) -> str:
    return "1 user" if number == 1 else f"{number:,} users"


def listed(words: Sequence[str]) -> str:
    """Return one or more words as a list: `a, b and c`."""
    *first, final = words
    return f"{', '.join(first)} and {final}" if first else final
