"""Every journey is made twice: without JavaScript, and as htmx makes it."""

from __future__ import annotations

import pytest

from tests.conftest import Client
from tests.factories import Office
from tests.journeys.browser import Browser


@pytest.fixture(params=["plain", "htmx"])
def browser(request: pytest.FixtureRequest, web: Client, office: Office) -> Browser:
    """Open a browser in the small office, with nobody signed in."""
    return Browser(web, htmx=request.param == "htmx")
