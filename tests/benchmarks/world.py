"""A platform of a given size, made by the database itself in a few statements, and always the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine, insert, text

from webapp.schema import migrate
from webapp.models import Attribute, Contact, Domain, Grant, Permission, Role, RolePermission, State
from webapp.models.names import key_of
from webapp.models.person import searchable

GIVEN = "Anna Björn Chloé Dmitri Eleni Farah Grzegorz Hana İpek Jack Kavya Liam Mei Niamh Oisín Pádraig Quentin Rachida Sébastien Thị Ugo Vera Wim".split()
SURNAMES = (
    "Archer Åkesson Œuvrard Орлов Παππά حداد Łuczak 田中 Yıldız Keane Iyer O’Brien 王 Bhriain Walsh Doyle Roux Benali Noël Nguyễn Lefèvre d’Arc Bold"
).split()
ATTRIBUTES = ("Department", "Job title", "Country")
NOW = datetime(2026, 11, 20)  # noqa: DTZ001  # written into SQL as text, which is UTC
ACTOR = 1  # the account of the one who may do everything
RARE = "zanzibar"  # in the name of one user in 50,000
COMMON = "anna"


@dataclass(frozen=True)
class Size:
    """How much of everything; a tenth of the users are deleted, a fifth archived."""

    users: int = 1_000_000
    domains: int = 200
    events: int = 5_000_000
    sign_ins: int = 1_000_000


def fill(engine: Engine, size: Size) -> None:
    """Migrate this empty database and fill it, in one transaction."""
    migrate(engine)
    with engine.connect().execution_options(writes=True) as connection:
        said = Said(connection, engine.dialect.name)
        _small_tables(connection, size)
        said.numbers(max(size.users, size.events, size.sign_ins))
        _accounts(said, size)
        _people(said, size)
        _rest(said, size)
        _access(connection, size)
        connection.execute(text("DROP TABLE number"))
        connection.commit()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


class Said:
    """SQL that both databases understand, but for the few words that differ."""

    def __init__(self, connection: Connection, dialect: str) -> None:
        self.connection, self.sqlite = connection, dialect == "sqlite"

    def run(self, statement: str, **values: object) -> None:
        self.connection.execute(text(statement), values)

    def numbers(self, most: int) -> None:
        """A table `number(i)` from 1 to `most`."""
        self.run("CREATE TABLE number (i INTEGER PRIMARY KEY)")
        series = (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most) SELECT i FROM n"
            if self.sqlite
            else "SELECT generate_series(1, :most)"
        )
        self.run(f"INSERT INTO number {series}", most=most)

    def before(self, days: str) -> str:
        """The moment that lies `days` (an SQL expression) and some minutes before NOW."""
        if self.sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%S.000000', '{NOW:%Y-%m-%d}', '-' || ({days}) || ' days', (i % 1440) || ' minutes')"
        return f"TIMESTAMPTZ '{NOW:%Y-%m-%d} 00:00:00+00' - make_interval(days => ({days})::int) + make_interval(mins => (i % 1440)::int)"

    def month(self, ago: str) -> str:
        """The first day of the month that lies `ago` months before NOW."""
        if self.sqlite:
            return f"date('{date(NOW.year, NOW.month, 1)}', '-' || ({ago}) || ' months')"
        return (
            f"(DATE '{date(NOW.year, NOW.month, 1)}' - make_interval(months => ({ago})::int))::date"
        )

    def hexadecimal(self, number: str) -> str:
        return (
            f"printf('%016x', {number})"
            if self.sqlite
            else f"lpad(to_hex(({number})::bigint), 16, '0')"
        )


def _small_tables(connection: Connection, size: Size) -> None:
    connection.execute(
        insert(Domain),
        [
            {"name": f"Domain {n:03}", "name_key": f"domain {n:03}"}
            for n in range(1, size.domains + 1)
        ],
    )
    connection.execute(
        insert(Attribute), [{"name": name, "name_key": key_of(name)} for name in ATTRIBUTES]
    )
    for table, words in (("given", GIVEN), ("surname", SURNAMES)):
        connection.execute(
            text(f"CREATE TABLE bench_{table} (n INTEGER PRIMARY KEY, word TEXT, folded TEXT)")
        )
        rows = [{"n": n, "word": word, "folded": searchable(word)} for n, word in enumerate(words)]
        connection.execute(
            text(f"INSERT INTO bench_{table} VALUES (:n, :word, :folded)"), rows
        )  # ours


def _accounts(said: Said, size: Size) -> None:
    state = f"CASE WHEN i % 10 = 0 THEN '{State.DELETED}' WHEN i % 10 IN (1, 2) AND i > 10 THEN '{State.ARCHIVED}' ELSE '{State.LIVE}' END"
    said.run(
        f"INSERT INTO account (id, domain_id, state, created_at, since) "  # ours
        f"SELECT i, 1 + (i / 10) % :domains, {state}, {said.before('730 + i % 700')}, {said.before('i * 31 % 720')} FROM number WHERE i <= :users",
        domains=size.domains, users=size.users,
    )  # fmt: skip


def _people(said: Said, size: Size) -> None:
    rare = f"CASE WHEN i % 50000 = 10 THEN ' {RARE.capitalize()}' ELSE '' END"
    said.run(
        f"INSERT INTO person (account_id, reference, user_name, user_name_key, display_name, given_name, surname, email, external_id, phone, "  # ours
        f"mobile_phone, search_text) SELECT i, {said.hexadecimal('(CAST(i AS BIGINT) * 2654435761) % 4294967296')}, 'user.' || i || '@bench.example', "
        f"'user.' || i || '@bench.example', g.word || {rare} || ' ' || s.word, g.word, s.word, 'user.' || i || '@bench.example', '', '', '', "
        f"g.folded || lower({rare}) || ' ' || s.folded || ' ' || 'user.' || i || '@bench.example' FROM number "
        f"JOIN bench_given g ON g.n = i % {len(GIVEN)} JOIN bench_surname s ON s.n = (i / 7) % {len(SURNAMES)} WHERE i <= :users",
        users=size.users,
    )
    for table in ("given", "surname"):
        said.run(f"DROP TABLE bench_{table}")


def _rest(said: Said, size: Size) -> None:
    said.run(
        "INSERT INTO attribute_value (account_id, attribute_id, value) SELECT i, a.id, a.name || ' ' || (i + a.id) % 40 FROM number CROSS JOIN attribute a "
        "WHERE i <= :users",
        users=size.users,
    )
    first, last = said.month("12 + i % 12"), said.month("i % 12")
    said.run(
        f"INSERT INTO billed_span (account_id, domain_id, first_month, last_month) SELECT i, 1 + (i / 10) % :domains, {first}, "  # ours
        f"CASE WHEN i % 10 < 3 AND i > 10 THEN {last} END FROM number WHERE i <= :users",
        domains=size.domains, users=size.users,
    )  # fmt: skip
    said.run(
        f"INSERT INTO event (id, at, key, actor_id, subject_id, domain_id, number) SELECT i, {said.before('CAST(:events - i AS BIGINT) * 700 / :events')}, "  # ours
        f"CASE i % 3 WHEN 0 THEN 'ARCHIVE' WHEN 1 THEN 'REACTIVATE' ELSE 'DELETE' END, 1 + i % 5, 1 + (CAST(i AS BIGINT) * 7919) % :users, 1 + i % :domains, 1 "
        "FROM number WHERE i <= :events",
        events=size.events, users=size.users, domains=size.domains,
    )  # fmt: skip
    said.run(
        f"INSERT INTO sign_in (id, account_id, at) SELECT i, 1 + (CAST(i AS BIGINT) * 7919) % :users, {said.before('i % 90')} FROM number WHERE i <= :sign_ins",  # ours
        users=size.users, sign_ins=size.sign_ins,
    )  # fmt: skip
    if not said.sqlite:
        for table in ("domain", "attribute", "account", "event", "sign_in"):
            said.run(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            )  # ours


def _access(connection: Connection, size: Size) -> None:
    """ACTOR holds every permission in every domain, as a primary contact."""
    role_id = connection.execute(
        insert(Role).values(name="Everything", name_key="everything").returning(Role.id)
    ).scalar_one()
    connection.execute(
        insert(RolePermission),
        [{"role_id": role_id, "permission": permission} for permission in Permission],
    )
    domains = range(1, size.domains + 1)
    connection.execute(
        insert(Grant), [{"account_id": ACTOR, "domain_id": n, "role_id": role_id} for n in domains]
    )
    connection.execute(
        insert(Contact),
        [{"account_id": ACTOR, "domain_id": n, "is_primary": True} for n in domains],
    )
