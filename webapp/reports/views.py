"""Management Information: users and sign-ins, to read or to download."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from webapp.access import attributes
from webapp.access.attributes import Referred
from webapp.db import db
from webapp.importing.headings import OWN_EXPORT
from webapp.models import Permission, State
from webapp.reports import queries
from webapp.reports.forms import SignInsFilter, UsersFilter
from webapp.web import downloads
from webapp.web.guard import needs, open_domains
from webapp.web.page import page
from webapp.web.table import page_asked_for, size_asked_for

reports = Blueprint("reports", __name__, url_prefix="/reports")


@reports.get("/users")
@needs(Permission.MANAGEMENT_INFORMATION)
def users() -> Response:
    form = _offered(UsersFilter(request.args))
    state = form.state.data or ""
    if not form.validate():
        return page(
            "reports/users.html",
            status=422,
            form=form,
            rows=[],
            summary={},
            shown=[],
            states=State,
            more=False,
            number=1,
        )
    shown = attributes.every(db.session)
    domain_ids = form.domains.asked_for
    download = downloads.asked_for()
    if download:  # user names, so that a list that is imported again means the same people
        asked = queries.users(domain_ids, state=state, shown=shown, who=Referred.user_name)
        heading = [*OWN_EXPORT, *(attribute.name for attribute in shown)]
        return download("users", heading, _all(asked))
    asked = queries.users(domain_ids, state=state, shown=shown)
    size = size_asked_for()
    rows = queries.page_of(db.session, asked, page_asked_for(), size)
    summary = _summary(queries.users_by_domain(db.session, domain_ids, state=state))
    return page(
        "reports/users.html",
        form=form,
        rows=rows[:size],
        more=len(rows) > size,
        number=page_asked_for(),
        summary=summary,
        shown=shown,
        states=State,
    )


@reports.get("/sign-ins")
@needs(Permission.MANAGEMENT_INFORMATION)
def sign_ins() -> Response:
    form = _offered(SignInsFilter(request.args))
    if not form.validate():
        return page("reports/sign_ins.html", status=422, form=form, rows=[], more=False, number=1)
    asked = queries.sign_ins(form.domains.asked_for, since=form.since.data, until=form.until.data)
    download = downloads.asked_for()
    if download:
        return download("sign-ins", ["When (UTC)", "Name", "User name", "Domain"], _all(asked))
    size = size_asked_for()
    rows = queries.page_of(db.session, asked, page_asked_for(), size)
    return page(
        "reports/sign_ins.html",
        form=form,
        rows=rows[:size],
        more=len(rows) > size,
        number=page_asked_for(),
    )


def _offered(form: Any) -> Any:
    form.domains.offer(open_domains())
    return form


def _summary(counted: Any) -> dict[str, dict[str, int]]:
    """Return the number of users by state, by domain."""
    table: dict[str, dict[str, int]] = {}
    for domain, state, number in counted:
        table.setdefault(domain, {})[state] = number
    return table


def _all(asked: queries.AnySelect) -> Iterator[Any]:
    """Return every row, fetched as it is sent."""
    for row in db.session.execute(asked, execution_options={"yield_per": 1000}):
        yield [f"{value:%Y-%m-%d %H:%M}" if hasattr(value, "strftime") else value for value in row]
