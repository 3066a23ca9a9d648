"""The home page, help, and whether the server is well."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from webapp import schema
from webapp.db import db
from webapp.models import Verb
from webapp.states import MEANING, conditions_for
from webapp.web.guard import Everyone, needs, reader
from webapp.web.page import page

console = Blueprint("console", __name__)


@console.get("/")
@needs(Everyone.SIGNED_IN)
def home() -> Response:
    return page("console/home.html")


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
