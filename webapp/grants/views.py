"""Grants: who holds which role in which domain; giving and taking them."""

from __future__ import annotations

from flask import Blueprint, flash, request, url_for
from werkzeug.wrappers import Response

from webapp.access import find, roles
from webapp.access import grants as setting_up
from webapp.db import db
from webapp.grants.forms import GiveForm, GrantsFilter
from webapp.models import Permission
from webapp.times import now
from webapp.web.choosing import back_to, preset
from webapp.web.forms import number_sent
from webapp.web.guard import needs, open_domain_ids, open_domains, reader
from webapp.web.page import go_to, page
from webapp.web.table import page_asked_for

grants = Blueprint("grants", __name__, url_prefix="/grants")
SIZE = 50


@grants.get("/")
@needs(Permission.GIVE_ROLES)
def show() -> Response:
    form = GrantsFilter(request.args, roles.every(db.session))
    form.domains.offer(open_domains())
    number, valid = page_asked_for(), form.validate()
    rows = (
        setting_up.within(db.session, form.domains.asked_for, form.role.data or None, number, SIZE)
        if valid
        else []
    )
    return page(
        "grants/grants.html",
        status=200 if valid else 422,
        form=form,
        rows=rows[:SIZE],
        more=len(rows) > SIZE,
        number=number,
    )


@grants.get("/give")
@needs(Permission.GIVE_ROLES)
def choose() -> Response:
    form = GiveForm(roles.every(db.session), open_domains())
    preset(form)
    return _form_page(form)


@grants.post("/give")
@needs(Permission.GIVE_ROLES)
def give() -> Response:
    form = GiveForm(roles.every(db.session), open_domains())
    if not form.validate() or not form.choose(open_domain_ids()):
        return _form_page(form)
    given = setting_up.give(
        db.session,
        form.account_id,
        form.role.data,
        form.domain.data,
        now(),
        actor_id=reader().account_id,
    )
    flash("The role has been given." if given else "The user held this role there already.")
    return go_to(back_to(url_for("grants.show", domains=form.domain.data))["back"])


@grants.post("/take")
@needs(Permission.GIVE_ROLES)
def take() -> Response:
    user = find.referred_to(db.session, request.form.get("user", ""))
    role_id, domain_id = number_sent("role"), number_sent("domain")
    taken = setting_up.take(
        db.session, user.account_id, role_id, domain_id, now(), actor_id=reader().account_id
    )
    flash("The role has been taken." if taken else "The user did not hold this role there.")
    return go_to(back_to(url_for("grants.show", domains=domain_id))["back"])


def _form_page(form: GiveForm) -> Response:
    return page(
        "grants/give.html",
        status=422 if form.errors else 200,
        form=form,
        **back_to(url_for("grants.show")),
    )
