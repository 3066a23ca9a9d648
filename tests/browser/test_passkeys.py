"""Passkeys in Chromium, with an authenticator that it plays itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, CDPSession, expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.browser.conftest import Visits, maker_of_visits
from tests.browser.server import Server
from tests.browser.visitor import Visitor
from tests.factories import PASSWORD, Office, erased
from webapp.models import Passkey, SignInSession

BUILT_IN = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}
CANCELLED = "No passkey was used: it was cancelled, took too long, or there is none here."


@pytest.fixture
def visits(chromium: Browser, server: Server, office: Office) -> Iterator[Visits]:
    """Make visitors who open the console under its name: passkeys are bound to no number."""
    named = replace(server, url=server.url.replace("127.0.0.1", "localhost"))
    with ExitStack() as opened:
        yield maker_of_visits(opened, chromium, named)


class Device:
    """The authenticator of a visitor's browser."""

    def __init__(self, visitor: Visitor) -> None:
        self.cdp: CDPSession = visitor.page.context.new_cdp_session(visitor.page)
        self.cdp.send("WebAuthn.enable")
        made = self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": BUILT_IN})
        self.id = made["authenticatorId"]

    def recognises(self, person: bool) -> None:
        """Let it recognise the person who holds it, or not."""
        self.cdp.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": person}
        )

    def forgets(self) -> None:
        self.cdp.send("WebAuthn.clearCredentials", {"authenticatorId": self.id})


@pytest.fixture
def device(visitor: Visitor) -> Device:
    """Add a passkey called Telephone, by hand."""
    visitor.sign_in()
    device = Device(visitor)
    add(visitor, "Telephone")
    expect(visitor.heading("Recovery codes")).to_be_visible()
    return device


def add(visitor: Visitor, name: str) -> None:
    page = visitor.page
    page.goto("/password")
    page.get_by_role("link", name="Second factor for erasing").click()
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_label("Name of the passkey").fill(name)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("button", name="Make the passkey").click()


def use(visitor: Visitor) -> None:
    visitor.page.get_by_role("button", name="Use your passkey").click()


def test_a_passkey_is_added_erases_and_is_removed(
    visitor: Visitor, session: Session, device: Device
) -> None:
    visitor.search()
    visitor.open_popup("7 users")
    use(visitor)
    expect(visitor.popup).to_contain_text("Your passkey has been read. Now go on.")
    assert not erased(session)
    visitor.confirm("7 users")
    expect(visitor.page.locator("#done")).to_contain_text("7 users have been erased.")
    visitor.page.goto("/second-factor")
    expect(visitor.page.get_by_role("row", name="Telephone")).not_to_contain_text("never")
    use(visitor)
    expect(visitor.page.locator("main")).to_contain_text("Your passkey has been read.")
    visitor.page.get_by_role("button", name="Remove the passkey Telephone").click()
    expect(visitor.page.locator("#done")).to_contain_text("The passkey has been removed.")
    expect(visitor.page.get_by_label("Your password")).to_be_visible()


def test_what_is_cancelled_says_so_and_can_be_done_again(
    visitor: Visitor, session: Session, device: Device
) -> None:
    visitor.search()
    visitor.open_popup("7 users")
    device.recognises(person=False)
    use(visitor)
    expect(visitor.popup).to_contain_text(CANCELLED)
    visitor.confirm("7 users")
    expect(visitor.popup).to_contain_text("Use your passkey, or enter a code.")
    device.recognises(person=True)
    use(visitor)
    expect(visitor.popup).to_contain_text("Your passkey has been read.")
    visitor.confirm("7 users")
    expect(visitor.page.locator("#done")).to_contain_text("7 users have been erased.")


def test_an_answer_to_an_old_challenge_is_refused(
    visitor: Visitor, session: Session, device: Device
) -> None:
    visitor.search()
    visitor.open_popup("7 users")
    use(visitor)
    expect(visitor.popup).to_contain_text("Your passkey has been read.")
    session.execute(update(SignInSession).values(challenge=None))
    session.commit()
    visitor.confirm("7 users")
    expect(visitor.popup).to_contain_text("This passkey was not accepted")
    expect(visitor.popup).not_to_contain_text("Your passkey has been read.")
    assert not erased(session)


def test_a_device_holds_one_passkey_of_a_person(
    visitor: Visitor, session: Session, device: Device
) -> None:
    page = visitor.page
    page.goto("/second-factor")
    use(visitor)
    expect(page.locator("main")).to_contain_text("Your passkey has been read.")
    page.get_by_label("Name of the passkey").fill("The same")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.locator("main")).to_contain_text("There is a passkey for you on this device")
    assert session.scalars(select(Passkey.name)).all() == ["Telephone"]
    device.forgets()
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.locator("#done")).to_contain_text("Your second factor has been set up.")


def test_under_another_address_the_page_says_where_passkeys_work(
    visitor: Visitor, server: Server, session: Session, device: Device
) -> None:
    """The browser itself refuses the name of the console at an address that is not its own."""
    visitor.trouble.ours = server.url
    page = visitor.page
    page.goto(f"{server.url}/sign-in")
    page.get_by_label("User name").fill("priya.contact")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(visitor.heading("Management Console")).to_be_visible()
    page.goto(f"{server.url}/second-factor")
    use(visitor)
    expect(page.locator("main")).to_contain_text("Open the console as localhost.")


def test_without_javascript_the_page_says_so_and_a_code_does_it(
    visitor: Visitor, visits: Visits, session: Session, device: Device
) -> None:
    code = visitor.page.locator("main li code").first.inner_text()
    plain = visits(javascript=False)
    plain.sign_in()
    plain.search()
    plain.erase_button.click()
    expect(plain.popup).to_contain_text("A passkey needs JavaScript")
    expect(plain.popup.get_by_role("button", name="Use your passkey")).to_be_hidden()
    plain.page.get_by_label("Code").fill(code)
    plain.confirm("7 users")
    expect(plain.page.locator("#done")).to_contain_text("7 users have been erased.")


def test_only_pages_that_need_it_load_the_script(visitor: Visitor, device: Device) -> None:
    asked: list[str] = []
    visitor.page.on("request", lambda request: asked.append(request.url))
    visitor.page.goto("/")
    visitor.search()
    assert not any("passkey" in url for url in asked)
    visitor.open_popup("7 users")
    expect(visitor.popup.get_by_role("button", name="Use your passkey")).to_be_visible()
    assert any("passkey" in url for url in asked)
