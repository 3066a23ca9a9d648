"""Looks at pages from within the process, as a browser does from outside: for the drill."""

from __future__ import annotations

import io
import re
import zipfile
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextvars import Context
from html import unescape
from itertools import product
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from webapp.web.guard import settings

MOST = 300  # pages looked at in one round
LINK = re.compile(r'href="(/[^"]*)"')
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
DOWNLOADS = ("?csv=1", "?xlsx=1")


class Visitor:
    """`not_seen` has a sentence for each kind of page that could not be opened."""

    def __init__(self, app: Flask) -> None:
        self.app, self.client = app, app.test_client()
        self.not_seen: list[str] = []
        with app.app_context():
            known = settings()
        host = known.trusted_hosts[0].removeprefix(".")
        self.base = f"{'https' if known.https else 'http'}://{host}"
        self.urls = app.url_map.bind(host)

    def sign_in(self, user_name: str, password: str) -> None:
        """Fill in and send the form; RuntimeError where that signs nobody in."""
        form = self._ask("get", "/sign-in").get_data(as_text=True)
        token = TOKEN.search(form)
        data = {"user_name": user_name, "password": password}
        data["csrf_token"] = unescape(token[1]) if token else ""
        if self._ask("post", "/sign-in", data=data).status_code != 303:
            raise RuntimeError("A made-up person could not sign in.")

    def pages(self, known: Mapping[str, Sequence[object]]) -> Iterator[tuple[str, bytes]]:
        """Yield address and content of every page and download that links lead to.

        Pages with arguments are opened by those that are `known`, by name.
        """
        self.not_seen.clear()
        rules = [rule for rule in self.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
        waiting = deque(url for rule in rules for url in self._addresses(rule, known))
        seen, opened = set[str](), set[str]()
        while waiting and len(seen) < MOST:
            url = waiting.popleft()
            if url in seen:
                continue
            seen.add(url)
            answer = self._ask("get", url)
            content = answer.get_data()
            if answer.status_code == 200:
                opened.add(self.urls.match(url.partition("?")[0])[0])
                yield url, unzipped(content) if answer.mimetype.endswith("sheet") else content
            if answer.mimetype == "text/html":
                waiting.extend(map(unescape, LINK.findall(content.decode())))
        if waiting:
            self.not_seen.append(f"Pages beyond the first {MOST}.")
        closed = {rule.rule for rule in rules if rule.endpoint not in {*opened, "static"}}
        self.not_seen += [f"Pages like {rule}: none was there." for rule in sorted(closed)]

    def _addresses(self, rule: Rule, known: Mapping[str, Sequence[object]]) -> list[str]:
        """Return the addresses of a page that are known; each may be a download as well."""
        names = sorted(rule.arguments)
        if rule.endpoint == "static" or not set(names) <= known.keys():
            return []
        values = product(*(known[name] for name in names))
        urls = [
            self.urls.build(rule.endpoint, dict(zip(names, each, strict=True))) for each in values
        ]
        return urls if names else [*urls, *(url + how for url in urls for how in DOWNLOADS)]

    def _ask(self, method: str, url: str, **options: Any) -> Any:
        """Ask in a context of its own, as a server does: we may be in that of a command."""
        return Context().run(
            self.client.open,
            url,
            method=method.upper(),
            base_url=self.base,
            buffered=True,
            **options,
        )


def unzipped(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())
