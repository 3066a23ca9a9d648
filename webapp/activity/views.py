"""Administrator activity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from webapp.activity import queries
from webapp.activity.forms import ActivityFilter
from webapp.db import db
from webapp.events import Recorded
from webapp.evidence.data_map import data_map
from webapp.evidence.receipt import last_passed
from webapp.models import Permission
from webapp.web.guard import needs, open_domains
from webapp.web.page import page
from webapp.web.table import page_asked_for, size_asked_for

activity = Blueprint("activity", __name__)


@activity.get("/activity")
@needs(Permission.ADMINISTRATOR_ACTIVITY)
def show() -> Response:
    form = ActivityFilter(request.args)
    form.domains.offer(open_domains())
    number, size = page_asked_for(), size_asked_for()
    valid = form.validate()
    found = _events(form, number, size) if valid else []
    status = 200 if valid else 422
    return page(
        "activity/activity.html",
        status=status,
        form=form,
        events=found[:size],
        more=len(found) > size,
        number=number,
        recorded=Recorded,
    )


@activity.get("/activity/data-map")
@needs(Permission.ADMINISTRATOR_ACTIVITY)
def what_is_kept() -> Response:
    passed = last_passed(db.session)
    return page("activity/data_map.html", tables=data_map(), drilled_at=passed)


def _events(form: ActivityFilter, number: int, size: int) -> Sequence[Any]:
    return queries.events(
        db.session,
        form.domains.asked_for,
        elsewhere=not form.domains.ticked,
        since=form.since.data,
        until=form.until.data,
        what=form.what.data or "",
        page=number,
        size=size,
    )
