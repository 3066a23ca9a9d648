"""Act as a small browser: pages, links, forms, buttons.

With `htmx` it sends what htmx sends where an element says so, and swaps what comes back.
"""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup

from tests.conftest import Client
from tests.factories import PASSWORD


class Browser:
    """Shows one page at a time. `status` is that of the last answer, redirects followed."""

    def __init__(self, web: Client, *, htmx: bool) -> None:
        self.web, self.htmx = web, htmx
        self.url, self.status = "/", 0
        self.headers: Any = {}
        # Any: a page of ours has what a test asks for, or the test fails.
        self.soup: Any = BeautifulSoup("", "html.parser")

    @property
    def text(self) -> str:
        """Return the words of the page, white space as one blank."""
        return " ".join(self.soup.get_text(" ").split())

    def sign_in(self, user_name: str, password: str = PASSWORD) -> None:
        self.visit("/sign-in")
        self.fill(user_name=user_name, password=password)
        self.press("Sign in", within="main")

    def visit(self, url: str) -> None:
        self._whole(self.web.get(url, expect_errors=True))

    def follow(self, words: str, within: str = "body") -> None:
        link = self._found("a", words, within)
        self._go(link, "hx-get", "GET", link["href"], [])

    def fill(self, **fields: str) -> None:
        """Type into the fields of these names."""
        for name, value in fields.items():
            field = self.soup.select_one(f"[name={name}]:not([type=hidden])")
            if field.name == "textarea":
                field.string = value
            else:
                field["value"] = value

    def choose(self, name: str, value: str) -> None:
        for option in self.soup.select(f"select[name={name}] option"):
            option.attrs.pop("selected", None)
            if option["value"] == value:
                option["selected"] = ""

    def tick(self, words: str, on: bool) -> None:
        """Tick or untick the box with this label; with htmx, its form is sent at once."""
        box = next(
            box
            for box in self.soup.select("[type=checkbox]")
            if words in (box.get("aria-label") or box.parent.get_text())
        )
        box.attrs.pop("checked", None)
        if on:
            box["checked"] = ""
        form = box.find_parent("form")
        if self.htmx and form.get("hx-trigger") == "change":
            box.find_previous_sibling()["name"] = "was_unticked" if on else "was_ticked"
            self._go(form, "hx-post", "POST", form["action"], fields_of(form))

    def press(self, words: str, within: str = "body") -> None:
        button = self._found("button", words, within)
        form = (
            self.soup.select_one(f"#{button['form']}")
            if button.get("form")
            else button.find_parent("form")
        )
        sent = fields_of(form) + ([(button["name"], button["value"])] if button.get("name") else [])
        url, method = button.get("formaction") or form["action"], form["method"].upper()
        by_htmx = button if button.get("hx-post") or form.get("hx-trigger") == "change" else form
        self._go(by_htmx, "hx-post", method, url, sent)

    def ticked(self) -> list[str]:
        return [box["aria-label"] for box in self.soup.select("[name=ticked][checked]")]

    def buttons(self) -> list[str]:
        return [" ".join(button.get_text(" ").split()) for button in self.soup.select("button")]

    def _found(self, tag: str, words: str, within: str) -> Any:
        place = self.soup.select_one(within)
        every = [
            each
            for each in place.find_all(tag)
            if " ".join(each.get_text(" ").split()).startswith(words)
        ]
        assert every, f"no {tag} {words!r} on {self.url}: {self.text}"
        return every[0]

    def _go(
        self, element: Any, attribute: str, method: str, url: str, sent: list[tuple[str, str]]
    ) -> None:
        if self.htmx and element.get(attribute) == url:
            self._fragment(element, method, url, sent)
        elif method == "GET":
            self._whole(self.web.get(url, params=sent, expect_errors=True))
        else:
            here = {"Referer": f"http://localhost{self.url}"}
            self._whole(self.web.post(url, params=sent, headers=here, expect_errors=True))

    def _fragment(self, element: Any, method: str, url: str, sent: list[tuple[str, str]]) -> None:
        target = element["hx-target"]
        name = self.soup.select_one(target).name
        headers = {
            "HX-Request": "true",
            "HX-Request-Type": "partial",
            "HX-Target": f"{name}{target}",
            "HX-Current-URL": f"http://localhost{self.url}",
        }
        send = self.web.get if method == "GET" else self.web.post
        answer = send(url, params=sent, headers=headers, expect_errors=True)
        while answer.status_int == 303:
            answer = self.web.get(answer.location, headers=headers, expect_errors=True)
        self.status = answer.status_int
        if "HX-Redirect" in answer.headers:
            self.visit(answer.headers["HX-Redirect"])
        elif answer.headers.get("HX-Retarget") == "body":
            self._whole(answer)
        elif answer.headers.get("HX-Retarget") == "#said":
            said = self.soup.select_one("#said")
            said.clear()
            said.append(BeautifulSoup(answer.text, "html.parser"))
        else:
            parts = BeautifulSoup(answer.text, "html.parser")
            target = answer.headers.get("HX-Retarget", target)
            fragment = parts.select_one(str(target))
            assert fragment is not None, f"no {target} in {answer.text}"
            self.soup.select_one(target).replace_with(fragment)
            for part in parts.select("[hx-swap-oob=true]"):
                self.soup.select_one(f"#{part['id']}").replace_with(part)
            if element.get("hx-push-url") == "true":
                self.url = answer.request.path_qs

    def _whole(self, answer: Any) -> None:
        while answer.status_int in (302, 303):
            answer = self.web.get(answer.location, expect_errors=True)
        self.status, self.url, self.headers = (
            answer.status_int,
            answer.request.path_qs,
            answer.headers,
        )
        self.soup = BeautifulSoup(answer.text, "html.parser")


def fields_of(form: Any) -> list[tuple[str, str]]:
    """Return what a form sends, its buttons left out."""
    sent = []
    for field in form.select("input[name], select[name], textarea[name]"):
        if field.name == "textarea":
            sent.append((field["name"], field.get_text().removeprefix("\n")))
        elif field.name == "select":
            chosen = field.select_one("option[selected]") or field.select_one("option")
            sent.append((field["name"], chosen["value"]))
        elif field.get("type") != "checkbox" or field.has_attr("checked"):
            sent.append((field["name"], field.get("value", "on")))
    return sent
