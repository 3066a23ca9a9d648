"""The answer to a request: a whole page, or the one block of it that HTMX asked for.

How HTMX asks, and how it is led elsewhere, is known here only.
"""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request
from jinja2_fragments.flask import render_block
from werkzeug.urls import iri_to_uri
from werkzeug.wrappers import Response

VARY = "HX-Request, HX-Target, HX-Boosted, HX-History-Restore-Request"
POPUP, SAID = ("popup", "outerHTML"), ("said", "innerHTML")
PLACES = {"popup": POPUP, "listed": POPUP, "results": SAID, "chosen": SAID}


def page(
    template: str,
    *blocks: str,
    along: tuple[str, str] | None = None,
    status: int = 200,
    **values: Any,
) -> Response:
    """Draw `template`, or the one of its `blocks` whose element HTMX wants to swap.

    `values` are all that the template sees. `along`, a template and a block of it, goes with any
    block, to where its own id is (`hx-swap-oob`).
    """
    block = _wanted()
    parts = (
        [render_template(template, **values)]
        if block not in blocks
        else [render_block(*part, **values) for part in ((template, block), along) if part]
    )
    response = make_response("".join(parts), status)
    response.headers["Vary"] = VARY
    return response


def go_to(url: str) -> Response:
    """Send the browser to another page, also out of a fragment."""
    if not wants_fragment():
        return redirect(url, 303)
    return Response(headers={"HX-Redirect": iri_to_uri(url), "Vary": VARY})


def refused(template: str, status: int, **values: Any) -> Response:
    """Draw why something was refused: where the reader is, or else as a whole page.

    The template's block `popup` is shown in the pop-up, `said` above what is on the page.
    """
    block, swap = PLACES.get(_wanted(), ("", ""))
    drawn = (
        render_block(template, block, **values) if block else render_template(template, **values)
    )
    response = make_response(drawn, status)
    response.headers["Vary"] = VARY
    if wants_fragment():
        response.headers["HX-Retarget"] = f"#{block}" if block else "body"
        response.headers["HX-Reswap"] = swap or "innerHTML"
    return response


def shown_in_place() -> bool:
    """Tell whether an error can be shown where the reader is."""
    return _wanted() in PLACES


def page_shown() -> str:
    """Return the URL of the page that asks for a fragment."""
    return request.headers.get("HX-Current-URL", "")


def wants_fragment() -> bool:
    headers = request.headers
    whole = (
        headers.get("HX-Boosted")
        or headers.get("HX-History-Restore-Request")
        or headers.get("HX-Request-Type") == "full"
    )
    return headers.get("HX-Request") == "true" and not whole


def _wanted() -> str:
    """Return the id of the element to be swapped: htmx 4 sends `tag#id`."""
    return request.headers.get("HX-Target", "").partition("#")[2] if wants_fragment() else ""
