"""Second factors: an app that makes codes, and passkeys."""

from __future__ import annotations

from collections.abc import Sequence

import flask
import segno
from flask import Blueprint, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from webapp.db import db
from webapp.errors import Gone
from webapp.identity import passkeys, second_factor, sessions
from webapp.models import SecondFactor
from webapp.second_factor.forms import CodeForm, MadeForm, SecondFactorForm
from webapp.times import now
from webapp.web import proof
from webapp.web.guard import Everyone, needs, reader, settings
from webapp.web.page import go_to, page

blueprint = Blueprint("second_factor", __name__)
NOT_ADDED = (
    "This passkey was not accepted: it was made at another address, or too long ago, "
    "or it is kept here already. Begin again."
)


@blueprint.get("/second-factor")
@needs(Everyone.SIGNED_IN)
def show() -> Response:
    return _page(_form())


@blueprint.post("/second-factor/app/begin")
@needs(Everyone.SIGNED_IN)
def begin_app() -> Response:
    form = _form()
    if not (form.validate() and proof.given(form)):
        return _page(form, 422)
    return _app_page(CodeForm(), second_factor.begin(db.session, reader().account_id))


@blueprint.post("/second-factor/app/confirm")
@needs(Everyone.SIGNED_IN)
def confirm_app() -> Response:
    form, code = CodeForm(), ""
    if form.validate():
        code = str(form.code.data)
    codes = second_factor.confirm(db.session, reader().account_id, code, now())
    if codes is None:
        form.code.errors = ["This is not the code that your app shows. Begin again."]
        return _app_page(form)
    return _added(codes)


@blueprint.post("/second-factor/app/remove")
@needs(Everyone.SIGNED_IN)
def remove_app() -> Response:
    form = _form()
    if not (form.validate() and proof.given(form)):
        return _page(form, 422)
    if second_factor.remove_app(db.session, reader().account_id, now()):
        flask.flash("The app has been removed.")
    return go_to(url_for("second_factor.show"))


@blueprint.post("/second-factor/passkeys/begin")
@needs(Everyone.SIGNED_IN)
def begin_passkey() -> Response:
    """Ask the browser to make a passkey, once the reader has proven that it is them."""
    form = _form(named=True)
    if not (form.validate() and proof.given(form)):
        return _page(form, 422)
    name = str(form.called.data)
    made = passkeys.ask_for_new(db.session, reader().account_id, name, _site(), _session(), now())
    return page("second_factor/passkey.html", name=name, options=made, form=MadeForm())


@blueprint.post("/second-factor/passkeys/add")
@needs(Everyone.SIGNED_IN)
def add_passkey() -> Response:
    form, account_id = MadeForm(), reader().account_id
    made = str(form.passkey.data)
    codes = second_factor.add_passkey(db.session, account_id, made, _site(), _session(), now())
    if codes is None:
        form.form_errors = [NOT_ADDED]
        return page("second_factor/passkey.html", status=422, name="", options="", form=form)
    return _added(codes)


@blueprint.post("/second-factor/passkeys/<reference>/remove")
@needs(Everyone.SIGNED_IN)
def remove_passkey(reference: str) -> Response:
    form = _form()
    if not (form.validate() and proof.given(form)):
        return _page(form, 422)
    if second_factor.remove_passkey(db.session, reader().account_id, reference, now()):
        flask.flash("The passkey has been removed. Remove it from your device as well.")
    return go_to(url_for("second_factor.show"))


@blueprint.post("/second-factor/passkeys/ask")
@needs(Everyone.SIGNED_IN)
def ask() -> Response:
    """Return what the browser needs to use a passkey, as JSON: a script asks for it."""
    asked = passkeys.ask(db.session, reader().account_id, _site(), _session(), now())
    return Response(asked, mimetype="application/json")


def _form(*, named: bool = False) -> SecondFactorForm:
    return SecondFactorForm(proof.always(), named=named)


def _page(form: SecondFactorForm, status: int = 200) -> Response:
    account_id = reader().account_id
    return page(
        "second_factor/second_factor.html",
        status=status,
        form=form,
        app=form.proof.app,
        passkeys=passkeys.of(db.session, account_id),
        left=second_factor.recovery_codes_left(db.session, account_id),
        here=settings().passkeys_at,
    )


def _app_page(form: CodeForm, factor: SecondFactor | None = None) -> Response:
    """Show the secret of an app that is to be confirmed, or that the code was wrong."""
    name = reader().user_name
    return page(
        "second_factor/app.html",
        status=200 if factor else 422,
        form=form,
        secret=factor.secret if factor else "",
        picture=_picture(second_factor.address_of(factor, name)) if factor else "",
    )


def _added(codes: Sequence[str]) -> Response:
    return page("second_factor/added.html", codes=codes)


def _picture(text: str) -> Markup:
    """Draw a QR code as part of a page."""
    drawn = segno.make_qr(text).svg_inline(scale=4, svgclass=None, lineclass=None, light="#fff")
    return Markup(drawn)  # noqa: S704  # a drawing that holds none of the text


def _site() -> passkeys.Site:
    """Return what passkeys are bound to; Gone where the console has no name but numbers."""
    if not settings().passkeys_at:
        raise Gone("Passkeys need a name of the console, and it is reached by a number only.")
    return proof.site()


def _session() -> str:
    return sessions.hash_of(reader().token)
