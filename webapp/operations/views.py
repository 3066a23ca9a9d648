"""The pop-up: a frozen list, shown for confirmation, then performed. And receipts of erasures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, jsonify, request, url_for
from werkzeug.wrappers import Response

from webapp.db import db
from webapp.evidence import mentions
from webapp.evidence.receipt import KEPT, NOT_CHECKED, preview
from webapp.lifecycle import erase, operation
from webapp.lifecycle.consequences import consequences
from webapp.models import Operation, Outcome, Permission, Purpose, Selection
from webapp.operations import queries
from webapp.operations.forms import ConfirmForm
from webapp.states import TRANSITIONS, may
from webapp.times import now
from webapp.web import downloads, proof
from webapp.web.guard import (
    Everyone,
    forget_kept_pages,
    needs,
    open_domain_ids,
    reader,
)
from webapp.web.page import go_to, page
from webapp.web.table import page_asked_for, paging, size_asked_for

LISTED = 100  # users a page of the pop-up
EXAMPLES = 20  # of the users that were no longer as they were reviewed

operations = Blueprint("operations", __name__)


@operations.get("/operations/<operation_id>")
@needs(Everyone.SIGNED_IN)
def show(operation_id: str) -> Response:
    frozen = operation.own(db.session, reader().account_id, operation_id)
    if frozen.outcome is not Outcome.OPEN:
        return _result(frozen)
    operation.refuse_expired(frozen, now())
    download = downloads.asked_for()
    if download:  # before it is confirmed; it is not kept here, and gone once it is performed
        since = f"{TRANSITIONS[frozen.verb].since} (UTC)"
        return download("list", ["Name", "User name", "E-mail", "Domain", since], _rows(frozen))
    mentions.seek_once(db.session, frozen)
    return _popup(frozen, _form(frozen))


@operations.post("/operations/<operation_id>")
@needs(Everyone.SIGNED_IN)
def confirm(operation_id: str) -> Response:
    frozen = operation.own(db.session, reader().account_id, operation_id)
    new = frozen.outcome is Outcome.OPEN and mentions.seek_once(db.session, frozen)
    form = _form(frozen)
    if new or (frozen.outcome is Outcome.OPEN and not (form.validate() and proof.given(form))):
        return _popup(frozen, form, 422)
    remove = form.remove.data or []
    return _result(mentions.perform(db.session, reader().account_id, frozen.id, now(), remove))


@operations.get("/receipts")
@needs(Everyone.SIGNED_IN)
def receipts() -> Response:
    number, size = page_asked_for(), size_asked_for()
    rows = queries.receipts(db.session, reader().account_id, number, size)
    return page("operations/receipts.html", rows=rows[:size], more=len(rows) > size, number=number)


@operations.get("/receipts/<reference>")
@needs(Everyone.SIGNED_IN, within=Permission.ADMINISTRATOR_ACTIVITY)
def receipt(reference: str) -> Response:
    shown = queries.receipt(db.session, reader().account_id, open_domain_ids(), reference)
    if "json" in request.args:
        return _without_names(shown)
    return page("operations/receipt.html", shown=shown, kept=KEPT, not_checked=NOT_CHECKED)


def _without_names(shown: queries.ReceiptPage) -> Response:
    """Send a receipt as JSON, which leaves the platform, and so does not say who erased."""
    told: dict[str, object] = {
        "receipt": shown.reference,
        "day": shown.day.isoformat(),
        "moment": shown.at and shown.at.isoformat(timespec="seconds"),
        "accounts": shown.number,
        "accounts_by_domain": dict(shown.by_domain),
        "records_removed_by_kind": dict(shown.by_kind),
        "mentions_left": shown.left,
        "ledger_entry": shown.entry,
        "repeats_ledger_entries": list(shown.repeats),
        "files_scrubbed_on": shown.scrubbed_on and shown.scrubbed_on.isoformat(),
        "drill_last_passed": shown.drilled_at and shown.drilled_at.isoformat(timespec="seconds"),
        "kept": KEPT,
        "not_checked": NOT_CHECKED,
    }
    response = jsonify(told)
    response.headers["Content-Disposition"] = 'attachment; filename="receipt.json"'
    return response


def _rows(frozen: Operation) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a list as they are sent, after the session of the view has been closed."""
    for row in operation.everyone_on(db.session, frozen):
        since = f"{row.since:%Y-%m-%d %H:%M}"
        yield row.display_name, row.user_name, row.email, row.domain, since


def _form(frozen: Operation) -> ConfirmForm:
    asked = proof.needed() if TRANSITIONS[frozen.verb].final else proof.NOTHING
    mentioned = mentions.shown(db.session, frozen)
    return ConfirmForm(frozen, long=frozen.number > LISTED, proof=asked, mentioned=mentioned)


def _popup(frozen: Operation, form: ConfirmForm, status: int = 200) -> Response:
    paged = paging(frozen.number, LISTED)
    final = TRANSITIONS[frozen.verb].final
    return page(
        "operations/confirm.html",
        "popup",
        "listed",
        status=status,
        operation=frozen,
        rule=TRANSITIONS[frozen.verb],
        rows=operation.listed(db.session, frozen, paged.page, paged.size),
        totals=operation.by_domain(db.session, frozen),
        by_name=frozen.number <= operation.READABLE,
        paging=paged,
        form=form,
        consequences=consequences(db.session, frozen, now()),
        small=erase.small_domains(db.session, frozen) if final else 0,
        few=erase.FEW,
        mentions=form.mentioned,
        preview=lambda: preview(db.session, frozen),  # not counted for another page of the list
        back=_review(frozen) or _start(frozen),
    )


def _result(ended: Operation) -> Response:
    """Lead back to the search page, which says what was done; or say why it was not."""
    if ended.outcome is Outcome.PERFORMED:
        if TRANSITIONS[ended.verb].final and request.method == "POST":
            forget_kept_pages()
        return go_to(_start(ended, done=ended.id))
    changed = (
        operation.changed(db.session, ended, min(EXAMPLES, ended.changed)) if ended.changed else []
    )
    rule = TRANSITIONS[ended.verb]
    return page(
        "operations/not_performed.html",
        "popup",
        status=409,
        operation=ended,
        rule=rule,
        changed=changed,
        may=may(db.session, reader().account_id, ended.verb),  # asked anew: it may just be gone
        review=_review(ended),
        start=_start(ended),
    )


def _review(frozen: Operation) -> str | None:
    """Return where the users can be looked at again: their search, or the page of the one user.

    None where that is gone.
    """
    if frozen.purpose and frozen.selection_id:
        kept = db.session.get(Selection, frozen.selection_id)
        return url_for(f"{frozen.purpose}.results", selection_id=kept.id) if kept else None
    reference = operation.one_user(db.session, frozen)
    return url_for("people.show", reference=reference) if reference else None


def _start(frozen: Operation, **arguments: Any) -> str:
    """Return the search page that the list came from."""
    return url_for(f"{frozen.purpose or Purpose.MANAGE}.start", **arguments)
