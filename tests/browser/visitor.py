"""Act as one person at one window of the browser, and note what goes wrong there unseen."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Locator,
    Page,
    Request,
    Response,
    expect,
)

from tests.factories import PASSWORD

ERASE, RESTORE = "/users/erase-deleted/", "/users/restore-deleted/"
# Pages that say so in words.
ANSWERED = re.compile(
    r"Failed to load resource: the server responded with a status of (403|404|409|422) "
)
REPORT_VIOLATIONS = """document.addEventListener('securitypolicyviolation',
    e => console.error(`${e.violatedDirective} violated by ${e.blockedURI}`))"""


@dataclass
class Trouble:
    """Notes what a page says to the console, asks of strangers, or is refused."""

    ours: str
    found: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.found.append(f"script: {error.error}"))
        context.on("dialog", self._interrupted)
        context.on("request", self._asked)
        context.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not ANSWERED.match(message.text):
            self.found.append(f"console: {message.text} ({message.location['url']})")

    def _interrupted(self, dialog: Dialog) -> None:
        self.found.append(f"a dialog of the browser: {dialog.message}")
        dialog.dismiss()

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(self.ours + "/"):
            self.found.append(f"asked of a stranger: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500 or (response.status >= 400 and "/static/" in response.url):
            self.found.append(f"{response.status}: {response.url}")


class Visitor:
    """Signs in, searches, opens the pop-up. `page` is Playwright's, for everything else."""

    def __init__(self, page: Page, trouble: Trouble, *, javascript: bool) -> None:
        self.page, self.trouble, self.javascript = page, trouble, javascript

    def sign_in(self, user_name: str = "priya.contact") -> None:
        self.page.goto("/sign-in")
        self.page.get_by_label("User name").fill(user_name)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.heading("Management Console")).to_be_visible()

    def search(self, keyword: str = "", path: str = ERASE) -> None:
        self.page.goto(path)
        self.page.get_by_label("Keyword").fill(keyword)
        self.page.get_by_role("button", name=re.compile("^Search for")).click()
        expect(self.results.get_by_role("heading")).to_be_visible()

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", name=name, exact=True)

    @property
    def results(self) -> Locator:
        return self.page.locator("#results")

    @property
    def chosen(self) -> Locator:
        """Find the sentence that says how many are ticked."""
        return self.page.locator("#chosen")

    @property
    def popup(self) -> Locator:
        return self.page.locator("#popup")

    @property
    def boxes(self) -> Locator:
        """Find the box of every row."""
        return self.results.locator("tbody").get_by_role("checkbox")

    def box(self, name: str) -> Locator:
        return self.results.get_by_role("checkbox", name=name, exact=True)

    @property
    def erase_button(self) -> Locator:
        return self.results.get_by_role("button", name="Erase", exact=True)

    def open_popup(self, number: str) -> Locator:
        """Press *Erase* under the table; return the pop-up, which asks about `number`."""
        self.erase_button.click()
        expect(
            self.popup.get_by_role("heading", name=f"Erase {number}?", exact=True)
        ).to_be_visible()
        return self.popup

    def confirm(self, number: str) -> None:
        self.popup.get_by_role("button", name=f"Erase {number}", exact=True).click()
