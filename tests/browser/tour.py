"""Show every page, every form's complaints and every pop-up.

They are shown as the person with the most permissions and the longest name sees them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.browser.visitor import ERASE, Visitor
from tests.factories import (
    PASSWORD,
    Office,
    a_receipt,
    a_sign_in,
    a_user,
    an_erased_user,
    give,
    make_contact,
    many_users,
)
from tests.house.walk import address_of, pages
from webapp.models import Account, Domain, Permission, Person, State
from webapp.times import now

LONG = "x" * 300
AWKWARD = {
    "long": LONG,
    "markup": "<img src=/static/none.png onerror=alert(1)><script>alert(2)</script>&amp;",
    "right to left": "\u202eمحمد \u202dAdmin\u200f",
    "emoji": "👩🏽‍🚀👨‍👩‍👧‍👦🇬🇧" * 20,
    "spaces": "   a   b   ",
}
RESTORE, MANAGE = "/users/restore-deleted/", "/users/"


NO_PAGES = {"console.ready", "console.live"}
FILTERED = (  # states of pages that nothing else here leads to
    "/activity?since=2025-12-31&until=2025-01-01&what=",
    "/reports/users?page=2",
    "/billing?year=2025",
)


@dataclass(frozen=True)
class World:
    """Names who walks, and whose page is shown."""

    walker: Person
    person: Person


def an_awkward_world(session: Session, office: Office) -> World:
    """Add to London people with every kind of awkward name, enough for several pages."""
    london = office.london
    session.execute(
        update(Domain).where(Domain.id == office.dublin.id).values(name="Northwind-" + "D" * 150)
    )
    states = (State.LIVE, State.ARCHIVED, State.DELETED)
    people = [
        an_awkward_user(session, london, kind, name, state)
        for kind, name in AWKWARD.items()
        for state in states
    ]
    walker = a_user(
        session, london, "Wilhelmina " + LONG[:280], user_name="walker", password=PASSWORD
    )
    for domain in (london, office.dublin):
        give(session, walker, domain, *Permission)
        make_contact(session, walker, domain)
    for state in (State.LIVE, State.DELETED):
        many_users(session, london, 120, state)
    many_users(session, london, 60, State.LIVE, since=now())
    an_erased_user(session, london)
    for person in people[::3]:
        a_sign_in(session, person, now())
    a_receipt(session, walker.account_id, london.id)
    session.commit()
    return World(walker, people[0])


def an_awkward_user(session: Session, domain: Domain, kind: str, name: str, state: State) -> Person:
    user_name = f"{kind}.{state}.{name}"[:300]
    return a_user(
        session,
        domain,
        name,
        user_name=user_name,
        state=state,
        attributes={"Note": name, "An attribute " + LONG[:90]: LONG},
    )


def tour(visitor: Visitor, session: Session, world: World, app: Flask) -> Iterator[str]:
    """Show one page after another, and say which it is."""
    yield from signing_in(visitor)
    yield from filtered(visitor)
    yield from errors(visitor)
    yield from searches(visitor)
    yield from other_verbs(visitor, world)
    yield from every_page(visitor, session, app)
    yield from erasing(visitor, session)


def signing_in(visitor: Visitor) -> Iterator[str]:
    page = visitor.page
    page.goto("/sign-in")
    yield "sign-in"
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator(".problem").first).to_be_visible()
    yield "sign-in, refused"
    visitor.sign_in("walker")


def filtered(visitor: Visitor) -> Iterator[str]:
    for path in FILTERED:
        visitor.page.goto(path)
        expect(visitor.page.locator("h1")).to_be_visible()
        yield path
    visitor.page.goto("/password")
    visitor.page.get_by_role("button", name="Change password").click()
    expect(visitor.page.locator(".problem").first).to_be_visible()
    yield "password, refused"


def errors(visitor: Visitor) -> Iterator[str]:
    for name, path in {
        "not found": "/nowhere",
        "not kept": f"{ERASE}nothing",
        "not your list": "/operations/nothing",
    }.items():
        visitor.page.goto(path)
        expect(visitor.page.locator("h1")).to_be_visible()
        yield name


def every_page(visitor: Visitor, session: Session, app: Flask) -> Iterator[str]:
    """Show what the application registers, whether or not a step here is about it."""
    shown = [rule for rule in pages(app) if rule.endpoint not in NO_PAGES]
    paths = [address_of(app, rule, session) for rule in shown]
    session.commit()  # so that it reads no old state later
    for rule, path in zip(shown, paths, strict=True):
        answer = visitor.page.goto(path)
        assert answer, rule.rule
        assert answer.ok, rule.rule
        yield rule.rule


def searches(visitor: Visitor) -> Iterator[str]:
    page = visitor.page
    for path in (MANAGE, RESTORE, ERASE):
        page.goto(path)
        page.get_by_label("Keyword").fill("y" * 201)
        page.get_by_role("button", name="Search for").click()
        expect(page.locator("main")).to_contain_text("Use 200 characters or fewer.")
        yield f"search {path}, refused"
        visitor.search("nobody at all", path)
        yield f"nothing found {path}"
        visitor.search(path=path)
        yield f"found {path}"
        visitor.results.get_by_role("button", name="Untick all").click()
        expect(visitor.chosen).to_contain_text("None of")
        yield f"nobody ticked {path}"
        page.get_by_role("link", name="Change search").click()
        expect(page.get_by_label("Keyword")).to_be_visible()
        yield f"search {path}, changed"


def other_verbs(visitor: Visitor, world: World) -> Iterator[str]:
    page = visitor.page
    visitor.search("number", MANAGE)
    visitor.results.get_by_role("button", name="Create new selection").click()
    archive = page.get_by_label("Selection", exact=True).get_by_role("button", name="Archive")
    expect(archive).to_be_visible()
    yield "selection made"
    archive.click()
    expect(visitor.popup.get_by_role("heading")).to_be_visible()
    yield "archive, as a page"
    page.goto(f"/users/person/{world.person.reference}")
    page.locator("main").get_by_role("button", name="Archive").click()
    expect(visitor.popup.get_by_role("heading")).to_be_visible()
    yield "archive one"
    visitor.popup.get_by_role("button", name="Archive 1 user").click()
    expect(page.locator("#done")).to_be_visible()
    yield "archived"
    visitor.search("number", RESTORE)
    visitor.results.get_by_role("button", name="Restore", exact=True).click()
    expect(visitor.popup.get_by_role("heading")).to_be_visible()
    yield "restore"


def erasing(visitor: Visitor, session: Session) -> Iterator[str]:
    page = visitor.page
    visitor.search()
    number = visitor.results.get_by_role("heading").inner_text().removesuffix(" found")
    visitor.open_popup(number)
    yield "erase"
    visitor.confirm(number)
    expect(visitor.popup.locator(".problem")).to_be_visible()
    yield "erase, number missing"
    page.locator("#number").fill(number.removesuffix(" users"))
    changed = session.scalars(
        select(Account).where(Account.state == State.DELETED).order_by(Account.id)
    ).first()
    assert changed
    changed.state = State.ARCHIVED
    session.commit()
    visitor.confirm(number)
    expect(visitor.heading("User operation not performed")).to_be_visible()
    yield "not performed"
    visitor.search("xxx")
    visitor.open_popup("1 user")
    visitor.confirm("1 user")
    expect(page.locator("#done")).to_be_visible()
    yield "erased"
    page.get_by_role("link", name="Read the receipt").click()
    expect(visitor.heading("Receipt of an erasure")).to_be_visible()
    yield "receipt"
    page.goto("/activity")
    expect(page.locator("main")).to_contain_text("Erased user")
    yield "activity of an erasure"
