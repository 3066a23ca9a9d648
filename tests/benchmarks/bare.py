"""The floors: what an expert would write by hand, sent to the driver without anything between.

Beside the SQL there is a bare Jinja page of the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment
from sqlalchemy import Engine

from webapp.models.personal import personal_tables

ROWS = Environment(autoescape=True).from_string(
    """<table>{% for reference, name, user_name, email, domain, since in rows %}
<tr><td><input type="hidden" name="shown" value="{{ reference }}">
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


def found(states: Sequence[str], domains: Sequence[int], keyword: str) -> str:
    """Write the condition of a search."""
    of_states, of_domains = ", ".join(map(repr, states)), ", ".join(map(str, domains))
    where = f"a.state IN ({of_states}) AND a.domain_id IN ({of_domains})"
    return where + (f" AND p.search_text LIKE '%{keyword}%'" if keyword else "")


def count(states: Sequence[str], domains: Sequence[int], keyword: str) -> str:
    """Count who is found."""
    person = "JOIN person p ON p.account_id = a.id" if keyword else ""
    return f"SELECT count(*) FROM account a {person} WHERE {found(states, domains, keyword)}"


def page(states: Sequence[str], domains: Sequence[int], keyword: str, offset: int = 0) -> str:
    """Read fifty rows, newest first."""
    return f"""
        SELECT p.reference, p.display_name, p.user_name, p.email, d.name, a.since
        FROM account a JOIN person p ON p.account_id = a.id JOIN domain d ON d.id = a.domain_id
        WHERE {found(states, domains, keyword)}
        ORDER BY a.since DESC, a.id DESC LIMIT 50 OFFSET {offset}"""


def erasure(operation_id: str, *, sqlite: bool) -> list[str]:
    """Erase a frozen list, written by hand for this database and this schema.

    The result is the same as ours: claim, lock and count; mark the accounts and round their dates;
    write the receipt; delete everything personal; write the events; take them off every list.
    """
    mine = f"operation_id = '{operation_id}'"
    listed = f"SELECT account_id FROM operation_account WHERE {mine}"
    month = (
        "strftime('%Y-%m-01 00:00:00.000000', created_at)"
        if sqlite
        else "date_trunc('month', created_at, 'UTC')"
    )
    lock = "" if sqlite else "ORDER BY id FOR NO KEY UPDATE"
    at, receipt = "'2026-11-01 00:00:00.000000'", "(SELECT max(id) FROM receipt)"
    tables = [model.__tablename__ for model in personal_tables()]
    return [
        f"UPDATE operation SET outcome = 'performed', ended_at = {at} "
        f"WHERE id = '{operation_id}' AND outcome = 'open'",
        f"SELECT count(*) FROM (SELECT id FROM account WHERE id IN ({listed}) {lock}) l",
        "SELECT count(*) FROM account a JOIN operation_account o "
        "ON o.account_id = a.id AND o.domain_id = a.domain_id "
        f"WHERE a.state = 'deleted' AND o.{mine}",
        f"UPDATE account SET state = 'erased', created_at = {month}, since = {at} "
        f"WHERE id IN ({listed}) AND coalesce(state, NULL) = 'deleted'",
        f"INSERT INTO receipt (reference, at, actor_id, number) VALUES ('bare', {at}, 1, 1)",
        "DELETE FROM selection WHERE words IS NOT NULL",
        "DELETE FROM sign_in_failure",
        *(f"DELETE FROM {table} WHERE account_id IN ({listed})" for table in tables),
        "INSERT INTO receipt_line (receipt_id, domain_id, kind, number) "
        f"SELECT {receipt}, domain_id, 'Accounts', count(*) "
        f"FROM operation_account WHERE {mine} GROUP BY domain_id",
        *(
            f"INSERT INTO receipt_line (receipt_id, kind, number) VALUES ({receipt}, '{table}', 1)"
            for table in tables
        ),
        "INSERT INTO event (key, at, actor_id, receipt_id, domain_id, number) "
        f"SELECT 'ERASE', {at}, 1, {receipt}, domain_id, count(*) "
        f"FROM operation_account WHERE {mine} GROUP BY domain_id",
        f"DELETE FROM selection_tick WHERE account_id IN ({listed})",
        f"DELETE FROM operation_account WHERE account_id IN ({listed}) "
        f"AND operation_id <> '{operation_id}'",
        f"DELETE FROM operation_account WHERE {mine}",
    ]


YEARS = (
    "SELECT domain_id, first_month, count(*) FROM billed_span GROUP BY domain_id, first_month",
    "SELECT domain_id, last_month, count(*) FROM billed_span WHERE last_month IS NOT NULL "
    "GROUP BY domain_id, last_month",
    "SELECT b.domain_id, b.first_month, count(*) "
    "FROM account a JOIN billed_span b ON b.account_id = a.id "
    "WHERE a.state = 'erased' GROUP BY 1, 2",
)
ACTIVITY = """
    SELECT e.at, e.key, x.display_name, y.display_name, d.name
    FROM (SELECT * FROM event ORDER BY at DESC, id DESC LIMIT 51) e
    LEFT JOIN person x ON x.account_id = e.actor_id
    LEFT JOIN person y ON y.account_id = e.subject_id
    LEFT JOIN domain d ON d.id = e.domain_id
    ORDER BY e.at DESC, e.id DESC"""
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
        (SELECT value FROM attribute_value v WHERE v.account_id = a.id AND v.attribute_id = 3)
    FROM (
        SELECT * FROM account WHERE state <> 'erased' ORDER BY domain_id, state, id LIMIT 51
    ) a
    JOIN person p ON p.account_id = a.id
    JOIN domain d ON d.id = a.domain_id
    ORDER BY a.domain_id, a.state, a.id"""
