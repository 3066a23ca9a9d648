"""The first start: somebody becomes the administrator, and five steps lead on from there."""

from __future__ import annotations

import logging

from flask import Blueprint, current_app, flash, request, url_for
from werkzeug.wrappers import Response

from webapp.db import db
from webapp.errors import Gone
from webapp.first_start import queries
from webapp.first_start.forms import FirstForm
from webapp.identity import attempts, passwords
from webapp.lifecycle import first_administrator
from webapp.lifecycle.first_administrator import COUNTS_FOR, New
from webapp.models import Permission
from webapp.times import now
from webapp.web.filters import waiting
from webapp.web.forms import said_at
from webapp.web.guard import Everyone, needs, sign_in
from webapp.web.page import go_to, page

first_start = Blueprint("first_start", __name__)
log = logging.getLogger(__name__)
WRONG = "This is not the code in the log, or it counts no more."


@first_start.get("/first-start")
@needs(Everyone.PUBLIC)
def show() -> Response:
    if not first_administrator.can_be_made(db.session):
        return page("first_start/over.html")
    return _page(FirstForm())


@first_start.post("/first-start/code")
@needs(Everyone.PUBLIC)
def write_code() -> Response:
    """Write a code to the log, unless one that was written before still counts."""
    _refuse_once_begun()
    code = first_administrator.new_code(db.session, now())
    if code:
        log.warning(first_administrator.announcement(code))
    flash(
        "A code has been written to the console’s log."
        if code
        else "The code that was written to the console’s log before still counts."
    )
    return go_to(url_for("first_start.show"))


@first_start.post("/first-start")
@needs(Everyone.PUBLIC)
def begin() -> Response:
    _refuse_once_begun()
    form = FirstForm()
    if not form.validate():
        return _page(form)
    key, address = str(current_app.secret_key), request.remote_addr or ""
    # Not under a name, which everybody who guesses would share with whoever has the code.
    _, *counted = attempts.counters(key, "", address)
    tried = first_administrator.check(db.session, str(form.code.data), now(), counted)
    if not tried.right:
        form.code.errors = [waiting(tried.wait) or WRONG]
        return _page(form)
    password_hash = passwords.hashed(str(form.new.data))
    account_id = 0
    with said_at(form.user_name):
        new = New(str(form.user_name.data), str(form.display_name.data), str(form.domain.data))
        code = str(form.code.data)
        account_id = first_administrator.make(db.session, code, new, password_hash, now())
    if form.errors:
        return _page(form)
    sign_in(account_id)
    flash("You are the first administrator.")
    return go_to(url_for("first_start.steps"))


@first_start.get("/first-steps")
@needs(Permission.GIVE_ROLES)
def steps() -> Response:
    return page(
        "first_start/steps.html",
        progress=queries.progress(db.session),
    )


def _refuse_once_begun() -> None:
    if not first_administrator.can_be_made(db.session):
        raise Gone("There is an administrator already.", "Sign in, or ask them for a role.")


def _page(form: FirstForm) -> Response:
    return page(
        "first_start/first_start.html",
        status=422 if form.errors else 200,
        form=form,
        minutes=COUNTS_FOR.seconds // 60,
    )
