"""What users can be searched by: each criterion on each page that offers it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from webtest import Form

from tests.conftest import Client
from tests.factories import Office, a_search, domains_searched
from webapp.config import Settings
from webapp.db import begin_writing
from webapp.errors import Invalid
from webapp.lifecycle import operation
from webapp.models import Outcome, Purpose, Selection, Verb
from webapp.searching.criteria import CRITERIA, Criterion
from webapp.times import now

PAGES = {
    Purpose.MANAGE: "/users/",
    Purpose.ERASE: "/users/erase-deleted/",
    Purpose.RESTORE: "/users/restore-deleted/",
}
EXAMPLES: dict[str, dict[str, Any]] = {  # by the name of the criterion, what is asked for
    "since": {"since_from": "2025-05-01", "since_to": "2025-05-31"},
    "last_sign_in": {"last_sign_in_when": "or_never"},
    "keyword": {"keyword": "Zoë example.org"},
    "deleted_by": {"deleted_by": "Owen"},
    "list": {"list": "zoe@example.org, anna.archer"},
    "state": {"state": "archived"},
    "domains": {"domains": [1]},
}
OFFERED = [(criterion, purpose) for criterion in CRITERIA for purpose in criterion.pages]


@pytest.mark.parametrize(
    ("criterion", "purpose"), OFFERED, ids=[f"{each.name}-{page}" for each, page in OFFERED]
)
def test_what_is_asked_for_is_kept_and_shown_again(
    web: Client, session: Session, office: Office, criterion: Criterion, purpose: Purpose
) -> None:
    example = EXAMPLES[criterion.name]
    web.sign_in("priya.contact")
    form = web.get(PAGES[purpose]).forms["search"]
    for field, value in example.items():
        if isinstance(value, list):
            box = next(each for each in form.fields[field] if int(each._value) in value)
            box.checked = True
        else:
            form[field] = value
    shown = form.submit().follow().click("Change search").forms["search"]
    assert filled(shown) == filled(form)
    made = session.scalars(select(Selection)).one()
    assert made.asked == example
    assert made.words == (example if criterion.names_people else None)


def filled(form: Form) -> list[tuple[str, str]]:
    return [(name, value) for name, value in form.submit_fields() if name != "csrf_token"]


def test_every_field_belongs_to_one_criterion() -> None:
    fields = [field for criterion in CRITERIA for field in criterion.fields]
    assert len(fields) == len(set(fields))


def test_these_criteria_may_name_somebody() -> None:
    """An erasure forgets what is asked for by them."""
    assert {criterion.name for criterion in CRITERIA if criterion.names_people} == {
        "keyword",
        "deleted_by",
        "list",
    }


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"keyword": " \N{COMBINING ACUTE ACCENT}"}, "Type at least one letter or digit."),
        ({"keyword": "x" * 201}, "Use 200 characters or fewer."),
        (
            {"since_from": "2025-05-21", "since_to": "2025-05-20"},
            "This date lies before the first one.",
        ),
    ],
)
def test_what_cannot_be_searched_by_is_refused(
    session: Session, office: Office, asked: dict[str, str], why: str
) -> None:
    with pytest.raises(Invalid, match=why):
        a_search(session, office.priya.account_id, Purpose.ERASE, asked)
    assert session.scalars(select(Selection)).all() == []


def test_erasing_forgets_words_and_keeps_whom_a_search_found(
    session: Session, office: Office
) -> None:
    owen, priya = office.owen.account_id, office.priya.account_id
    session.commit()
    begin_writing(session)
    for criterion, purpose in OFFERED:
        a_search(session, owen, purpose, EXAMPLES[criterion.name])
    made = a_search(session, priya, Purpose.ERASE)
    domains, limits = domains_searched(session, made), Settings().limits
    frozen = operation.freeze(session, Verb.ERASE, made, domains, now(), limits)
    done = operation.perform(session, priya, frozen.id, now())
    assert done.outcome is Outcome.PERFORMED
    session.expire_all()
    kept = session.scalars(select(Selection).where(Selection.account_id == owen))
    assert sorted((each.purpose, str(each.asked), each.words_forgotten) for each in kept) == sorted(
        (purpose, "{}", True)
        if criterion.names_people
        else (purpose, str(EXAMPLES[criterion.name]), False)
        for criterion, purpose in OFFERED
    )


def test_erasing_forgets_a_search_by_words_whose_users_are_too_many_to_keep(
    session: Session, office: Office
) -> None:
    owen, priya = office.owen.account_id, office.priya.account_id
    session.commit()
    begin_writing(session)
    asked = {"keyword": "example.org"}
    by_words, kept = (a_search(session, owen, Purpose.RESTORE, asked, most).id for most in (3, 4))
    without_words = a_search(session, owen, Purpose.RESTORE, most=3).id
    made = a_search(session, priya, Purpose.ERASE, {"keyword": "walsh"})
    domains, limits = domains_searched(session, made), Settings().limits
    frozen = operation.freeze(session, Verb.ERASE, made, domains, now(), limits)
    operation.perform(session, priya, frozen.id, now())
    left = set(session.scalars(select(Selection.id).where(Selection.account_id == owen)))
    assert left == {kept, without_words}
    assert by_words not in left
