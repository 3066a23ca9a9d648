"""The home page, help, and whether the server is well."""

from __future__ import annotations

from flask import Blueprint
from sqlalchemy import text
from werkzeug.wrappers import Response

from webapp.db import db
from webapp.states import MEANING
from webapp.web.guard import Everyone, needs
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


@console.get("/health")
@needs(Everyone.PUBLIC)
def health() -> Response:
    db.session.execute(text("SELECT 1"))
    return Response("well\n", mimetype="text/plain")
