"""Billing: accounts per domain and month, a year at a time, and the list behind a number."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, request
from werkzeug.wrappers import Response

from webapp.billing import queries
from webapp.db import db
from webapp.errors import Gone
from webapp.models import Permission
from webapp.times import month_of, now
from webapp.web.guard import needs, open_domain, open_domains
from webapp.web.page import page
from webapp.web.table import paging

billing = Blueprint("billing", __name__)


@billing.get("/billing")
@needs(Permission.BILLING)
def show() -> Response:
    this_month = month_of(now())
    domains = open_domains()
    domain_ids = [domain.id for domain in domains]
    first = queries.first_month(db.session, domain_ids) or this_month
    years = range(this_month.year, first.year - 1, -1)
    year = request.args.get("year", this_month.year, int)
    if year not in years:
        raise Gone("Nothing is known of this year.")
    months = [
        month
        for month in (date(year, number, 1) for number in range(1, 13))
        if first <= month <= this_month
    ]
    return page(
        "billing/billing.html",
        domains=domains,
        months=months,
        statistics=queries.statistics(db.session, domain_ids, months),
        year=year,
        years=years,
    )


@billing.get("/billing/<int(max=2147483647):domain_id>/<month:month>")
@needs(Permission.BILLING)
def behind(domain_id: int, month: date) -> Response:
    domain = open_domain(domain_id)
    if month > month_of(now()):
        raise Gone("This month has not begun.")
    total, erased = queries.counted(db.session, domain_id, month)
    paged = paging(total - erased)
    rows = queries.people(db.session, domain_id, month, paged.page, paged.size)
    return page(
        "billing/behind.html",
        domain=domain,
        month=month,
        total=total,
        erased=erased,
        rows=rows,
        paging=paged,
    )
