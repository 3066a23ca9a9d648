"""Find every page that the application registers, and every field of its filter, on the platform.

A new page or filter is found without anyone remembering it. A new kind of argument in an address
needs an example in `_examples`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from urllib.parse import urlencode

from bs4 import BeautifulSoup
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from tests.benchmarks import erasing
from tests.benchmarks.visitor import Visitor
from tests.benchmarks.world import ACTOR
from tests.factories import a_receipt
from webapp.models import Attribute, Person, Purpose, Role

DAY, DOMAIN = date(2026, 11, 1), 7  # a day before the last events
LIVE, DELETED = 3, 10  # accounts


def addresses(visitor: Visitor, session: Session) -> dict[str, str]:
    """Return the address of each page by its rule, and with a field filled in by `rule?field`."""
    examples = _examples(visitor, session)
    found = {}
    for rule in visitor.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            address = found[rule.rule] = _filled(visitor, rule, examples)
            for field, value in _filter(visitor.get(address)):
                found[f"{rule.rule}?{field}"] = f"{address}?{urlencode({field: value})}"
    return found


def _examples(visitor: Visitor, session: Session) -> dict[str, object]:
    """Return what an argument can stand for, by its name; with a blueprint, for its pages only."""
    searched = {f"{purpose}.selection_id": visitor.search(purpose).id for purpose in Purpose}
    people = {"people.reference": _reference(session, LIVE)} | {
        f"{purpose}.reference": _reference(session, LIVE if purpose is Purpose.MANAGE else DELETED)
        for purpose in Purpose
    }
    receipt = a_receipt(session, ACTOR, DOMAIN)
    session.commit()
    return {
        **searched,
        **people,
        "domain_id": DOMAIN,
        "month": DAY.replace(day=1),
        "operation_id": erasing.frozen_list(session, 500),
        "role_id": session.scalars(select(Role.id).limit(1)).one(),
        "attribute_id": session.scalars(select(Attribute.id).limit(1)).one(),
        "operations.reference": receipt.reference,
    }


def _reference(session: Session, account_id: int) -> str:
    return session.scalars(select(Person.reference).filter_by(account_id=account_id)).one()


def _filled(visitor: Visitor, rule: Rule, examples: dict[str, object]) -> str:
    """Return the address of this page; KeyError where an argument of a new kind has no example."""
    blueprint, _, _ = rule.endpoint.partition(".")
    values = {
        name: examples.get(f"{blueprint}.{name}") or examples[name] for name in rule.arguments
    }
    return visitor.app.url_map.bind("localhost").build(rule.endpoint, values)


def _filter(body: bytes) -> Iterator[tuple[str, str]]:
    """Find a value for each field of the form with which a page is narrowed down."""
    for form in BeautifulSoup(body, "html.parser").select("form[method=get]"):
        for day in form.select("input[type=date]"):
            yield str(day["name"]), str(DAY)
        for choice in form.select("select"):
            yield str(choice["name"]), str(choice.select("option")[-1]["value"])
        for box in form.select("input[type=checkbox]")[DOMAIN - 1 : DOMAIN]:
            yield str(box["name"]), str(box["value"])
