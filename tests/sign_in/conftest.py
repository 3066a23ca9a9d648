"""What tests of signing in ask for."""

from __future__ import annotations

import pytest

from webapp.identity import attempts


@pytest.fixture
def long_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the first wait be as long as the longest, so that a busy machine does not outlast it."""
    monkeypatch.setattr(attempts, "FIRST_WAIT", attempts.OF_NAME.longest)
