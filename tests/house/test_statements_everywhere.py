"""The number of SQL statements of a page or form does not grow with how much there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import (
    ALL_OF_USERS,
    SINCE,
    Office,
    a_domain,
    a_search,
    an_erased_user,
    domains_searched,
    events_about,
    give,
    give_attribute,
    make_contact,
    many_users,
)
from tests.house.walk import address_of, all_rights, erase_somebody, pages, search_everywhere
from tests.journeys.browser import Browser
from webapp.config import Limits, Settings
from webapp.db import begin_writing
from webapp.lifecycle import operation
from webapp.models import (
    Attribute,
    AttributeValue,
    Domain,
    Outcome,
    Person,
    SignIn,
    State,
    Tick,
    Verb,
)
from webapp.states import TRANSITIONS
from webapp.times import now

Statements = Callable[[], AbstractContextManager[Sequence[str]]]
MOST = 12  # statements of any page


def test_a_page_takes_as_many_statements_where_there_is_much(
    web: Client, session: Session, office: Office, statements: Statements
) -> None:
    all_rights(session, office, office.priya)
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    erase_somebody(browser)
    few = counted_on_pages(web, session, statements)
    more(session, office)
    many = counted_on_pages(web, session, statements)
    assert {
        rule: (number, many[rule]) for rule, number in few.items() if many[rule] != number
    } == {}
    assert {rule: number for rule, number in many.items() if number > MOST} == {}


def more(session: Session, office: Office) -> None:
    """Add more of everything: users in every state, their records, events, and domains."""
    for state in (State.LIVE, State.ARCHIVED, State.DELETED):
        many_users(session, office.london, 120, state)
    ids = list(session.scalars(select(Person.account_id)))
    session.execute(insert(SignIn), [{"account_id": i, "at": SINCE} for i in ids * 2])
    events_about(session, office.london, ids * 2)
    for number in range(12):
        give_attribute(session, office.live(office.london)[0], f"Attribute {number}", "value")
        place = a_domain(session, f"Domain {number}")
        give(session, office.live(office.london)[0], place, *ALL_OF_USERS)
        make_contact(session, office.live(office.london)[0], place)
        make_contact(session, office.priya, place)
        give(session, office.priya, place, *ALL_OF_USERS)
        an_erased_user(session, office.london)


def counted_on_pages(web: Client, session: Session, statements: Statements) -> dict[str, int]:
    """Count the statements of one page of each rule, and of its CSV where it offers one."""
    search_everywhere(Browser(web, htmx=False))
    session.commit()
    counted = {}
    for rule in pages(web.app):
        url = address_of(web.app, rule, session)
        for asked in (url, f"{url}?csv=1") if offers_csv(web.get(url)) else (url,):
            with statements() as sent:
                assert web.get(asked).status_int in (200, 303), asked
            counted[asked.replace(url, rule.rule)] = len(sent)
    return counted


def offers_csv(answer: Any) -> bool:
    return answer.content_type == "text/html" and bool(answer.html.select("button[name=csv]"))


def test_a_form_takes_as_many_statements_where_there_is_much(
    web: Client, session: Session, office: Office, statements: Statements
) -> None:
    few = counted_in_forms(web, session, office, statements)
    more(session, office)
    assert counted_in_forms(web, session, office, statements) == few


def counted_in_forms(
    web: Client, session: Session, office: Office, statements: Statements
) -> dict[str, int]:
    """Count the statements of each step of the main job, with some rows unticked.

    The keyword finds everyone.
    """
    browser, counted = Browser(web, htmx=False), {}

    def counting(what: str, step: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        session.commit()
        with statements() as sent:
            step(*arguments, **options)
        counted[what] = len(sent)

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


@pytest.mark.parametrize("verb", Verb)
def test_a_verb_takes_as_many_statements_for_many_people_with_records_as_for_few(
    session: Session, office: Office, statements: Statements, verb: Verb
) -> None:
    all_rights(session, office, office.priya)
    few = performed(session, office, statements, verb, [office.dublin], 4, records=0)
    everywhere = [office.dublin, office.london, office.paris]
    many = performed(session, office, statements, verb, everywhere, 334, records=4)
    assert many == few


def performed(
    session: Session,
    office: Office,
    statements: Statements,
    verb: Verb,
    places: Sequence[Domain],
    number: int,
    *,
    records: int,
) -> tuple[int, int]:
    """Perform a verb on so many users of each domain, each with so many records of each kind.

    Returns how many statements freeze the list and how many perform it.
    """
    before = TRANSITIONS[verb].before
    ids = [i for place in places for i in many_users(session, place, number, before)]
    hang_on(session, office, ids, records)
    actor_id = office.priya.account_id
    session.commit()
    begin_writing(session)
    asked = {"keyword": "number", "domains": [place.id for place in places]}
    chosen = a_search(session, actor_id, TRANSITIONS[verb].offered, asked)
    session.execute(
        insert(Tick),
        [
            {"selection_id": chosen.id, "account_id": i}
            for i in session.scalars(select(Person.account_id).order_by(Person.account_id).limit(3))
        ],
    )
    domains = domains_searched(session, chosen)
    limits = Limits(5000, Settings().limits.lifetime)
    with statements() as frozen:
        made = operation.freeze(session, verb, chosen, domains, now(), limits)
    with statements() as performing:
        done = operation.perform(session, actor_id, made.id, now())
        session.commit()
    assert (done.outcome, done.number) == (Outcome.PERFORMED, number * len(places))
    return len(frozen), len(performing)


def hang_on(session: Session, office: Office, ids: Sequence[int], records: int) -> None:
    """Give each account so many sign-ins, attributes and events, as actor and as subject."""
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
        events_about(session, office.london, ids)
