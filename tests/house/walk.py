"""Finds every page that there is: by the links on pages, and by the addresses of everything that is in the database."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office, give, make_contact
from webapp.db import Base
from webapp.models import Contact, Permission, Person

MOST = 40  # things of a kind, the first ones that were made
FIRST = {"person": "account_id", "receipt": "id"}


def all_rights(session: Session, office: Office, person: Person) -> None:
    """This person may do everything everywhere, and read all that there is to read."""
    for domain in (office.london, office.dublin, office.paris):
        give(session, person, domain, *Permission)
        if session.get(Contact, (person.account_id, domain.id)) is None:
            make_contact(session, person, domain)
    session.commit()


def everything(web: Client, session: Session) -> Iterator[tuple[str, Any]]:
    """Address and answer of every page and CSV, for whoever is signed in."""
    session.commit()
    waiting, seen = deque(["/", "/health", "/sign-in", *addresses(web.app, session)]), set[str]()
    while waiting:
        url = waiting.popleft()
        if url in seen:
            continue
        seen.add(url)
        answer = web.get(url, expect_errors=True)
        assert answer.status_int < 500, url
        yield url, answer
        if answer.content_type == "text/html":
            waiting.extend(str(link["href"]) for link in answer.html.select("a[href^='/']"))


def addresses(app: Flask, session: Session) -> Iterator[str]:
    """Every GET rule, with everything that its arguments can name, as a page and as a CSV."""
    ids = named(session)
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            for url in filled(rule.rule, sorted(rule.arguments), ids):
                yield url
                yield f"{url}?csv=1&page=1&size=200"


def named(session: Session) -> dict[str, list[str]]:
    """What the arguments of rules can stand for; a new kind of argument is to be added here."""
    tables = Base.metadata.tables
    columns = {
        "domain_id": tables["domain"].c.id,
        "selection_id": tables["selection"].c.id,
        "operation_id": tables["operation"].c.id,
    }
    columns |= {"person": tables["person"].c.reference, "receipt": tables["receipt"].c.reference}
    in_order = {
        name: select(column).order_by(column.table.c[FIRST.get(name, column.name)]).limit(MOST)
        for name, column in columns.items()
    }
    return {
        name: [str(value) for value in session.scalars(asked)] for name, asked in in_order.items()
    } | {"month": ["2025-05"]}


def filled(rule: str, arguments: list[str], ids: dict[str, list[str]]) -> list[str]:
    urls = [rule]
    for argument in arguments:
        kind = (
            argument
            if argument != "reference"
            else "receipt"
            if rule.startswith("/receipts")
            else "person"
        )
        urls = [
            re.sub(rf"<(?:[^<>]*:)?{argument}>", quote(value), url)
            for url in urls
            for value in ids[kind]
        ]
    return urls
