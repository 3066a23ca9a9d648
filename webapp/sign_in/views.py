"""Signing in and out, and the password."""

from __future__ import annotations

from collections.abc import Sequence

import flask
import segno
from flask import Blueprint, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from webapp.db import db
from webapp.identity import passwords, second_factor, sessions
from webapp.lifecycle import first_administrator
from webapp.models import SecondFactor
from webapp.sign_in.forms import PasswordForm, SecondFactorForm, SignInForm
from webapp.times import now
from webapp.web.filters import waiting
from webapp.web.guard import Everyone, check_password, needs, reader, settings, sign_in
from webapp.web.known import remember
from webapp.web.page import go_to, page
from webapp.web.proof import check_code

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
    new = passwords.hashed(str(form.new.data))
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


@blueprint.get("/second-factor")
@needs(Everyone.SIGNED_IN)
def second_factor_page() -> Response:
    return _second_factor_page()


@blueprint.post("/second-factor/begin")
@needs(Everyone.SIGNED_IN)
def begin_second_factor() -> Response:
    form, person = SecondFactorForm("password"), reader()
    if not form.validate():
        return _second_factor_page(form)
    tried = check_password(person.user_name, form.password.data)
    if tried.account_id != person.account_id:
        form.password.errors = [waiting(tried.wait) or "This is not your password."]
        return _second_factor_page(form)
    factor = second_factor.begin(db.session, person.account_id)
    return _second_factor_page(factor=factor)


@blueprint.post("/second-factor/confirm")
@needs(Everyone.SIGNED_IN)
def confirm_second_factor() -> Response:
    form, account_id = SecondFactorForm("code"), reader().account_id
    codes = (
        second_factor.confirm(db.session, account_id, str(form.code.data), now())
        if form.validate()
        else []
    )
    if codes:
        return _second_factor_page(codes=codes)
    form.code.errors = ["This is not the code that your app shows. Begin again."]
    return _second_factor_page(form)


@blueprint.post("/second-factor/remove")
@needs(Everyone.SIGNED_IN)
def remove_second_factor() -> Response:
    form, account_id = SecondFactorForm("code"), reader().account_id
    if not form.validate():
        return _second_factor_page(form)
    tried = check_code(form.code.data)
    if tried.account_id is None:
        form.code.errors = [waiting(tried.wait) or "This code is not right, or was used before."]
        return _second_factor_page(form)
    second_factor.remove(db.session, account_id, now(), actor_id=account_id)
    return go_to(url_for("sign_in.second_factor_page"))


def _second_factor_page(
    form: SecondFactorForm | None = None,
    factor: SecondFactor | None = None,
    codes: Sequence[str] = (),
) -> Response:
    """Show the next step; `form` is one that was wrong, `factor` one to be confirmed."""
    person, name = reader(), reader().user_name
    on = second_factor.has(db.session, person.account_id)
    return page(
        "sign_in/second_factor.html",
        status=422 if form else 200,
        form=form or SecondFactorForm("code" if on or factor else "password"),
        on=on,
        left=second_factor.recovery_codes_left(db.session, person.account_id),
        secret=factor.secret if factor else "",
        picture=_picture(second_factor.address_of(factor, name)) if factor else "",
        codes=codes,
    )


def _picture(text: str) -> Markup:
    """Draw a QR code as part of a page."""
    drawn = segno.make_qr(text).svg_inline(scale=4, svgclass=None, lineclass=None, light="#fff")
    return Markup(drawn)  # noqa: S704  # a drawing that holds none of the text


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
