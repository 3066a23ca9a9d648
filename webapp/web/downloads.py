"""Which download of a report is asked for."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from webapp.web import csv, xlsx


def asked_for() -> Callable[..., Response] | None:
    """Return what sends a table in the form that the pressed button names; None for a page."""
    if "csv" in request.args:
        return csv.download
    return xlsx.download if "xlsx" in request.args else None
