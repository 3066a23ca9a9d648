"""Find every page: by what the application registers, by what is in the database, and by links."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import product
from typing import Any

from flask import Flask
from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from tests.conftest import Client
from tests.factories import Office, give, make_contact
from tests.journeys.browser import Browser
from webapp.models import (
    Account,
    Attribute,
    BilledSpan,
    Contact,
    Domain,
    Operation,
    Outcome,
    Passkey,
    Permission,
    Person,
    Purpose,
    Receipt,
    Role,
    Selection,
    SignInSession,
    State,
)
from webapp.states import SEARCHES

MOST = 40  # things of a kind
NEXT = "#results .end"  # where the button stands that leads on from what a search has found


def named(rule: Rule, argument: str) -> Select[Any]:
    """Say what an argument of this address can stand for, first what opens the page best."""
    blueprint = rule.endpoint.partition(".")[0]
    match argument, blueprint:
        case "domain_id", _:
            return select(Domain.id).order_by(Domain.id)
        case "role_id", _:
            return select(Role.id).order_by(Role.id)
        case "attribute_id", _:
            return select(Attribute.id).order_by(Attribute.id)
        case "month", _:
            ended = BilledSpan.last_month
            return select(ended).where(ended.is_not(None)).distinct().order_by(ended)
        case "verb", _:
            return select(Operation.verb).distinct().order_by(Operation.verb)
        case "operation_id", _:
            is_over = Operation.outcome != Outcome.OPEN
            return select(Operation.id).order_by(is_over, Operation.made_at.desc())
        case "reference", "operations":
            return select(Receipt.reference).order_by(Receipt.id)
        case "reference", "sign_in":
            return select(SignInSession.reference).order_by(SignInSession.reference)
        case "reference", "second_factor":
            return select(Passkey.reference).order_by(Passkey.reference)
        case "reference", "people":
            order = (Account.state != State.LIVE, Account.id)
            return select(Person.reference).join(Account).order_by(*order)
        case "reference", "manage" | "restore" | "erase":
            states = SEARCHES[Purpose(blueprint)].states
            found = Account.state.in_(states)
            return select(Person.reference).join(Account).where(found).order_by(Account.id)
        case "selection_id", _:
            of_others = Selection.purpose.not_in([each for each in Purpose if each == blueprint])
            return select(Selection.id).order_by(of_others, Selection.made_at.desc())
    raise AssertionError(
        f"Say in named() of tests/house/walk.py what <{argument}> of {rule.rule} can stand for."
    )


def pages(app: Flask) -> list[Rule]:
    """Return every rule that is read with GET, files left out."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint != "static"
    ]


def address_of(app: Flask, rule: Rule, session: Session) -> str:
    """Return one address of a page, of the first things that its arguments can name."""
    found = filled(app, rule, session, most=1)
    assert found, f"Nothing in this database opens {rule.rule}: make it before the walk."
    return found[0]


def addresses(app: Flask, session: Session) -> Iterator[str]:
    """Find every page with everything that its arguments can name, as a page and as a CSV."""
    for rule in pages(app):
        for url in filled(app, rule, session, most=MOST):
            yield url
            yield f"{url}?csv=1&page=1&size=200"


def filled(app: Flask, rule: Rule, session: Session, most: int) -> list[str]:
    """Return a page's addresses, each argument with no more than so many of what it can name."""
    arguments = sorted(rule.arguments)
    values = [session.scalars(named(rule, name).limit(most)).all() for name in arguments]
    urls = app.url_map.bind("localhost")
    return [
        urls.build(rule.endpoint, dict(zip(arguments, each, strict=True)))
        for each in product(*values)
    ]


def everything(web: Client, session: Session) -> Iterator[tuple[str, Any]]:
    """Find address and answer of every page and CSV, for whoever is signed in."""
    session.commit()
    waiting, seen = deque(["/", "/sign-in", *addresses(web.app, session)]), set[str]()
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


def search_everywhere(browser: Browser, keyword: str = "") -> list[str]:
    """Search wherever one can and go on with what is found; return the addresses of both."""
    shown = []
    for rule in pages(browser.web.app):
        if rule.arguments == {"selection_id"}:
            browser.visit(rule.rule.partition("<")[0])
            browser.fill(keyword=keyword)
            browser.press("Search for", within="#search")
            shown.append(browser.url)
            if browser.soup.select_one(NEXT):
                browser.press("", within=NEXT)
                shown.append(browser.url)
    return shown


def erase_somebody(browser: Browser) -> None:
    """Erase one user, so that there is a receipt and a performed operation."""
    browser.visit("/users/erase-deleted/")
    browser.fill(keyword="farah")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    browser.press("Erase 1 user", within="#popup")
    assert "1 user has been erased." in browser.text


def all_rights(session: Session, office: Office, person: Person) -> None:
    """Let this person do everything everywhere, and read all that there is to read."""
    for domain in (office.london, office.dublin, office.paris):
        give(session, person, domain, *Permission)
        if session.get(Contact, (person.account_id, domain.id)) is None:
            make_contact(session, person, domain)
    session.commit()
