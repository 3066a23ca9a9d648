"""Domains: their names, how many contacts each has, and which are not in use."""

from __future__ import annotations

from flask import Blueprint, flash, url_for
from werkzeug.wrappers import Response

from webapp.access import domains as setting_up
from webapp.db import db
from webapp.domains.forms import DomainForm
from webapp.models import Permission
from webapp.times import now
from webapp.web.forms import said_at
from webapp.web.guard import needs, open_domain, open_domains, reader
from webapp.web.page import go_to, page
from webapp.web.table import paging

domains = Blueprint("domains", __name__, url_prefix="/domains")


@domains.get("/")
@needs(Permission.SET_UP_DOMAINS)
def show() -> Response:
    return _list_page(DomainForm())


@domains.post("/")
@needs(Permission.SET_UP_DOMAINS)
def add() -> Response:
    form = DomainForm()
    if form.validate():
        with said_at(form.name):
            setting_up.add(db.session, str(form.name.data), now(), actor_id=reader().account_id)
    return _list_page(form) if form.errors else _done("The domain has been added.")


@domains.get("/<int(max=2147483647):domain_id>")
@needs(Permission.SET_UP_DOMAINS)
def edit(domain_id: int) -> Response:
    return _form_page(domain_id, DomainForm(data={"name": open_domain(domain_id).name}))


@domains.post("/<int(max=2147483647):domain_id>")
@needs(Permission.SET_UP_DOMAINS)
def rename(domain_id: int) -> Response:
    form, actor_id = DomainForm(), reader().account_id
    if form.validate():
        with said_at(form.name):
            setting_up.rename(db.session, domain_id, str(form.name.data), now(), actor_id=actor_id)
    return _form_page(domain_id, form) if form.errors else _done("The domain has been renamed.")


@domains.post("/<int(max=2147483647):domain_id>/remove")
@needs(Permission.SET_UP_DOMAINS)
def remove(domain_id: int) -> Response:
    setting_up.remove(db.session, domain_id, now(), actor_id=reader().account_id)
    return _done("The domain has been removed.")


def _list_page(form: DomainForm) -> Response:
    every = open_domains()
    paged = paging(len(every))
    shown = every[(paged.page - 1) * paged.size :][: paged.size]
    return page(
        "domains/domains.html",
        status=422 if form.errors else 200,
        form=form,
        shown=shown,
        counted=setting_up.counted(db.session, [domain.id for domain in shown]),
        paging=paged,
    )


def _form_page(domain_id: int, form: DomainForm) -> Response:
    domain = open_domain(domain_id)
    return page(
        "domains/domain.html",
        status=422 if form.errors else 200,
        form=form,
        domain=domain,
        uses=setting_up.uses(db.session, domain_id, reader().account_id),
    )


def _done(what: str) -> Response:
    flash(what)
    return go_to(url_for("domains.show"))
