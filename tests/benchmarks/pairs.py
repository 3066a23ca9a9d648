"""Time in pairs: A and B in turn, so that a machine whose speed drifts tells the same ratio."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from time import perf_counter


@dataclass(frozen=True)
class Measured:
    """One line of the table: seconds of ours and of the floor, their ratio, and the goal.

    The seconds are medians; `ratio` is the median of the pairs, `low` to `high` their middle half.
    """

    name: str
    ours: float
    floor: float
    ratio: float
    low: float
    high: float
    goal: float | None
    at_least: bool = False  # whether the goal is to be reached from above

    @property
    def met(self) -> bool:
        return self.goal is None or (
            self.ratio >= self.goal if self.at_least else self.ratio <= self.goal
        )


def in_pairs(
    name: str,
    ours: Callable[[], object],
    floor: Callable[[], object],
    *,
    goal: float | None,
    pairs: int = 15,
) -> Measured:
    """Measure how many times as long as the floor ours takes."""
    return compared(name, in_turn(lambda: seconds(ours), lambda: seconds(floor), pairs), goal)


def in_turn(
    ours: Callable[[], float], other: Callable[[], float], pairs: int
) -> list[tuple[float, float]]:
    """Return the seconds of both, which each says itself, `pairs` times.

    Both run once to warm up, then in turn; each is first every other time.
    """
    ours(), other()
    a: list[float] = []
    b: list[float] = []
    for number in range(pairs):
        order = ((ours, a), (other, b)) if number % 2 else ((other, b), (ours, a))
        for run, into in order:
            into.append(run())
    return list(zip(a, b, strict=True))


def compared(
    name: str, pairs: Sequence[tuple[float, float]], goal: float | None, *, at_least: bool = False
) -> Measured:
    """Divide ours by the other, pair by pair; the other way round for a goal of at least."""
    ratios = [other / ours if at_least else ours / other for ours, other in pairs]
    low, *_, high = quantiles(ratios, n=4) if len(ratios) > 1 else (ratios[0], ratios[0])
    ours, others = zip(*pairs, strict=True)
    return Measured(
        name, median(ours), median(others), median(ratios), low, high, goal, at_least=at_least
    )


def seconds(run: Callable[[], object]) -> float:
    """Return how long this runs, with nothing collected meanwhile."""
    gc.collect()
    gc.disable()
    try:
        start = perf_counter()
        run()
        return perf_counter() - start
    finally:
        gc.enable()
