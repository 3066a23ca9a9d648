"""Who may do what: a table by domain or by person, to read or to download."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import Blueprint, request
from werkzeug.wrappers import Response

from webapp.access import rights as queries
from webapp.db import db
from webapp.models import Permission
from webapp.rights.forms import BY_PERSON, RightsFilter
from webapp.web import downloads
from webapp.web.guard import needs, open_domains
from webapp.web.page import page
from webapp.web.table import page_asked_for

rights = Blueprint("rights", __name__)
SIZE = 50


@rights.get("/who-may-do-what")
@needs(Permission.WHO_MAY_DO_WHAT)
def show() -> Response:
    form = RightsFilter(request.args)
    form.domains.offer(open_domains())
    valid, number, download = form.validate(), page_asked_for(), downloads.asked_for()
    by_person = form.by.data == BY_PERSON
    if valid and download:
        return download("who-may-do-what", queries.HEADING, _everything(form, by_person=by_person))
    rows = (
        queries.people(
            db.session,
            form.domains.asked_for,
            form.asked_for,
            by_person=by_person,
            page=number,
            size=SIZE,
        )
        if valid
        else []
    )
    return page(
        "rights/rights.html",
        status=200 if valid else 422,
        form=form,
        by_person=by_person,
        rows=rows[:SIZE],
        held=queries.permissions_of(db.session, rows[:SIZE]),
        more=len(rows) > SIZE,
        number=number,
    )


def _everything(form: RightsFilter, *, by_person: bool) -> Iterator[Sequence[str]]:
    """Yield every row as it is sent, after the session of the view has been closed."""
    within, asked_for = form.domains.asked_for, form.asked_for
    yield from queries.everything(db.session, within, asked_for, by_person=by_person)
