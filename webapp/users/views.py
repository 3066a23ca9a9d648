"""Search, tick, choose: the same pages for managing, erasing and restoring; one user's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, request, url_for
from sqlalchemy import Row
from werkzeug.wrappers import Response

from webapp.access import contacts, grants
from webapp.db import begin_writing, db
from webapp.errors import Invalid
from webapp.identity import preferences
from webapp.lifecycle import operation
from webapp.models import Operation, Outcome, Permission, Purpose, Selection, Verb
from webapp.searching import selection
from webapp.searching.statements import SHOWN
from webapp.states import MANAGED, NOT_ONESELF, SEARCHES, TRANSITIONS, verbs_for
from webapp.times import now
from webapp.users import queries
from webapp.users.forms import SearchForm, in_words, search_form
from webapp.web.guard import (
    needs,
    open_domain_ids,
    open_domains,
    open_elsewhere,
    reader,
    settings,
)
from webapp.web.page import go_to, page
from webapp.web.table import SIZES, page_asked_for, paging, size_asked_for
from webapp.words import listed

MOST_SHOWN = max(SIZES)  # rows a page, and so ticks a form
COLUMNS = len(SHOWN) + 1  # of a row, and its tick


@dataclass(frozen=True)
class Words:
    """What differs between the three pages."""

    title: str
    intro: str
    button: str
    since: str
    kept: str  # "1,000 of 1,034 ticked · 34 …"


WORDS = {
    Purpose.MANAGE: Words(
        "User Management",
        f"Search for {listed(MANAGED)} users.",
        "Search for users",
        "In this state since",
        "left out",
    ),
    Purpose.ERASE: Words(
        "Erase deleted users",
        "Search for users that have been deleted, review them, and erase them for good.",
        "Search for deleted users",
        "Date deleted",
        "kept",
    ),
    Purpose.RESTORE: Words(
        "Restore deleted users",
        "Search for users that have been deleted, review them, and restore them. "
        "They come back archived.",
        "Search for deleted users",
        "Date deleted",
        "stay deleted",
    ),
}


def search_pages(purpose: Purpose) -> Blueprint:
    """Make the pages of one search, each open to whoever holds its permission somewhere."""
    pages = Blueprint(purpose.value, __name__)
    permission = SEARCHES[purpose].permission

    @pages.get("/")
    @needs(permission)
    def start() -> Response:
        before = _own(purpose, request.args["of"]) if "of" in request.args else None
        form = search_form(purpose, open_domains(), before)
        return _search_page(purpose, form, done=_done(purpose))

    @pages.post("/")
    @needs(permission)
    def search() -> Response:
        form = search_form(purpose, open_domains())
        if not form.validate_on_submit():
            return _search_page(purpose, form, status=422)
        made = selection.make(
            db.session,
            reader().account_id,
            purpose,
            form.asked,
            open_domain_ids(),
            now(),
            settings().operation_limit,
            preferences.order_of(db.session, reader().account_id, purpose),
        )
        return go_to(url_for(".results", selection_id=made.id))

    @pages.get("/<selection_id>")
    @needs(permission)
    def results(selection_id: str) -> Response:
        return _results_page(purpose, _own(purpose, selection_id))

    @pages.get("/<selection_id>/person/<reference>")
    @needs(permission)
    def person(selection_id: str, reference: str) -> Response:
        return _person(purpose, reference, _own(purpose, selection_id))

    @pages.post("/<selection_id>/ticks")
    @needs(permission)
    def tick(selection_id: str) -> Response:
        shown = _own(purpose, selection_id)
        _save_ticks(shown)
        place = _place() | {"selection_id": shown.id} | _then(shown)
        return redirect(url_for(".person" if "reference" in place else ".results", **place), 303)

    @pages.post("/<selection_id>/freeze/<verb:verb>")
    @needs(permission)
    def freeze(selection_id: str, verb: Verb) -> Response:
        shown = _own(purpose, selection_id)
        _save_ticks(shown, freezing=True)
        db.session.commit()  # the ticks stay, also where the list is refused
        begin_writing(db.session)
        shown = _own(purpose, selection_id)
        return _to_popup(
            operation.freeze(db.session, verb, shown, open_domain_ids(), now(), settings().limits)
        )

    return pages


MANAGING = SEARCHES[Purpose.MANAGE]
manage, erase, restore = (search_pages(purpose) for purpose in Purpose)
people = Blueprint("people", __name__)


@people.get("/<reference>")
@needs(Permission.USER_MANAGEMENT)
def show(reference: str) -> Response:
    return _person(Purpose.MANAGE, reference)


@people.post("/<reference>/freeze/<verb:verb>")
@needs(Permission.USER_MANAGEMENT)
def freeze(reference: str, verb: Verb) -> Response:
    queries.person(db.session, open_domain_ids(), MANAGED, reference)
    return _to_popup(
        operation.freeze_one(
            db.session, verb, reader().account_id, reference, now(), settings().limits
        )
    )


def _person(purpose: Purpose, reference: str, shown: Selection | None = None) -> Response:
    """Draw one user's page, with the way back to the search `shown`.

    Deleted users are only read there.
    """
    states = SEARCHES[purpose].states
    person, account, domain, last_sign_in = queries.person(
        db.session, open_domain_ids(), states, reference
    )
    can_take, can_change = open_elsewhere("grants.take", "contacts.change")
    return page(
        "users/person.html",
        person=person,
        account=account,
        domain=domain,
        deletion=queries.deletion(db.session, account),
        attributes=queries.attributes(db.session, account.id),
        roles=grants.of_user(db.session, account.id),
        contact_of=contacts.of_user(db.session, account.id),
        can_take=can_take,
        can_change=can_change,
        last_sign_in=last_sign_in,
        actions=[
            (verb, TRANSITIONS[verb])
            for verb in verbs_for(db.session, reader().account_id, account.id)
            if verb in MANAGING.verbs
        ],
        not_oneself=NOT_ONESELF,
        back=url_for(".results", selection_id=shown.id, **_place()) if shown else None,
        **_side(purpose, open_domains()),
    )


def _search_page(
    purpose: Purpose, form: SearchForm, *, done: Operation | None = None, status: int = 200
) -> Response:
    return page(
        "users/search.html",
        status=status,
        words=WORDS[purpose],
        form=form,
        done=TRANSITIONS[done.verb].done(done.number) if done else "",
        receipt=operation.receipt_reference(db.session, done) if done else None,
        **_side(purpose, open_domains()),
    )


def _results_page(purpose: Purpose, shown: Selection) -> Response:
    """Draw what the selection finds, every row with its tick."""
    offered, size = open_domains(), size_asked_for()
    domain_ids = [domain_id for domain_id, _ in offered]
    found = selection.results(db.session, shown, domain_ids, page_asked_for(), size)
    paged = paging(found.found, size)
    side = _side(purpose, offered, shown if found.rows else None)
    return page(
        "users/choose.html",
        "results",
        "chosen",
        along=("users/area.html", "selection") if purpose is Purpose.MANAGE else None,
        words=WORDS[purpose],
        shown=shown,
        asked=in_words(purpose, shown.asked, offered),
        found=found,
        rows=[row[:COLUMNS] for row in found.rows],
        of_list=selection.listed(db.session, shown, domain_ids),
        person_url=url_for(".person", selection_id=shown.id, reference=""),
        place=f"?page={paged.page}&size={paged.size}",
        since=selection.came_since(db.session, shown, domain_ids),
        most=settings().operation_limit,
        paging=paged,
        sizes=SIZES,
        url=url_for(".tick", selection_id=shown.id, page=paged.page, size=paged.size),
        actions=[(verb, TRANSITIONS[verb]) for verb in SEARCHES[purpose].verbs],
        created=shown.current and "created" in request.args,
        unsaved="unsaved" in request.args,
        you=reader().account_id,
        **side,
    )


def _side(
    purpose: Purpose, offered: Sequence[Row[int, str]], shown: Selection | None = None
) -> dict[str, Any]:
    """Return what stands under the menu: what the current selection is, and what it allows.

    `offered` are the domains in which the reader may search, `shown` is the selection on the page.
    """
    managing = purpose is Purpose.MANAGE
    chosen = selection.current(db.session, reader().account_id) if managing else None
    by_state = (
        selection.chosen_by_state(db.session, chosen, [domain.id for domain in offered])
        if chosen
        else {}
    )
    doable = [
        (verb, TRANSITIONS[verb], by_state.get(TRANSITIONS[verb].before, 0))
        for verb in MANAGING.verbs
    ]
    return {
        "managing": managing,
        "current": chosen,
        "current_asked": in_words(purpose, chosen.asked, offered) if chosen else "",
        "current_number": sum(by_state.values()),
        "ticks_here": chosen is not None and chosen is shown,
        "doable": [(verb, rule, number) for verb, rule, number in doable if number],
    }


def _own(purpose: Purpose, selection_id: str) -> Selection:
    return selection.own(db.session, reader().account_id, purpose, selection_id)


def _save_ticks(shown: Selection, *, freezing: bool = False) -> None:
    """Save what was changed on the page: each row is sent with how it was drawn, and how it is.

    Others may have been changed elsewhere since it was drawn, and stay as they are. Before a list
    is frozen, whoever is not ticked on the page is unticked all the same: nobody may be on the list
    whom the page shows as left out.
    """
    was_ticked, was_unticked, ticked = (
        set(request.form.getlist(name)) for name in ("was_ticked", "was_unticked", "ticked")
    )
    if len(was_ticked | was_unticked) > MOST_SHOWN:
        raise Invalid(
            "More rows were sent than a page shows.",
            "Go back, load the page again, and send it once more.",
        )
    unticked = (was_ticked | was_unticked if freezing else was_ticked) - ticked
    changed = dict.fromkeys(was_unticked & ticked, True) | dict.fromkeys(unticked, False)
    selection.save_ticks(db.session, shown, open_domain_ids(), changed)


def _then(shown: Selection) -> dict[str, str]:
    """Do what the pressed button says, and return the part of the URL that it changes."""
    action, _, value = request.form.get("then", "").partition(" ")
    if action == "again":
        made = selection.make_again(
            db.session, shown, open_domain_ids(), now(), settings().operation_limit
        )
        return {"selection_id": made.id, "page": "1"}
    if action == "tick":
        selection.tick_all(db.session, shown, ticked=value == "all")
    if action == "sort" and selection.sort(shown, value):
        preferences.remember_order(db.session, shown.account_id, shown.purpose, value)
    if action == "size" and value in map(str, SIZES):
        preferences.remember(db.session, shown.account_id, page_size=int(value))
    if action == "choose" and shown.purpose is Purpose.MANAGE:
        selection.make_current(db.session, shown)
        return {"created": "1"}
    if action == "clear":
        selection.clear_current(db.session, shown.account_id)
    if action == "open":
        return {"reference": value or "-"}
    if action == "sort":
        return {"page": "1"}
    return {action: value} if action in ("page", "size") else {}


def _place() -> dict[str, Any]:
    """Return the part of the URL that says which page of the results is shown."""
    return {name: request.args[name] for name in ("page", "size") if name in request.args}


def _to_popup(frozen: Operation) -> Response:
    return redirect(url_for("operations.show", operation_id=frozen.id), 303)


def _done(purpose: Purpose) -> Operation | None:
    """Return the performed operation that has just led back here; None where it was forgotten."""
    ended = (
        operation.kept(db.session, reader().account_id, request.args["done"])
        if "done" in request.args
        else None
    )
    if ended is None or ended.outcome is not Outcome.PERFORMED:
        return None
    return ended if (ended.purpose or Purpose.MANAGE) is purpose else None
