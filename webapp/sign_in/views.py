"""Signing in and out, and the password."""

from __future__ import annotations

from collections.abc import Sequence

import flask
from flask import Blueprint, request, url_for
from werkzeug.wrappers import Response

from webapp.db import db
from webapp.identity import passwords, sessions
from webapp.lifecycle import first_administrator
from webapp.sign_in.forms import PasswordForm, SignInForm
from webapp.times import now
from webapp.web.filters import waiting
from webapp.web.guard import Everyone, check_password, needs, reader, settings, sign_in
from webapp.web.known import remember
from webapp.web.page import go_to, page

blueprint = Blueprint("sign_in", __name__)
WRONG = "The user name or the password is not right."


@blueprint.get("/sign-in")
@needs(Everyone.PUBLIC)
def show() -> Response:
    if not settings().demo and first_administrator.nothing_set_up(db.session):
        return go_to(url_for("first_start.show"))
    return _page(SignInForm())


@blueprint.post("/sign-in")
@needs(Everyone.PUBLIC)
def try_password() -> Response:
    form = SignInForm()
    if not form.validate_on_submit():
        return _page(form, 422)
    tried = check_password(form.user_name.data, form.password.data)
    if tried.account_id is None:
        form.password.errors = [waiting(tried.wait) or WRONG]
        return _page(form, 422)
    sign_in(tried.account_id)
    response = go_to(_next() or url_for("console.home"))
    remember(response, str(form.user_name.data))
    return response


@blueprint.post("/sign-out")
@needs(Everyone.SIGNED_IN)
def end() -> Response:
    sessions.close_session(db.session, reader().token)
    flask.session.clear()
    return go_to(url_for("sign_in.show"))


@blueprint.get("/password")
@needs(Everyone.SIGNED_IN)
def password() -> Response:
    return _password_page(_password_form())


@blueprint.post("/password")
@needs(Everyone.SIGNED_IN)
def change_password() -> Response:
    form, person = _password_form(), reader()
    if not form.validate_on_submit():
        return _password_page(form, 422)
    new = passwords.hashed(str(form.new.data), session=db.session)
    tried = check_password(person.user_name, form.present.data)
    if tried.account_id != person.account_id:
        form.present.errors = [waiting(tried.wait) or "This is not your present password."]
        return _password_page(form, 422)
    passwords.set_password(db.session, person.account_id, new, now(), actor_id=person.account_id)
    sign_in(person.account_id)
    flask.flash("Your password has been changed. You have been signed out everywhere else.")
    return go_to(url_for("sign_in.password"))


@blueprint.post("/sessions/<reference>/end")
@needs(Everyone.SIGNED_IN)
def end_session(reference: str) -> Response:
    if sessions.close_one(db.session, reader().account_id, reference):
        flask.flash("The session has been ended.")
    return go_to(url_for("sign_in.password"))


@blueprint.post("/sessions/end-others")
@needs(Everyone.SIGNED_IN)
def end_others() -> Response:
    ended = sessions.close_others(db.session, reader().account_id, reader().token)
    if ended:
        flask.flash(f"{ended} other {'session has' if ended == 1 else 'sessions have'} been ended.")
    return go_to(url_for("sign_in.password"))


def _password_form() -> PasswordForm:
    return PasswordForm(reader().user_name, reader().name)


def _password_page(form: PasswordForm, status: int = 200) -> Response:
    return page(
        "sign_in/password.html",
        status=status,
        form=form,
        open_sessions=sessions.sessions_of(db.session, reader().account_id, now()),
        this_one=sessions.hash_of(reader().token),
    )


def _page(form: SignInForm, status: int = 200) -> Response:
    return page(
        "sign_in/sign_in.html", status=status, form=form, next=_next(), people=_demo_people()
    )


def _demo_people() -> Sequence[object]:
    """Return the people whose passwords the page shows: nobody but in demo mode."""
    if not settings().demo:
        return ()
    # Imported here: outside the demo, names and passwords of its people are not in the process.
    from webapp.demo.people import DEMO_PEOPLE

    return DEMO_PEOPLE


def _next() -> str | None:
    """Return the page to go on to: a path of this console, never another site."""
    path = request.values.get("next", "")
    odd = any(
        character <= " " or character == "\\" for character in path
    )  # which browsers drop or turn into a slash
    return path if path.startswith("/") and not path.startswith("//") and not odd else None
