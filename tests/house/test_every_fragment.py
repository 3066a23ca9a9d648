"""Every block that a view names is the element of the whole page.

Every hx- attribute of every page repeats what works without it.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select, update
from sqlalchemy.orm import Session

import webapp
from tests.conftest import Client
from tests.factories import Office, many_users
from tests.house.walk import all_rights, everything
from tests.journeys.browser import Browser
from webapp.models import Account, Operation, Outcome, Selection, State, Verb

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
ATTRIBUTES = {
    "hx-get",
    "hx-post",
    "hx-target",
    "hx-swap",
    "hx-push-url",
    "hx-trigger",
    "hx-sync",
    "hx-config",
}
SEARCHES = (
    ("/users/", "Create new selection"),
    ("/users/restore-deleted/", "Restore"),
    ("/users/erase-deleted/", "Erase"),
)


def served() -> set[tuple[str, str]]:
    """Template and block of every call of `page(template, block, …)` in the views."""
    found = set()
    for path in Path(webapp.__file__).parent.rglob("views.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Name)
                and call.func.id == "page"
            ):
                template, *blocks = [
                    argument.value for argument in call.args if isinstance(argument, ast.Constant)
                ]
                found |= {(str(template), str(block)) for block in blocks}
    return found


@pytest.fixture
def places(web: Client, session: Session, office: Office) -> dict[str, str]:
    """Make pages on which parts can be swapped; return their templates.

    They are all searches, open lists, a long one among them, and a refused one.
    """
    all_rights(session, office, office.priya)
    many_users(session, office.london, 101, State.DELETED)
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    for path, button in SEARCHES:
        browser.visit(path)
        browser.press("Search for", within="#search")
        browser.tick(browser.ticked()[0], on=False)
        browser.press(button, within="#results")
    browser.visit("/users/")
    browser.press("Archive (")
    session.execute(
        update(Account)
        .where(Account.id == office.live(office.paris)[0].account_id)
        .values(state=State.ARCHIVED)
    )
    browser.press("Archive ", within="#popup")
    assert browser.status == 409
    session.commit()
    searches = {
        f"{path}{s.id}": "users/choose.html"
        for path, s in zip(("/users/", *[p for p, _ in SEARCHES[1:]]), chosen(session), strict=True)
    }
    pages = {f"{url}?page=2&size=100": template for url, template in searches.items()}
    return (
        searches
        | pages
        | {
            f"/operations/{o.id}{page}": template_of(o)
            for o in session.scalars(select(Operation))
            for page in ("", "?page=2")
        }
    )


def chosen(session: Session) -> list[Selection]:
    return sorted(
        session.scalars(select(Selection)),
        key=lambda selection: ["manage", "restore", "erase"].index(selection.purpose),
    )


def template_of(operation: Operation) -> str:
    return (
        "operations/confirm.html"
        if operation.outcome is Outcome.OPEN
        else "operations/not_performed.html"
    )


def element(text: str, name: str) -> str:
    """The element of this id as it reads, tokens left out."""
    found = BeautifulSoup(text, "html.parser").select(f"#{name}")
    assert len(found) == 1, f"{len(found)} elements #{name}"
    for token in found[0].select("[name=csrf_token]"):
        del token["value"]
    return str(found[0].prettify(formatter="html5"))


def test_every_fragment_is_the_element_of_its_page(
    web: Client, session: Session, places: dict[str, str]
) -> None:
    compared, sent_along = set(), set()
    for path, template in places.items():
        whole = web.get(path, expect_errors=True)
        for name in (name for of, name in sorted(served()) if of == template):
            tag = whole.html.select_one(f"#{name}").name
            fragment = web.get(
                path, headers={**HTMX, "HX-Target": f"{tag}#{name}"}, expect_errors=True
            )
            assert "<html" not in fragment
            assert fragment.text.lstrip().startswith(f"<{tag}")
            assert element(fragment.text, name) == element(whole.text, name)
            for along in fragment.html.select("[hx-swap-oob]"):
                assert element(fragment.text, along["id"]) == element(whole.text, along["id"])
                sent_along.add(along["id"])
            assert fragment.status_int == whole.status_int
            assert "HX-Target" in fragment.headers["Vary"]
            compared.add((template, name))
    assert compared == served()
    assert sent_along == {"selection"}


def test_no_id_but_those_of_blocks_is_served_alone(web: Client, places: dict[str, str]) -> None:
    elsewhere = {"elsewhere": "div", **{name: "section" for _, name in served()}}
    for path, template in places.items():
        whole = web.get(path, expect_errors=True).html
        tags = elsewhere | {each["id"]: each.name for each in whole.select("[id]")}
        for name in tags.keys() - {name for of, name in served() if of == template}:
            headers = {**HTMX, "HX-Target": f"{tags[name]}#{name}"}
            assert "<html" in web.get(path, headers=headers, expect_errors=True), name


WHOLE = (
    {"HX-Boosted": "true"},
    {"HX-History-Restore-Request": "true"},
    {"HX-Request-Type": "full"},
    {"HX-Request": "false"},
)


def test_whoever_wants_a_whole_page_gets_it_whatever_the_target(
    web: Client, places: dict[str, str]
) -> None:
    for template in {template for template, _ in served()}:
        path = next(path for path, of in places.items() if of == template)
        whole = web.get(path, expect_errors=True)
        for name in (name for of, name in served() if of == template):
            for headers in WHOLE:
                answer = web.get(
                    path,
                    headers={**HTMX, "HX-Target": f"div#{name}", **headers},
                    expect_errors=True,
                )
                assert element(answer.text, "main") == element(whole.text, "main"), headers


def test_a_mistake_in_the_pop_up_answers_with_the_same_pop_up(
    web: Client, session: Session, office: Office, places: dict[str, str]
) -> None:
    erasing = session.scalars(select(Operation).where(Operation.verb == Verb.ERASE)).one()
    path = f"/operations/{erasing.id}"
    token = str(web.get(path).html.select_one("[name=csrf_token]")["value"])
    sent = {"csrf_token": token, "number": "not it"}
    whole = web.post(path, sent, status=422)
    fragment = web.post(path, sent, headers={**HTMX, "HX-Target": "div#popup"}, status=422)
    assert "<html" not in fragment
    assert element(fragment.text, "popup") == element(whole.text, "popup")
    assert (
        "to confirm that you mean all of them." in fragment.html.select_one(".problem").get_text()
    )
    assert fragment.html.select_one("#number")["value"] == "not it"


def test_forms_and_every_hx_attribute_on_any_page_work_without_it(
    web: Client, session: Session, places: dict[str, str]
) -> None:
    seen = set()
    for path, answer in everything(web, session):
        if answer.content_type != "text/html":
            continue
        page = answer.html
        for form in page.select("form"):
            check_form(form, path)
        for each in page.find_all(
            lambda tag: any(name.startswith("hx-") and name != "hx-swap-oob" for name in tag.attrs)
        ):
            check_htmx(page, each, path)
            seen.add((each.name, "hx-get" if each.get("hx-get") else "hx-post"))
    assert seen == {("a", "hx-get"), ("form", "hx-post"), ("button", "hx-post")}


def check_htmx(page: Any, each: Any, path: str) -> None:
    """One element that htmx looks after."""
    where = f"{each.name} on {path}: {each.attrs}"
    assert {name for name in each.attrs if name.startswith("hx-")} <= ATTRIBUTES, where
    if each.name == "a":
        assert each["hx-get"] == each["href"], where
    elif each.name == "form":
        assert (each["hx-post"], each["method"]) == (each["action"], "post"), where
    else:
        assert each.name == "button", where
        form = page.select_one(f"#{each['form']}") if each.get("form") else each.find_parent("form")
        assert (each["hx-post"], form["method"]) == (each["formaction"], "post"), where
    stays = each["hx-target"] == "#chosen"  # a live region, of which the contents change
    assert each["hx-swap"] == ("innerHTML strip:true" if stays else "outerHTML"), where
    assert len(page.select(each["hx-target"])) == 1, where


def check_form(form: Any, path: str) -> None:
    """See that what changes something is sent by POST with a token.

    What is sent by GET holds nothing personal.
    """
    names = {field.get("name") for field in form.select("input")}
    assert form["method"] == ("post" if "csrf_token" in names else "get"), path
    assert form["method"] == "post" or not names & {"keyword", "user_name", "password"}, path
