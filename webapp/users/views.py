"""Search, tick, choose: the same pages for managing, erasing and restoring; one user's page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from webapp.access import contacts, grants
from webapp.db import begin_writing, db
from webapp.errors import Invalid
from webapp.lifecycle import operation
from webapp.models import Operation, Outcome, Permission, Purpose, Selection, Verb
from webapp.searching import selection
from webapp.states import MANAGED, NOT_ONESELF, SEARCHES, TRANSITIONS, verbs_for
from webapp.times import now
from webapp.users import queries
from webapp.users.forms import SearchForm, search_form
from webapp.web.guard import (
    needs,
    open_domain_ids,
    open_domains,
    open_elsewhere,
    reader,
    settings,
)
from webapp.web.menu import USERS
from webapp.web.page import go_to, page
from webapp.web.table import SIZES, page_asked_for, paging, size_asked_for
from webapp.words import listed

MOST_SHOWN = max(SIZES)  # rows a page, and so ticks a form


@dataclass(frozen=True)
class Words:
    """What differs between the three pages."""

    title: str
    intro: str
    button: str
    since: str
    kept: str  # "34 of 1,034 users …"


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
        "will be kept",
    ),
    Purpose.RESTORE: Words(
        "Restore deleted users",
        "Search for users that have been deleted, review them, and restore them. "
        "They come back archived.",
        "Search for deleted users",
        "Date deleted",
        "will stay deleted",
    ),
}


def search_pages(purpose: Purpose) -> Blueprint:
    """Make the pages of one search, each open to whoever holds its permission somewhere."""
    pages = Blueprint(purpose.value, __name__)
    permission = SEARCHES[purpose].permission

    @pages.get("/")
    @needs(permission)
    def start() -> Response:
        return _choose(purpose, search_form(purpose, open_domains()), done=_done(purpose))

    @pages.post("/")
    @needs(permission)
    def search() -> Response:
        form = search_form(purpose, open_domains())
        if not form.validate_on_submit():
            return _choose(purpose, form, status=422)
        made = selection.make(
            db.session,
            reader().account_id,
            purpose,
            form.asked,
            open_domain_ids(),
            now(),
            settings().operation_limit,
        )
        return go_to(url_for(".results", selection_id=made.id))

    @pages.get("/<selection_id>")
    @needs(permission)
    def results(selection_id: str) -> Response:
        shown = _own(purpose, selection_id)
        return _choose(purpose, search_form(purpose, open_domains(), shown), shown=shown)

    @pages.post("/<selection_id>/ticks")
    @needs(permission)
    def tick(selection_id: str) -> Response:
        shown = _own(purpose, selection_id)
        _save_ticks(shown)
        place: dict[str, Any] = {
            name: request.args[name] for name in ("page", "size") if name in request.args
        }
        place |= {"selection_id": shown.id} | _then(shown)
        return redirect(url_for(".results", **place), 303)

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
    domain_ids = open_domain_ids()
    person, account, domain = queries.person(db.session, domain_ids, reference)
    can_take, can_change = open_elsewhere("grants.take", "contacts.change")
    return page(
        "users/person.html",
        person=person,
        account=account,
        domain=domain,
        attributes=queries.attributes(db.session, account.id),
        roles=grants.of_user(db.session, account.id),
        contact_of=contacts.of_user(db.session, account.id),
        can_take=can_take,
        can_change=can_change,
        last_sign_in=queries.last_sign_in(db.session, account.id),
        actions=[
            (verb, TRANSITIONS[verb])
            for verb in verbs_for(db.session, reader().account_id, account.id)
            if verb in MANAGING.verbs
        ],
        not_oneself=NOT_ONESELF,
        **_side(Purpose.MANAGE, domain_ids),
    )


@people.post("/<reference>/freeze/<verb:verb>")
@needs(Permission.USER_MANAGEMENT)
def freeze(reference: str, verb: Verb) -> Response:
    queries.person(db.session, open_domain_ids(), reference)
    return _to_popup(
        operation.freeze_one(
            db.session, verb, reader().account_id, reference, now(), settings().limits
        )
    )


def _choose(
    purpose: Purpose,
    form: SearchForm,
    *,
    shown: Selection | None = None,
    done: Operation | None = None,
    status: int = 200,
) -> Response:
    """Draw the search form and, under it, what the selection finds."""
    domain_ids = [domain.id for domain in form["domains"].offered]
    values: dict[str, Any] = {
        "found": None,
        "created": shown is not None and shown.current and "created" in request.args,
        "unsaved": "unsaved" in request.args,
    }
    if shown is not None:
        found = selection.results(db.session, shown, domain_ids, page_asked_for(), size_asked_for())
        paged = paging(found.found)
        ticks = url_for(".tick", selection_id=shown.id, page=paged.page, size=paged.size)
        since = selection.came_since(db.session, shown, domain_ids)
        values |= {"found": found, "since": since, "paging": paged, "url": ticks}
        values["most"] = settings().operation_limit
    actions = [(verb, TRANSITIONS[verb]) for verb in SEARCHES[purpose].verbs]
    common: dict[str, Any] = {
        "purpose": purpose,
        "words": WORDS[purpose],
        "form": form,
        "shown": shown,
        "done": done,
        "actions": actions,
        "transitions": TRANSITIONS,
    }
    common["receipt"] = operation.receipt_reference(db.session, done) if done else None
    along = ("users/area.html", "selection") if purpose is Purpose.MANAGE else None
    values |= _side(
        purpose, domain_ids, shown if values["found"] and values["found"].rows else None
    )
    if shown is None:  # then there is no part to be swapped
        return page("users/choose.html", status=status, **common, **values)
    return page(
        "users/choose.html", "results", "chosen", along=along, status=status, **common, **values
    )


def _side(
    purpose: Purpose, domain_ids: Sequence[int], shown: Selection | None = None
) -> dict[str, Any]:
    """Return what the menu at the side shows: pages, and what the current selection allows.

    `domain_ids` are those in which the reader may search, `shown` is the selection on the page.
    """
    chosen = (
        selection.current(db.session, reader().account_id) if purpose is Purpose.MANAGE else None
    )
    by_state = selection.chosen_by_state(db.session, chosen, domain_ids) if chosen else {}
    doable = [
        (verb, TRANSITIONS[verb], by_state.get(TRANSITIONS[verb].before, 0))
        for verb in MANAGING.verbs
    ]
    return {
        "entries": USERS.open,
        "current": chosen,
        "current_number": sum(by_state.values()),
        "ticks_here": chosen is not None and chosen is shown,
        "endpoint": f"{purpose}.start",
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
    if action == "sort":
        selection.sort(shown, value)
    if action == "choose" and shown.purpose is Purpose.MANAGE:
        selection.make_current(db.session, shown)
    if action == "sort":
        return {"page": "1"}
    if action == "choose":
        return {"created": "1"}
    return {action: value} if action in ("page", "size") else {}


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
