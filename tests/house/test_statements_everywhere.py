"""The number of SQL statements of every page and of every form does not grow with anything that there can be many of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import (
    ALL_OF_USERS,
    SINCE,
    Office,
    a_domain,
    an_erased_user,
    domains_searched,
    give,
    give_attribute,
    make_contact,
    many_users,
)
from tests.house.walk import all_rights, filled, named
from tests.journeys.browser import Browser
from webapp.config import Limits, Settings
from webapp.db import begin_writing
from webapp.lifecycle import operation
from webapp.models import (
    Attribute,
    AttributeValue,
    Event,
    Operation,
    Outcome,
    Person,
    Purpose,
    SignIn,
    State,
    Tick,
    Verb,
)
from webapp.searching import selection
from webapp.searching.selection import Criteria
from webapp.times import now

Statements = Callable[[], AbstractContextManager[Sequence[str]]]
MOST = 16  # statements of any page, signing in again included


def test_every_page_says_as_much_where_there_is_much(
    web: Client, session: Session, office: Office, statements: Statements
) -> None:
    all_rights(session, office, office.priya)
    erase_somebody(web, session)
    few = said_by_pages(web, session, office, statements)
    more(session, office)
    many = said_by_pages(web, session, office, statements)
    assert {
        rule: (number, many[rule]) for rule, number in few.items() if many[rule] != number
    } == {}
    assert {rule: number for rule, number in many.items() if number > MOST} == {}
    assert {
        rule.rule
        for rule in web.app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint != "static"
    } <= set(many)


def erase_somebody(web: Client, session: Session) -> None:
    """So that there is a receipt, and a performed operation."""
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.fill(keyword="farah")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    browser.press("Erase 1 user", within="#popup")
    assert "1 user has been erased." in browser.text


def more(session: Session, office: Office) -> None:
    """More of everything: users in every state, what hangs on them, what happened to them, and domains."""
    for state in (State.LIVE, State.ARCHIVED, State.DELETED):
        many_users(session, office.london, 120, state)
    ids = list(session.scalars(select(Person.account_id)))
    session.execute(insert(SignIn), [{"account_id": i, "at": SINCE} for i in ids * 2])
    events = [
        {
            "at": SINCE,
            "key": "DELETE",
            "actor_id": i,
            "subject_id": i,
            "domain_id": office.london.id,
            "number": 1,
        }
        for i in ids * 2
    ]
    session.execute(insert(Event), events)
    for number in range(12):
        give_attribute(session, office.live(office.london)[0], f"Attribute {number}", "value")
        place = a_domain(session, f"Domain {number}")
        give(session, office.live(office.london)[0], place, *ALL_OF_USERS)
        make_contact(session, office.live(office.london)[0], place)
        make_contact(session, office.priya, place)
        give(session, office.priya, place, *ALL_OF_USERS)
        an_erased_user(session, office.london)


def said_by_pages(
    web: Client, session: Session, office: Office, statements: Statements
) -> dict[str, int]:
    """The number of statements by rule; each page is opened once before, as somebody who works there has."""
    counted = {}
    for rule, url in pages(web, session, office):
        web.get(url, expect_errors=True)
        with statements() as spoken:
            assert web.get(url, expect_errors=True).status_int in (200, 303), url
        counted[rule] = len(spoken)
    return counted


def pages(web: Client, session: Session, office: Office) -> Iterator[tuple[str, str]]:
    """Every GET rule and an address of it, of things just made; reports also as CSV."""
    results = [
        searched(web, path)
        for path in ("/users/", "/users/restore-deleted/", "/users/erase-deleted/")
    ]
    session.commit()
    newest = session.scalars(
        select(Operation.id)
        .where(Operation.outcome == Outcome.OPEN)
        .order_by(Operation.made_at.desc())
    ).first()
    ids = named(session) | {
        "person": [office.live(office.london)[0].reference],
        "domain_id": [str(office.london.id)],
        "operation_id": [str(newest)],
    }
    for rule in web.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            of_a_search = (
                [url for url in results if url.rpartition("/")[0] == rule.rule.rpartition("/")[0]]
                if "selection_id" in rule.arguments
                else []
            )
            url = (
                of_a_search[0] if of_a_search else filled(rule.rule, sorted(rule.arguments), ids)[0]
            )
            yield rule.rule, url
            if rule.rule.startswith("/reports"):
                yield f"{rule.rule}?csv=1", f"{url}?csv=1"


def searched(web: Client, path: str) -> str:
    """Search for everyone, make the selection the current one or freeze it, and give the address of the results."""
    browser = Browser(web, htmx=False)
    browser.visit(path)
    browser.press("Search for", within="#search")
    results = browser.url
    if path == "/users/":
        browser.press("Create new selection")
    else:
        browser.press("Restore" if "restore" in path else "Erase", within="#results")
    return results


def test_every_form_says_as_much_where_there_is_much(
    web: Client, session: Session, office: Office, statements: Statements
) -> None:
    few = said_by_forms(web, session, office, statements)
    more(session, office)
    assert said_by_forms(web, session, office, statements) == few


def said_by_forms(
    web: Client, session: Session, office: Office, statements: Statements
) -> dict[str, int]:
    """The number of statements of each step of the main job, with some rows unticked; the keyword finds everyone."""
    browser, counted = Browser(web, htmx=False), {}

    def counting(what: str, step: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        session.commit()
        with statements() as spoken:
            step(*arguments, **options)
        counted[what] = len(spoken)

    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.fill(keyword="example")
    counting("search", browser.press, "Search for deleted users")
    counting("sort", browser.press, "Name")
    for name in browser.ticked()[:3]:
        browser.tick(name, on=False)
    counting("save ticks and untick all", browser.press, "Untick all")
    counting("tick all", browser.press, "Tick all")
    counting("freeze", browser.press, "Erase", within="#results")
    counting("sign out", browser.press, "Sign out")
    return counted


def test_erasing_says_as_much_for_many_people_with_many_records_as_for_few_with_none(
    session: Session, office: Office, statements: Statements
) -> None:
    all_rights(session, office, office.priya)
    few = erased(session, office, statements, [office.dublin.id], 4, records=0)
    assert (
        erased(
            session,
            office,
            statements,
            [place.id for place in (office.dublin, office.london, office.paris)],
            300,
            records=4,
        )
        == few
    )


def erased(
    session: Session,
    office: Office,
    statements: Statements,
    domain_ids: list[int],
    number: int,
    *,
    records: int,
) -> tuple[int, int]:
    """Erase so many users of each domain, each with so many records of each kind; the statements that freeze and that perform it."""
    places = [
        place for place in (office.london, office.dublin, office.paris) if place.id in domain_ids
    ]
    hang_on(
        session,
        office,
        [i for place in places for i in many_users(session, place, number, State.DELETED)],
        records,
    )
    actor_id = office.priya.account_id
    session.commit()
    begin_writing(session)
    chosen = selection.make(
        session, actor_id, Purpose.ERASE, Criteria("number", tuple(domain_ids)), now()
    )
    session.execute(
        insert(Tick),
        [
            {"selection_id": chosen.id, "account_id": i}
            for i in session.scalars(select(Person.account_id).limit(3))
        ],
    )
    domains = domains_searched(session, chosen)
    with statements() as frozen:
        made = operation.freeze(
            session, Verb.ERASE, chosen, domains, now(), Limits(5000, Settings().limits.lifetime)
        )
    with statements() as performed:
        done = operation.perform(session, office.priya.account_id, made.id, now())
        session.flush()
    assert (done.outcome, done.number) == (Outcome.PERFORMED, number * len(domain_ids))
    session.commit()
    return len(frozen), len(performed)


def hang_on(session: Session, office: Office, ids: Sequence[int], records: int) -> None:
    """So many sign-ins, attributes and mentions for each account, as actor and as subject."""
    for number in range(records):
        give_attribute(session, office.max, f"Attribute {number}", "value")
        attribute_id = session.scalars(
            select(Attribute.id).where(Attribute.name == f"Attribute {number}")
        ).one()
        session.execute(
            insert(AttributeValue),
            [{"account_id": i, "attribute_id": attribute_id, "value": "value"} for i in ids],
        )
        session.execute(insert(SignIn), [{"account_id": i, "at": SINCE} for i in ids])
        events = [
            {
                "at": SINCE,
                "key": "DELETE",
                "actor_id": i,
                "subject_id": i,
                "domain_id": office.london.id,
                "number": 1,
            }
            for i in ids
        ]
        session.execute(insert(Event), events)
