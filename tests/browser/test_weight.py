"""What the first page costs over the wire, everything included."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visits
from tests.browser.visitor import ERASE, Visitor

KB = 1024
# The page, its style, htmx, the few lines of script; the icon, twice.
FIRST_LOAD, FIRST_REQUESTS = 60 * KB, 6
AGAIN = 12 * KB  # the page alone


@dataclass
class Wire:
    """Counts bytes received of each address, headers included."""

    received: dict[str, float] = field(default_factory=dict)  # without what the browser had
    addresses: dict[str, str] = field(default_factory=dict)

    def ended(self, event: Any) -> None:
        if event["encodedDataLength"]:
            self.received[self.addresses[event["requestId"]]] = event["encodedDataLength"]

    @property
    def bytes(self) -> float:
        return sum(self.received.values())


@contextmanager
def wire(page: Page) -> Iterator[Wire]:
    """Measure what comes over the wire until the page is quiet."""
    measured, session = Wire(), page.context.new_cdp_session(page)
    session.on(
        "Network.requestWillBeSent",
        lambda event: measured.addresses.update({event["requestId"]: event["request"]["url"]}),
    )
    session.on("Network.loadingFinished", measured.ended)
    session.send("Network.enable")
    yield measured
    page.wait_for_load_state("networkidle")
    session.detach()


def expect_light(measured: Wire) -> None:
    assert any("htmx" in address for address in measured.received)
    assert len(measured.received) <= FIRST_REQUESTS, measured.received
    assert measured.bytes < FIRST_LOAD, measured.received


def test_the_first_page_ever_loaded_is_light(visitor: Visitor) -> None:
    with wire(visitor.page) as measured:
        visitor.page.goto("/sign-in")
    expect_light(measured)


def test_the_search_page_is_light_with_an_empty_cache(visitor: Visitor, visits: Visits) -> None:
    visitor.sign_in()
    newcomer = visits()
    newcomer.page.context.add_cookies(visitor.page.context.cookies())  # type: ignore[arg-type]  # what one gives, the other takes
    with wire(newcomer.page) as measured:
        newcomer.page.goto(ERASE)
    expect(newcomer.heading("Erase deleted users")).to_be_visible()
    expect_light(measured)


def test_later_pages_cost_one_request(visitor: Visitor) -> None:
    visitor.sign_in()
    with wire(visitor.page) as measured:
        visitor.page.goto(ERASE)
    assert [address.removeprefix(visitor.page.url) for address in measured.received] == [""]
    assert measured.bytes < AGAIN, measured.received
