"""Contacts: the users named for a domain, and which of them are primary."""

from __future__ import annotations

from flask import Blueprint, flash, request, url_for
from werkzeug.wrappers import Response

from webapp.access import contacts as setting_up
from webapp.access import find
from webapp.contacts.forms import ContactForm, ContactsFilter
from webapp.db import db
from webapp.models import Permission
from webapp.times import now
from webapp.web.choosing import back_to, preset
from webapp.web.forms import number_sent
from webapp.web.guard import needs, open_domain_ids, open_domains, reader
from webapp.web.page import go_to, page
from webapp.web.table import page_asked_for

contacts = Blueprint("contacts", __name__, url_prefix="/contacts")
SIZE = 50


@contacts.get("/")
@needs(Permission.NAME_CONTACTS)
def show() -> Response:
    form = ContactsFilter(request.args)
    form.domains.offer(open_domains())
    number, valid = page_asked_for(), form.validate()
    asked_for = form.domains.asked_for
    rows = setting_up.within(db.session, asked_for, number, SIZE) if valid else []
    return page(
        "contacts/contacts.html",
        status=200 if valid else 422,
        form=form,
        rows=rows[:SIZE],
        more=len(rows) > SIZE,
        number=number,
    )


@contacts.get("/name")
@needs(Permission.NAME_CONTACTS)
def choose() -> Response:
    form = ContactForm(open_domains())
    preset(form)
    return _form_page(form)


@contacts.post("/name")
@needs(Permission.NAME_CONTACTS)
def name() -> Response:
    form = ContactForm(open_domains())
    if not form.validate() or not form.choose(open_domain_ids()):
        return _form_page(form)
    return _named(form.account_id, form.domain.data, primary=form.primary.data)


@contacts.post("/change")
@needs(Permission.NAME_CONTACTS)
def change() -> Response:
    """Make a contact a primary one, or no primary one."""
    account_id = find.referred_to(db.session, request.form.get("user", "")).account_id
    return _named(account_id, number_sent("domain"), primary="primary" in request.form)


@contacts.post("/remove")
@needs(Permission.NAME_CONTACTS)
def remove() -> Response:
    account_id = find.referred_to(db.session, request.form.get("user", "")).account_id
    domain_id = number_sent("domain")
    if _to_be_confirmed(account_id, domain_id):
        return _warning(account_id, domain_id)
    removed = setting_up.remove(
        db.session, account_id, domain_id, now(), actor_id=reader().account_id
    )
    flash("The contact has been removed." if removed else "The user was no contact there.")
    return go_to(back_to(url_for("contacts.show", domains=domain_id))["back"])


def _named(account_id: int, domain_id: int, *, primary: bool) -> Response:
    if not primary and _to_be_confirmed(account_id, domain_id):
        return _warning(account_id, domain_id)
    actor_id = reader().account_id
    named = setting_up.name(
        db.session, account_id, domain_id, now(), primary=primary, actor_id=actor_id
    )
    flash("The contact has been named." if named else "The user was such a contact already.")
    return go_to(back_to(url_for("contacts.show", domains=domain_id))["back"])


def _to_be_confirmed(account_id: int, domain_id: int) -> bool:
    """Tell whether nobody could erase afterwards, and the reader has not said that they know."""
    return "confirmed" not in request.form and setting_up.leaves_nobody(
        db.session, account_id, domain_id
    )


def _warning(account_id: int, domain_id: int) -> Response:
    """Say that nobody could erase there, and ask whether to go on."""
    return page(
        "contacts/nobody_left.html",
        status=409,
        person=find.user(db.session, account_id),
        domain=find.domain(db.session, domain_id),
        removing=request.endpoint == "contacts.remove",
        url=request.path,
        **back_to(url_for("contacts.show", domains=domain_id)),
    )


def _form_page(form: ContactForm) -> Response:
    return page(
        "contacts/name.html",
        status=422 if form.errors else 200,
        form=form,
        **back_to(url_for("contacts.show")),
    )
