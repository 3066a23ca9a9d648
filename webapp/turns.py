"""Taking turns within a process, so that who waits never holds all of its threads."""

from __future__ import annotations

from threading import BoundedSemaphore
from time import monotonic

from webapp.errors import Busy


class Turns:
    """One thread at a time has the turn. A few others wait for it, and not for long."""

    def __init__(self, *, waiting: int, patience: float) -> None:
        """Let `waiting` threads wait at once, each for up to `patience` seconds."""
        self.places, self.turn = BoundedSemaphore(waiting + 1), BoundedSemaphore(1)
        self.patience = patience

    def take(self) -> float:
        """Wait for the turn, to be given back; return how many seconds of patience are left.

        Raise Busy at once where too many wait already, and after `patience` where it has not come.
        """
        began = monotonic()
        if not self.places.acquire(blocking=False):
            raise Busy
        if not self.turn.acquire(timeout=self.patience):
            self.places.release()
            raise Busy
        return max(0.0, began + self.patience - monotonic())

    def give_back(self) -> None:
        self.turn.release()
        self.places.release()

    def __enter__(self) -> None:
        self.take()

    def __exit__(self, *_error: object) -> None:
        self.give_back()
