"""The home page, what one chooses for oneself, help, and whether the server is well."""

from __future__ import annotations

from datetime import timedelta

import flask
from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from webapp import schema
from webapp.console import queries
from webapp.console.forms import PreferencesForm
from webapp.db import db
from webapp.identity import preferences
from webapp.models import State, Verb
from webapp.states import MEANING, conditions_for
from webapp.times import now
from webapp.web.guard import Everyone, needs, open_elsewhere, reader, zone
from webapp.web.page import go_to, page
from webapp.web.table import size_asked_for

WEEK = timedelta(days=7)
STARTS = {  # the pages whose domains the home page counts in
    "erase": "erase.start",
    "restore": "restore.start",
    "manage": "manage.start",
    "activity": "activity.show",
    "reports": "reports.users",
    "billing": "billing.show",
}

console = Blueprint("console", __name__)


@console.get("/")
@needs(Everyone.SIGNED_IN)
def home() -> Response:
    """Say of each area what matters in it now; nothing of those that the reader may not open."""
    open_there = open_elsewhere(*STARTS.values())
    ids = {name: sorted(there) for name, there in zip(STARTS, open_there, strict=True)}
    states = queries.by_state(db.session, ids)
    deletable = ids["erase"] or ids["restore"]
    of_deleted = states["erase"] or states["restore"]
    week_ago = (now() - WEEK).date()
    return page(
        "console/home.html",
        ids=ids,
        states=states,
        deleted=of_deleted[State.DELETED] if of_deleted else None,
        oldest=queries.oldest(db.session, deletable),
        recent=queries.recent(db.session, ids["activity"], week_ago) if ids["activity"] else None,
        most=queries.MOST,
    )


@console.get("/you")
@needs(Everyone.SIGNED_IN)
def you() -> Response:
    chosen = {"time_zone": zone().key, "page_size": size_asked_for()}
    return page("console/you.html", form=PreferencesForm(data=chosen))


@console.post("/you")
@needs(Everyone.SIGNED_IN)
def choose() -> Response:
    form = PreferencesForm()
    if not form.validate_on_submit():
        return page("console/you.html", status=422, form=form)
    chosen = {"time_zone": form.time_zone.data, "page_size": form.page_size.data}
    preferences.remember(db.session, reader().account_id, **chosen)
    flask.flash("What you chose has been kept.")
    return go_to(url_for("console.you"))


@console.get("/help")
@needs(Everyone.PUBLIC)
def help_page() -> Response:
    return page("console/help.html", states=MEANING)


@console.get("/help/why-can-i-not-erase")
@needs(Everyone.SIGNED_IN)
def why_not_erase() -> Response:
    conditions = conditions_for(db.session, reader().account_id, Verb.ERASE)
    return page("console/why_not_erase.html", conditions=conditions)


@console.get("/health")
@needs(Everyone.PUBLIC)
def ready() -> Response:
    """Whether requests can be answered: the database is of this version, is read and is written."""
    schema.refuse_unfit(db.session)
    return _well()


@console.get("/health/live")
@needs(Everyone.PUBLIC)
def live() -> Response:
    """Whether the process answers; one that does not is to be started anew."""
    return _well()


def _well() -> Response:
    return Response("well\n", mimetype="text/plain")
