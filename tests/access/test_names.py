"""Names that no domain, role or attribute can bear, refused alike on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import Runner
from tests.factories import a_domain
from tests.importing.lists import refusals, run
from webapp.access import domains, roles
from webapp.errors import Invalid
from webapp.models import Attribute, Domain, Event, Permission, Role
from webapp.times import now

BLANK = "is blank."
TOO_LONG = "is longer than 200 characters."
NOT_SHOWN = "holds a line break or another character that cannot be shown."
REFUSED = {
    "empty": ("", BLANK),
    "blanks": ("   ", BLANK),
    "blanks of other kinds": ("\u00a0\t\u3000", BLANK),
    "of no width": ("\u200b \u2060", BLANK),
    "too long": ("x" * 201, TOO_LONG),
    "too long as it is compared": ("\ufdfa" * 200, TOO_LONG),  # each is compared as 18
    "a line break": ("North\nwind", NOT_SHOWN),
    "a line break of Unicode": ("North\u2028wind", NOT_SHOWN),
    "an escape": ("North\x1b[31mwind", NOT_SHOWN),
    "a NUL": ("North\0wind", NOT_SHOWN),
    "not UTF-8": ("North\udcffwind", NOT_SHOWN),  # as a byte of the command line arrives
}
ACCEPTED = ("N", "  North wind \n", "x" * 200, "名" * 200, "North\u00a0wind", "می\u200cخواهم")

refused = pytest.mark.parametrize(("name", "reason"), REFUSED.values(), ids=REFUSED)


@refused
def test_no_domain_bears_it(session: Session, name: str, reason: str) -> None:
    with pytest.raises(Invalid) as answer:
        domains.add(session, name, now(), actor_id=None)
    assert answer.value.sentence == f"The name of the domain {reason}"
    assert counts(session) == (0, 0, 0, 0)


@refused
def test_no_role_bears_it(session: Session, name: str, reason: str) -> None:
    with pytest.raises(Invalid) as answer:
        roles.set_up(session, name, {Permission.BILLING}, now(), actor_id=None)
    assert answer.value.sentence == f"The name of the role {reason}"
    assert counts(session) == (0, 0, 0, 0)


@pytest.mark.parametrize("name", ACCEPTED, ids=range(len(ACCEPTED)))
def test_a_name_that_can_be_read_is_kept_without_outer_blanks(session: Session, name: str) -> None:
    domains.add(session, name, now(), actor_id=None)
    roles.set_up(session, name, {Permission.BILLING}, now(), actor_id=None)
    assert session.scalars(select(Domain.name)).all() == [name.strip()]
    assert session.scalars(select(Role.name)).all() == [name.strip()]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("x" * 201, TOO_LONG), ("\u200b", BLANK), ("North\x1b[31mwind", NOT_SHOWN)],
    ids=["too long", "of no width", "an escape"],
)
def test_no_attribute_of_an_import_bears_it(session: Session, name: str, reason: str) -> None:
    content = f"userPrincipalName,companyName,{name}\n"
    with pytest.raises(Invalid) as answer:
        run(session, content, attributes=(name,))
    assert answer.value.sentence == f"The name of the attribute {reason}"
    assert counts(session) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("x" * 201, TOO_LONG), ("\u200b", BLANK), ('"North\nwind"', NOT_SHOWN)],
    ids=["too long", "of no width", "a line break"],
)
def test_no_domain_of_an_import_bears_it(session: Session, name: str, reason: str) -> None:
    content = f"userPrincipalName,companyName\nanna@example.org,{name}\n"
    told = refusals(session, content, create_domains=True)
    assert told == {2: f"The name of the domain (companyName) {reason}"}
    assert counts(session) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["domains", "add", "   "], "The name of the domain is blank."),
        (["domains", "add", "x" * 201], "The name of the domain is longer than 200 characters."),
        (["access", "role", "", "--permission", "Billing"], "The name of the role is blank."),
        (["domains", "add", "North\udcffwind"], "What was typed is not UTF-8 text."),
        (["access", "role", "R\udcff", "--permission", "Billing"], "is not UTF-8 text."),
        (["access", "role", "R", "--permission", "\udcff"], "is not UTF-8 text."),
        (["access", "grant", "p\udcff", "R", "Northwind London"], "is not UTF-8 text."),
        (["access", "revoke", "priya", "R\udcff", "Northwind London"], "is not UTF-8 text."),
        (["access", "contact", "priya", "Northwind\udcff"], "is not UTF-8 text."),
        (["access", "password", "priya", "--password", "a long password\udcff"], "is not UTF-8"),
    ],
    ids=range(10),
)
def test_commands_answer_with_a_sentence(
    runner: Runner, session: Session, words: list[str], sentence: str
) -> None:
    a_domain(session)
    done = runner.invoke(args=words)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: ")
    assert sentence in done.stderr
    assert counts(session) == (1, 0, 0, 0)


def counts(session: Session) -> tuple[int, ...]:
    """Count domains, roles, attributes and events."""
    return tuple(
        session.scalar(select(func.count()).select_from(model)) or 0
        for model in (Domain, Role, Attribute, Event)
    )


def ignore(_line: int, _reason: str) -> None:
    """Report nothing."""
