"""Send requests that no browser sends: any route, any field and header that the code reads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import quote, quote_from_bytes

from flask import Flask, Request
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule

from tests.house.walk import filled

ODD = (
    "", " ", "\0", "a\0b", "-1", "0", "9" * 30, "2147483648", "²", "٣", "1e999", "nan", "true",
    "'; DROP TABLE person;--", "%", "%00", "_", "\\", "{{7*7}}", "<b>", "=1+1", "x" * 3000,
    "\u202e", "\ud7ff", "👩‍🚀", "a\r\nb: c", "../../etc/passwd", "//evil.example", "http://[evil",
    "2026-02-30", "0000-00-00", "31/12/9999", "tick all", "tick", "sort -name", "sort ", "page 0",
    "page ²", "size -1", "choose", "then then",
)  # fmt: skip
ODD_BYTES = (b"%FF", b"%ED%A0%80", b"%C3", b"%", b"%zz", b"+", b"%00")  # in a body, as they are
TARGETS = (
    "section#results", "p#chosen", "section#popup", "div#listed", "section#selection", "#",
)  # fmt: skip
ODD_HEADERS = (
    *(value for value in ODD if value.isprintable() and value.isascii()), *TARGETS, "x" * 64,
    "\xff\xfe", "true", "full", "http://localhost/users/", "http://localhost:99999/", "[::1",
    "bytes=9-1", "gzip;q=x", "console=x; console=y", "multipart/form-data",
    "multipart/form-data; boundary=", "application/json; charset=x", 'W/"x"',
    "Thu, 99 Foo 9999 99:99:99 GMT",
)  # fmt: skip
METHODS = ("GET", "POST", "POST", "POST", "HEAD", "OPTIONS", "PUT", "TRACE")
BOUNDARY = "boundary"


@dataclass
class Asked:
    """The names of the fields and headers that the application has read so far."""

    fields: set[str] = field(default_factory=set)
    headers: set[str] = field(default_factory=set)

    def watch(self, app: Flask) -> None:
        """Note from now on what this application reads."""
        fields, headers, inner = self.fields, self.headers, app.wsgi_app

        class Fields(ImmutableMultiDict[str, str]):
            def __getitem__(self, name: str) -> str:
                fields.add(name)
                return super().__getitem__(name)

            def __contains__(self, name: object) -> bool:
                fields.add(str(name))
                return super().__contains__(name)

            def getlist(self, key: str, type: Any = None) -> Any:
                fields.add(key)
                return super().getlist(key, type)

        class Watched(Request):
            parameter_storage_class = Fields

        class Environ(dict[str, Any]):
            def __getitem__(self, name: str) -> Any:
                headers.add(name)
                return super().__getitem__(name)

            def get(self, name: str, default: Any = None) -> Any:
                headers.add(name)
                return super().get(name, default)

        def watched(environ: dict[str, Any], start_response: Any) -> Any:
            return inner(Environ(environ), start_response)

        app.request_class = Watched
        app.wsgi_app = watched  # type: ignore[method-assign]  # where WSGI middleware is put in

    @property
    def header_names(self) -> list[str]:
        of_requests = [name[5:] for name in self.headers if name.startswith("HTTP_")]
        return sorted({*of_requests, "CONTENT_TYPE", "COOKIE"})  # these two are read by a library


@dataclass(frozen=True)
class Sent:
    """One request, as it can be sent again."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Sender:
    """Sends odd requests as one browser; `sign_in` opens its session where it has none."""

    app: Flask
    chance: Random
    browser: FlaskClient
    sign_in: Callable[[FlaskClient], None]
    asked: Asked
    rules: list[Rule] = field(default_factory=list)  # that have not had their turn yet

    def send(self, session: Session) -> tuple[Sent, int]:
        """Send one odd request; return it and the status of its answer."""
        odd = self._odd_request(session)
        answer = self.browser.open(
            odd.path,
            method=odd.method,
            headers=dict(odd.headers),
            data=odd.body,
            base_url=self.chance.choice(("http://localhost", "https://localhost")),
        )
        status = answer.status_code
        answer.get_data()  # what is streamed can break as well
        answer.close()
        return odd, status

    def _odd_request(self, session: Session) -> Sent:
        chance = self.chance
        fields = [(name, chance.choice(ODD)) for name in self._some(sorted(self.asked.fields))]
        token = self._token()
        if chance.random() < 0.9:
            fields = [(n, v) for n, v in fields if n != "csrf_token"] + [("csrf_token", token)]
        kind, body = self._body(fields)
        headers = {"Content-Type": kind, "X-CSRFToken": token}
        names = [name.title().replace("_", "-") for name in self.asked.header_names]
        headers |= {
            name: chance.choice(ODD_HEADERS)
            for name in self._some(names)
            if name not in ("Cookie", "Host") or chance.random() < 0.1
        }
        if chance.random() < 0.3:
            headers |= {"HX-Request": "true", "HX-Target": chance.choice(TARGETS)}
        return Sent(chance.choice(METHODS), self._path(session) + self._query(), headers, body)

    def _path(self, session: Session) -> str:
        if not self.rules:
            self.rules.extend(self.app.url_map.iter_rules())
            self.chance.shuffle(self.rules)
        rule = self.rules.pop()
        if rule.arguments and self.chance.random() < 0.7 and rule.endpoint != "static":
            found = filled(self.app, rule, session, most=5)
            if found:
                return self.chance.choice(found)
        parts = rule.rule.replace("<", "\0<").replace(">", ">\0").split("\0")
        return "".join(
            quote(self.chance.choice(ODD), safe="") if part.startswith("<") else part
            for part in parts
        )

    def _query(self) -> str:
        pairs = [(name, self.chance.choice(ODD)) for name in self._some(sorted(self.asked.fields))]
        return "?" + "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)

    def _some(self, names: Sequence[str]) -> list[str]:
        return self.chance.choices(names, k=self.chance.randrange(6)) if names else []

    def _token(self) -> str:
        """Return the token that forms of this browser send; sign in where it is signed out."""
        if self.browser.get("/").status_code == 303:
            self.sign_in(self.browser)
        page = self.browser.get("/sign-in").text
        return page.partition('name="csrf_token" value="')[2].partition('"')[0]

    def _body(self, fields: Sequence[tuple[str, str]]) -> tuple[str, bytes]:
        """Return a content type and a body of these fields, or of something that is none."""
        match self.chance.randrange(6):
            case 0 | 1:
                return f"multipart/form-data; boundary={BOUNDARY}", self._parts(fields)
            case 2:
                value = self.chance.choice([dict(fields), fields, 5, None, {"user_name": [5]}])
                return "application/json", json.dumps(value).encode()
            case 3:
                kind = self.chance.choice(ODD_HEADERS)
                return kind, self.chance.randbytes(self.chance.randrange(200))
        pairs = [f"{quote(name)}=".encode() + self._typed(value) for name, value in fields]
        return "application/x-www-form-urlencoded", b"&".join(pairs)

    def _typed(self, value: str) -> bytes:
        if self.chance.random() < 0.1:
            return self.chance.choice(ODD_BYTES)
        return quote_from_bytes(value.encode()).encode()

    def _parts(self, fields: Sequence[tuple[str, str]]) -> bytes:
        """Return a multipart body; any field but the token may come as a file."""
        parts = []
        for name, value in fields:
            file = name != "csrf_token" and self.chance.random() < 0.5
            as_file = f'; filename="{self.chance.choice(["a.csv", "", value[:9]])}"' if file else ""
            head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{as_file}'
            parts.append(f"{head}\r\n\r\n{value}\r\n".encode())
        return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
