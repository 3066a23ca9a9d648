"""What a reader sees when something was refused or went wrong: why, what next, a way back."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from flask import Flask, request, url_for
from flask.globals import request_ctx
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolIsEmpty
from werkzeug.exceptions import HTTPException, InternalServerError, Unauthorized
from werkzeug.wrappers import Response

from webapp.db import db
from webapp.errors import Busy, NotAllowed, Refused
from webapp.web.guard import record_refusal
from webapp.web.page import go_to, page_shown, refused, shown_in_place, wants_fragment

SENTENCES = {
    400: (
        "This request cannot be read",
        "The browser sent something that this page does not expect.",
        "Go back and try again.",
    ),
    403: (
        "You may not do this",
        "You do not hold the permission that this page needs.",
        "Ask an administrator if you think that you should.",
    ),
    404: (
        "Page not found",
        "There is no page at this address, or not any more.",
        "Start again from the Management Console.",
    ),
    405: (
        "Page not found",
        "There is no page at this address.",
        "Start again from the Management Console.",
    ),
    413: (
        "This is too much at once",
        "The form holds more than one page can send.",
        "Go back and try again with less.",
    ),
    422: (
        "There is a problem",
        "Something that was entered cannot be read.",
        "Go back and correct it.",
    ),
}
BROKEN = (
    "Something went wrong",
    "The fault is ours. If you have just pressed a button, look whether that was done "
    "before you press it again.",
    "If it happens again, send us a message.",
)
# SQLSTATE: serialisation failure, deadlock, lock not available, statement timeout.
WAITED_TOO_LONG = {"40001", "40P01", "55P03", "57014"}
UNREACHABLE = (
    "The console cannot be used just now",
    "Its database does not answer as it should. "
    "If you have just pressed a button, look whether that was done before you press it again.",
    "Try again in a few minutes.",
)
OTHER_HOST = "The console is not reached under this name. Check the address.\n"
SIGNED_OUT = (
    "You are no longer signed in",
    "Nothing was done, and what you ticked or unticked last was not saved.",
    "Sign in again: you will come back to this page.",
)
EXPIRED = (
    "This form has expired",
    "It was opened before you last signed in or out. Nothing has changed.",
    "Go back, load the page again, and send the form once more.",
)

log = logging.getLogger(__name__)


def install(app: Flask) -> None:
    """Answer every error with the same page, after rolling back what was begun."""
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(CSRFError, lambda _error: answer(400, *EXPIRED))
    app.register_error_handler(Unauthorized, lambda _error: _ask_to_sign_in())
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    for ours in (IntegrityError, DataError):  # the statement is to blame, not the database
        app.register_error_handler(ours, _broken)
    app.register_error_handler(PoolIsEmpty, lambda _error: _refused(Busy()))
    app.register_error_handler(Exception, _broken)


def answer(
    status: int, title: str, sentence: str, next_step: str, link: tuple[str, str] | None = None
) -> Response:
    """Say what was refused or went wrong; `link` is the address and the name of a page to go to."""
    db.session.rollback()
    if status >= 500 and request.endpoint == "operations.confirm":
        link = (request.path, "See what has become of this list")
    return refused(
        "error.html",
        status,
        title=title,
        sentence=sentence,
        next_step=next_step,
        link=link,
        back=_back(),
        bare=status >= 500,  # who is signed in may be what cannot be found out
    )


def _ask_to_sign_in() -> Response:
    """Lead to the sign-in page and back to the page that the reader was on.

    Where only a part of that was asked for, the page stays, and it says so.
    """
    sign_in = url_for("sign_in.show", next=_here())
    return answer(403, *SIGNED_OUT, (sign_in, "Sign in")) if shown_in_place() else go_to(sign_in)


def _here() -> str | None:
    """Return the page to come back to after signing in.

    Not a form or a fragment, but the page that it was on, which then says what was lost.
    """
    sent = request.method != "GET"
    page = page_shown() if wants_fragment() else (request.referrer or "") if sent else request.url
    try:
        shown = urlsplit(page)
    except ValueError:
        return None
    path = shown.path
    if path == "/" or (sent and shown.netloc != request.host):
        return None
    return (
        f"{path}?unsaved=1"
        if "was_ticked" in request.form or "was_unticked" in request.form
        else path
    )


def _refused(error: Refused) -> Response:
    """Answer what was refused; a permission that somebody lacks is recorded as well."""
    if isinstance(error, NotAllowed):
        db.session.rollback()
        record_refusal()
    link = (url_for(error.explained_at), "Why can I not erase?") if error.explained_at else None
    return answer(error.status, error.title, error.sentence, error.next_step, link)


def _http(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    if request_ctx.url_adapter is None:  # a page has links, which need a host
        return Response(OTHER_HOST, 400, mimetype="text/plain")
    if isinstance(error, InternalServerError) and isinstance(
        error.original_exception, DBAPIError
    ):  # one that came outside of a view
        return _database(error.original_exception)
    return answer(error.code, *SENTENCES.get(error.code, BROKEN))


def _database(error: DBAPIError) -> Response:
    """Answer what the database says. Waiting too long for a lock is no fault.

    Anything else may have come at the commit, so that nothing is claimed.
    """
    state, name = getattr(error.orig, "sqlstate", None), getattr(error.orig, "sqlite_errorname", "")
    if state in WAITED_TOO_LONG or name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return _refused(Busy())
    note(error)
    return answer(503, *UNREACHABLE)


def _broken(error: Exception) -> Response:
    note(error)
    return answer(500, *BROKEN)


def note(error: BaseException | None) -> None:
    """Log where it happened, not what it said: an exception's text can hold what someone typed."""
    frames, trace = [], error.__traceback__ if error else None
    while trace:
        frames.append(f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}")
        trace = trace.tb_next
    log.error(
        "%s at %s in %s", type(error).__name__, request.endpoint, " < ".join(reversed(frames[-6:]))
    )


def _back() -> str:
    """Return the page before, where it is one of ours; otherwise the home page."""
    before = request.referrer or ""
    return (
        before
        if before.startswith(request.host_url) and before != request.url
        else url_for("console.home")
    )
