"""The floors: what an expert would write by hand, sent to the driver without anything between.

Beside the SQL there is a bare Jinja page of the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from jinja2 import Environment
from sqlalchemy import Engine

from webapp.models.event import day_bits
from webapp.models.personal import personal_tables

ROWS = Environment(autoescape=True).from_string(
    """<table>{% for reference, name, user_name, email, domain, since in rows %}
<tr><td><input type="hidden" name="was_ticked" value="{{ reference }}">
<input type="checkbox" name="ticked" value="{{ reference }}" checked></td><th>{{ name }}</th>
<td>{{ user_name }}</td><td>{{ email }}</td><td>{{ domain }}</td><td>{{ since }}</td>
</tr>{% endfor %}</table>"""
)


@dataclass(frozen=True)
class Bare:
    """A cursor of the driver on a connection of the pool."""

    engine: Engine

    def ask(self, *statements: str) -> list[Sequence[Any]]:
        """Return the rows of the last statement; the transaction of all is rolled back."""
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            if self.engine.dialect.name == "sqlite":
                cursor.execute("BEGIN")
            rows: list[Sequence[Any]] = []
            for statement in statements:
                cursor.execute(statement)
                rows = list(cursor.fetchall()) if cursor.description else []
            connection.rollback()
            return rows
        finally:
            connection.close()


def found(states: Sequence[str], domains: Sequence[int], keyword: str, kept: str = "") -> str:
    """Write the condition of a search; `kept` is the id of a selection that keeps who is found."""
    of_states, of_domains = ", ".join(map(repr, states)), ", ".join(map(str, domains))
    where = f"a.state IN ({of_states}) AND a.domain_id IN ({of_domains})"
    if kept:
        where += (
            " AND EXISTS (SELECT 1 FROM selection_found f "
            f"WHERE f.selection_id = '{kept}' AND f.account_id = a.id)"
        )
    return where + (f" AND p.search_text LIKE '%{keyword}%'" if keyword else "")


def keep(states: Sequence[str], domains: Sequence[int], keyword: str) -> tuple[str, str]:
    """Keep who is found by the selection `bare`."""
    person = "JOIN person p ON p.account_id = a.id" if keyword else ""
    return (
        "INSERT INTO selection (id, account_id, purpose, words_forgotten, choices, newest_id, "
        "sort_order, all_ticked, is_current, made_at) VALUES ('bare', 1, 'erase', false, '{}', 0, "
        "'-since', true, false, '2026-11-01 00:00:00.000000')",
        f"INSERT INTO selection_found SELECT 'bare', a.id FROM account a {person} "
        f"WHERE {found(states, domains, keyword)} ORDER BY a.id",
    )


def count(states: Sequence[str], domains: Sequence[int], keyword: str, kept: str = "") -> str:
    """Count who is found."""
    person = "JOIN person p ON p.account_id = a.id" if keyword else ""
    return f"SELECT count(*) FROM account a {person} WHERE {found(states, domains, keyword, kept)}"


def page(
    states: Sequence[str], domains: Sequence[int], keyword: str, offset: int = 0, kept: str = ""
) -> str:
    """Read fifty rows, newest first."""
    return f"""
        SELECT p.reference, p.display_name, p.user_name, p.email, d.name, a.since
        FROM account a JOIN person p ON p.account_id = a.id JOIN domain d ON d.id = a.domain_id
        WHERE {found(states, domains, keyword, kept)}
        ORDER BY a.since DESC, a.id DESC LIMIT 50 OFFSET {offset}"""


def erasure(operation_id: str, *, sqlite: bool) -> list[str]:
    """Erase a frozen list as one would by hand for this database and this schema.

    The result is the same: claimed, locked, counted; moments and ended lists forgotten; spans kept
    as numbers; everything personal and the accounts deleted; events, receipt; off the list.
    """
    mine = f"operation_id = '{operation_id}'"
    listed = f"SELECT account_id FROM operation_account WHERE {mine}"
    domains = f"SELECT DISTINCT domain_id FROM operation_account WHERE {mine}"
    lock = "" if sqlite else "ORDER BY id FOR UPDATE"
    at, receipt = "'2026-11-01 00:00:00.000000'", "(SELECT max(id) FROM receipt)"
    joined = (
        "account a JOIN operation_account o ON o.account_id = a.id AND o.domain_id = a.domain_id"
    )
    same = f"SELECT count(*) FROM {joined} WHERE a.state = 'deleted' AND o.{mine}"
    tables = [model.__tablename__ for model in personal_tables()]
    months = "domain_id, first_month, last_month"
    event_id = f"{day_bits(date(2026, 11, 1))} + domain_id"
    return [
        f"UPDATE operation SET outcome = 'performed', ended_at = {at} "
        f"WHERE id = '{operation_id}' AND outcome = 'open'",
        f"SELECT count(*) FROM (SELECT id FROM account WHERE id IN ({listed}) {lock}) l",
        same,
        f"SELECT count(*) FROM domain WHERE id IN ({domains})",
        "DELETE FROM selection WHERE words IS NOT NULL",
        "DELETE FROM sign_in_failure",
        "UPDATE event SET at = NULL WHERE id IN "
        f"(SELECT event_id FROM party WHERE account_id IN ({listed}))",
        f"DELETE FROM operation WHERE outcome <> 'open' AND id <> '{operation_id}' AND id IN "
        f"(SELECT operation_id FROM operation_account WHERE account_id IN ({listed}))",
        f"INSERT INTO erased_span ({months}, number) SELECT {months}, count(*) FROM billed_span "
        f"WHERE account_id IN ({listed}) GROUP BY {months} "
        f"ON CONFLICT ({months}) DO UPDATE SET number = erased_span.number + excluded.number",
        *(
            f"DELETE FROM {table} WHERE account_id IN ({listed})"
            + (f" AND operation_id <> '{operation_id}'" if table == "operation_account" else "")
            for table in tables
        ),
        f"DELETE FROM account WHERE id IN ({listed})",
        "INSERT INTO receipt (reference, number) VALUES ('bare', 1)",
        "INSERT INTO receipt_line (receipt_id, domain_id, kind, number) "
        f"SELECT {receipt}, domain_id, 'Accounts', count(*) "
        f"FROM operation_account WHERE {mine} GROUP BY domain_id",
        *(
            f"INSERT INTO receipt_line (receipt_id, kind, number) VALUES ({receipt}, '{table}', 1)"
            for table in tables
        ),
        "INSERT INTO event "
        "(id, day, at, key, done_by, about_user, receipt_id, domain_id, number) "
        f"SELECT {event_id}, '2026-11-01', {at}, 'ERASE', 'person', false, {receipt}, "
        "domain_id, count(*) "
        f"FROM operation_account WHERE {mine} GROUP BY domain_id",
        f"INSERT INTO party (account_id, event_id, part) SELECT DISTINCT 1, {event_id}, 'actor' "
        f"FROM operation_account WHERE {mine}",
        f"DELETE FROM operation_account WHERE {mine}",
    ]


YEARS = (
    "SELECT domain_id, first_month, count(*) FROM billed_span GROUP BY domain_id, first_month",
    "SELECT domain_id, last_month, count(*) FROM billed_span WHERE last_month IS NOT NULL "
    "GROUP BY domain_id, last_month",
    "SELECT domain_id, first_month, sum(number) FROM erased_span GROUP BY domain_id, first_month",
    "SELECT domain_id, last_month, sum(number) FROM erased_span GROUP BY domain_id, last_month",
)
ACTIVITY = """
    SELECT e.at, e.key, x.display_name, y.display_name, d.name
    FROM (SELECT * FROM event ORDER BY day DESC, at DESC, id DESC LIMIT 51) e
    LEFT JOIN party m ON m.event_id = e.id AND m.part = 'actor'
    LEFT JOIN person x ON x.account_id = m.account_id
    LEFT JOIN party n ON n.event_id = e.id AND n.part = 'subject'
    LEFT JOIN person y ON y.account_id = n.account_id
    LEFT JOIN domain d ON d.id = e.domain_id
    ORDER BY e.day DESC, e.at DESC, e.id DESC"""
SIGN_INS = """
    SELECT s.at, p.display_name, p.user_name, d.name
    FROM (SELECT * FROM sign_in ORDER BY at DESC, id DESC LIMIT 51) s
    JOIN person p ON p.account_id = s.account_id
    JOIN account a ON a.id = s.account_id
    JOIN domain d ON d.id = a.domain_id
    ORDER BY s.at DESC, s.id DESC"""
USERS = """
    SELECT p.display_name, p.user_name, p.email, d.name, a.state, a.since,
        (SELECT max(at) FROM sign_in s WHERE s.account_id = a.id),
        (SELECT value FROM attribute_value v WHERE v.account_id = a.id AND v.attribute_id = 1),
        (SELECT value FROM attribute_value v WHERE v.account_id = a.id AND v.attribute_id = 2),
        (SELECT value FROM attribute_value v WHERE v.account_id = a.id AND v.attribute_id = 3),
        (SELECT m.display_name FROM attribute_reference r
         JOIN person m ON m.account_id = r.account_id
         WHERE r.holder_id = a.id AND r.attribute_id = 4)
    FROM (
        SELECT * FROM account ORDER BY domain_id, state, id LIMIT 51
    ) a
    JOIN person p ON p.account_id = a.id
    JOIN domain d ON d.id = a.domain_id
    ORDER BY a.domain_id, a.state, a.id"""
