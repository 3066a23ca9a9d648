"""Roles: their names, and what each allows."""

from __future__ import annotations

from flask import Blueprint, flash, url_for
from werkzeug.wrappers import Response

from webapp.access import roles as setting_up
from webapp.db import db
from webapp.models import ALLOWS, Permission, Role
from webapp.roles.forms import RoleForm
from webapp.times import now
from webapp.web.forms import said_at
from webapp.web.guard import needs, reader
from webapp.web.page import go_to, page

roles = Blueprint("roles", __name__, url_prefix="/roles")


@roles.get("/")
@needs(Permission.SET_UP_ROLES)
def show() -> Response:
    every = setting_up.every(db.session)
    return page("roles/roles.html", roles=every, most=len(Permission))


@roles.get("/new")
@needs(Permission.SET_UP_ROLES)
def new() -> Response:
    return _form_page(RoleForm())


@roles.post("/new")
@needs(Permission.SET_UP_ROLES)
def add() -> Response:
    form = RoleForm()
    if form.validate():
        with said_at(form.name):
            name = str(form.name.data)
            setting_up.add(db.session, name, form.ticked, now(), actor_id=reader().account_id)
    return _form_page(form) if form.errors else _done("The role has been added.")


@roles.get("/<int(max=2147483647):role_id>")
@needs(Permission.SET_UP_ROLES)
def edit(role_id: int) -> Response:
    role, held = setting_up.of_role(db.session, role_id)
    return _form_page(RoleForm(data={"name": role.name, "permissions": list(held)}), role)


@roles.post("/<int(max=2147483647):role_id>")
@needs(Permission.SET_UP_ROLES)
def change(role_id: int) -> Response:
    role, _ = setting_up.of_role(db.session, role_id)
    form = RoleForm()
    if form.validate():
        with said_at(form.name):
            name, actor_id = str(form.name.data), reader().account_id
            setting_up.change(db.session, role_id, name, form.ticked, now(), actor_id=actor_id)
    return _form_page(form, role) if form.errors else _done("The role is as you set it up.")


@roles.post("/<int(max=2147483647):role_id>/remove")
@needs(Permission.SET_UP_ROLES)
def remove(role_id: int) -> Response:
    setting_up.remove(db.session, role_id, now(), actor_id=reader().account_id)
    return _done("The role has been removed.")


def _form_page(form: RoleForm, role: Role | None = None) -> Response:
    return page(
        "roles/role.html",
        status=422 if form.errors else 200,
        form=form,
        role=role,
        held=setting_up.holders(db.session, role.id) if role else 0,
        allows=ALLOWS,
    )


def _done(what: str) -> Response:
    flash(what)
    return go_to(url_for("roles.show"))
