"""Attributes: the named extra fields of users."""

from __future__ import annotations

from flask import Blueprint, flash, request, url_for
from werkzeug.wrappers import Response

from webapp.access import attributes as setting_up
from webapp.attributes.forms import MEANING, AttributeForm
from webapp.db import db
from webapp.models import Attribute, Kind, Permission
from webapp.times import now
from webapp.web.forms import said_at
from webapp.web.guard import needs, reader
from webapp.web.page import go_to, page

attributes = Blueprint("attributes", __name__, url_prefix="/attributes")


@attributes.get("/")
@needs(Permission.SET_UP_ATTRIBUTES)
def show() -> Response:
    return _list_page(AttributeForm())


@attributes.post("/")
@needs(Permission.SET_UP_ATTRIBUTES)
def add() -> Response:
    form, actor_id = AttributeForm(), reader().account_id
    if form.validate():
        with said_at(form.name):
            name, kind = str(form.name.data), Kind(form.kind.data)
            setting_up.add(db.session, name, kind, now(), actor_id=actor_id)
    return _list_page(form) if form.errors else _done("The attribute has been added.")


@attributes.get("/<int(max=2147483647):attribute_id>")
@needs(Permission.SET_UP_ATTRIBUTES)
def edit(attribute_id: int) -> Response:
    attribute, values = setting_up.with_values(db.session, attribute_id)
    form = AttributeForm(data={"name": attribute.name, "kind": attribute.kind})
    return _form_page(form, attribute, values)


@attributes.post("/<int(max=2147483647):attribute_id>")
@needs(Permission.SET_UP_ATTRIBUTES)
def change(attribute_id: int) -> Response:
    attribute, values = setting_up.with_values(db.session, attribute_id)
    form, actor_id = AttributeForm(), reader().account_id
    if form.validate():
        with said_at(form.name):
            name, kind = str(form.name.data), Kind(form.kind.data)
            setting_up.change(db.session, attribute_id, name, kind, now(), actor_id=actor_id)
    if form.errors:
        return _form_page(form, attribute, values)
    return _done("The attribute is as you set it up.")


@attributes.get("/<int(max=2147483647):attribute_id>/remove")
@needs(Permission.SET_UP_ATTRIBUTES)
def review(attribute_id: int) -> Response:
    attribute, values = setting_up.with_values(db.session, attribute_id)
    return page(
        "attributes/remove.html",
        attribute=attribute,
        values=values,
    )


@attributes.post("/<int(max=2147483647):attribute_id>/remove")
@needs(Permission.SET_UP_ATTRIBUTES)
def remove(attribute_id: int) -> Response:
    values, actor_id = request.form.get("values", -1, int), reader().account_id
    setting_up.remove(db.session, attribute_id, values, now(), actor_id=actor_id)
    return _done("The attribute has been removed.")


def _list_page(form: AttributeForm) -> Response:
    return page(
        "attributes/attributes.html",
        status=422 if form.errors else 200,
        form=form,
        attributes=setting_up.every(db.session),
        meaning=MEANING,
    )


def _form_page(form: AttributeForm, attribute: Attribute, values: int) -> Response:
    return page(
        "attributes/attribute.html",
        status=422 if form.errors else 200,
        form=form,
        attribute=attribute,
        values=values,
    )


def _done(what: str) -> Response:
    flash(what)
    return go_to(url_for("attributes.show"))
