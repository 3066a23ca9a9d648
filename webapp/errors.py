"""What can be refused.

An error carries the sentences that the reader sees, and never a name or a search word.
"""

from __future__ import annotations


class Refused(Exception):
    """Something was asked that cannot be done; nothing has changed.

    `sentence` says what is wrong, `next_step` what the reader can do about it.
    `explained_at` is the endpoint of a page that says more.
    """

    status = 409
    title = "This cannot be done"

    def __init__(
        self, sentence: str, next_step: str = "", *, title: str = "", explained_at: str = ""
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.next_step = next_step
        self.title = title or self.title
        self.explained_at = explained_at


class NotPerformed(Refused):
    """A confirmed operation was not performed."""

    title = "User operation not performed"


class LedgerUnreachable(NotPerformed):
    """Nobody is erased while that cannot be written down outside of the database."""

    def __init__(self) -> None:
        super().__init__(
            "The ledger, in which every erasure is written down, cannot be read or written.",
            "Nothing has changed. Tell whoever runs the console, and try again later.",
        )


class Gone(Refused):
    """What was asked for was kept for a while only, or was never there."""

    status = 404
    title = "Page not found"


class NotAllowed(Refused):
    """The reader may not do this."""

    status = 403
    title = "You may not do this"


class Invalid(Refused):
    """Input that cannot be read."""

    status = 422
    title = "There is a problem"


class Busy(Refused):
    """Others have kept the reader waiting for too long. The same can be done in a moment."""

    status = 503
    title = "The console is busy"

    def __init__(self) -> None:
        super().__init__(
            "Others are using it at this moment, so what you asked for was not done.",
            "Wait a moment and try again.",
        )


class Unfit(Refused):
    """The console cannot work with its database as it is."""

    status = 503
    title = "The console cannot be used just now"


class Restored(Unfit):
    """The database lacks erasures that were performed."""

    def __init__(self) -> None:
        super().__init__(
            "A backup of its database was restored, which still holds users who were erased since.",
            "Whoever runs the console erases them again with `flask --app wsgi erasure replay`.",
        )


class ConfigurationRefused(SystemExit):
    """The settings contradict each other: the application says so and does not start."""


class DatabaseRefused(SystemExit):
    """The database does not fit the code: what was to start says so and does not."""
