"""Make a platform of a given size in a few statements of the database itself, always the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine, insert, text

from webapp.models import (
    Attribute,
    Contact,
    Domain,
    Grant,
    Kind,
    Permission,
    Role,
    RolePermission,
    State,
)
from webapp.models.event import FIRST_DAY, RANDOM_BITS
from webapp.models.folding import searchable, searched_text
from webapp.models.names import key_of
from webapp.schema import migrate

GIVEN = (
    "Anna Björn Chloé Dmitri Eleni Farah Grzegorz Hana İpek Jack Kavya Liam Mei Niamh Oisín "
    "Pádraig Quentin Rachida Sébastien Thị Ugo Vera Wim"
).split()
SURNAMES = (
    "Archer Åkesson Œuvrard Орлов Παππά حداد Łuczak 田中 Yıldız Keane Iyer O’Brien 王 Bhriain "
    "Walsh Doyle Roux Benali Noël Nguyễn Lefèvre d’Arc Bold"
).split()
ATTRIBUTES = ("Department", "Job title", "Country")
MANAGER = "Line manager"  # an attribute whose values are users
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
    """Says SQL that both databases understand, but for the few words that differ."""

    def __init__(self, connection: Connection, dialect: str) -> None:
        self.connection, self.sqlite = connection, dialect == "sqlite"

    def run(self, statement: str, **values: object) -> None:
        self.connection.execute(text(statement), values)

    def numbers(self, most: int) -> None:
        """Make a table `number(i)` from 1 to `most`."""
        self.run("CREATE TABLE number (i INTEGER PRIMARY KEY)")
        series = (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most) "
            "SELECT i FROM n"
            if self.sqlite
            else "SELECT generate_series(1, :most)"
        )
        self.run(f"INSERT INTO number {series}", most=most)

    def before(self, days: str) -> str:
        """Write the moment that lies `days` (an SQL expression) and some minutes before NOW."""
        if self.sqlite:
            return (
                f"strftime('%Y-%m-%d %H:%M:%S.000000', '{NOW:%Y-%m-%d}', "
                f"'-' || ({days}) || ' days', (i % 1440) || ' minutes')"
            )
        return (
            f"TIMESTAMPTZ '{NOW:%Y-%m-%d} 00:00:00+00' - make_interval(days => ({days})::int) "
            "+ make_interval(mins => (i % 1440)::int)"
        )

    def day(self, days: str) -> str:
        """Write the day that lies `days` (an SQL expression) before NOW."""
        if self.sqlite:
            return f"date('{NOW:%Y-%m-%d}', '-' || ({days}) || ' days')"
        return f"DATE '{NOW:%Y-%m-%d}' - ({days})::int"

    def month(self, ago: str) -> str:
        """Write the first day of the month that lies `ago` months before NOW."""
        if self.sqlite:
            return f"date('{date(NOW.year, NOW.month, 1)}', '-' || ({ago}) || ' months')"
        return (
            f"(DATE '{date(NOW.year, NOW.month, 1)}' - make_interval(months => ({ago})::int))::date"
        )

    def key(self) -> str:
        """Write a random key of an account."""
        if self.sqlite:
            return "lower(hex(randomblob(16)))"
        return "replace(gen_random_uuid()::text, '-', '')"

    def hexadecimal(self, number: str) -> str:
        """Write this number in sixteen hexadecimal digits."""
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
        insert(Attribute),
        [
            {"name": name, "name_key": key_of(name), "kind": kind}
            for name, kind in [*((name, Kind.TEXT) for name in ATTRIBUTES), (MANAGER, Kind.USER)]
        ],
    )
    for table, words in (("given", GIVEN), ("surname", SURNAMES)):
        connection.execute(
            text(
                f"CREATE TABLE bench_{table} (n INTEGER PRIMARY KEY, word TEXT, folded TEXT, "
                "others TEXT)"
            )
        )
        rows = [_written(n, word) for n, word in enumerate(words)]
        columns = ":n, :word, :folded, :others"
        connection.execute(text(f"INSERT INTO bench_{table} VALUES ({columns})"), rows)


def _written(n: int, word: str) -> dict[str, object]:
    """Return a word, as it is searched, and its other writings, each on a line."""
    others = searched_text(word).removeprefix(searchable(word))
    return {"n": n, "word": word, "folded": searchable(word), "others": others}


def _accounts(said: Said, size: Size) -> None:
    said.run(
        f"""
        INSERT INTO account (id, domain_id, key, state, created_at, since)
        SELECT i, 1 + (i / 10) % :domains, {said.key()},
            CASE WHEN i % 10 = 0 THEN '{State.DELETED}'
                WHEN i % 10 IN (1, 2) AND i > 10 THEN '{State.ARCHIVED}'
                ELSE '{State.LIVE}' END,
            {said.before("730 + i % 700")}, {said.before("i * 31 % 720")}
        FROM number WHERE i <= :users""",
        domains=size.domains,
        users=size.users,
    )


def _people(said: Said, size: Size) -> None:
    rare = f"CASE WHEN i % 50000 = 10 THEN ' {RARE.capitalize()}' ELSE '' END"
    user_name, line = "'user.' || i || '@bench.example'", "'\n'"
    said.run(
        f"""
        INSERT INTO person (account_id, reference, user_name, user_name_key, display_name,
            given_name, surname, email, email_key, external_id, phone, mobile_phone, search_text)
        SELECT i, {said.hexadecimal("(CAST(i AS BIGINT) * 2654435761) % 4294967296")},
            {user_name}, {user_name}, g.word || {rare} || ' ' || s.word,
            g.word, s.word, {user_name}, {user_name}, '', '', '',
            g.folded || lower({rare}) || ' ' || s.folded || {line} || {user_name}
                || g.others || s.others
        FROM number
        JOIN bench_given g ON g.n = i % {len(GIVEN)}
        JOIN bench_surname s ON s.n = (i / 7) % {len(SURNAMES)}
        WHERE i <= :users""",
        users=size.users,
    )
    for table in ("given", "surname"):
        said.run(f"DROP TABLE bench_{table}")


def _rest(said: Said, size: Size) -> None:
    said.run(
        """
        INSERT INTO attribute_value (account_id, attribute_id, value)
        SELECT i, a.id, CASE WHEN a.kind = 'user' THEN ''
            ELSE a.name || ' ' || (i + a.id) % 40 END
        FROM number CROSS JOIN attribute a
        WHERE i <= :users AND (a.kind <> 'user' OR i % 9 = 0)""",
        users=size.users,
    )
    said.run(
        """
        INSERT INTO attribute_reference (holder_id, attribute_id, account_id)
        SELECT v.account_id, v.attribute_id, 1 + v.account_id / 9
        FROM attribute_value v JOIN attribute a ON a.id = v.attribute_id AND a.kind = 'user'"""
    )
    said.run(
        f"""
        INSERT INTO second_factor (account_id, secret, confirmed, last_step)
        SELECT i, {said.hexadecimal("CAST(i AS BIGINT)")}, true, 0
        FROM number WHERE i <= :users AND i % 100 = 0""",
        users=size.users,
    )
    said.run(
        f"""
        INSERT INTO recovery_code (account_id, code_hash)
        SELECT f.account_id, {said.hexadecimal("CAST(f.account_id AS BIGINT) * 10 + n.i")}
        FROM second_factor f JOIN number n ON n.i <= 10"""
    )
    said.run(
        f"""
        INSERT INTO passkey
            (credential_id, reference, account_id, name, public_key, uses, added_at)
        SELECT {said.key()}, {said.hexadecimal("CAST(i AS BIGINT)")}, i, 'Telephone',
            {said.key()}, 0, {said.before("i % 90")}
        FROM number WHERE i <= :users AND i % 50 = 0""",
        users=size.users,
    )
    said.run(
        """
        INSERT INTO preference (account_id, time_zone, page_size, orders)
        SELECT i, 'Europe/London', 50, '{}' FROM number WHERE i <= :users AND i % 50 = 0""",
        users=size.users,
    )
    said.run(
        f"""
        INSERT INTO billed_span (account_id, domain_id, first_month, last_month)
        SELECT i, 1 + (i / 10) % :domains, {said.month("12 + i % 12")},
            CASE WHEN i % 10 = 0 OR i % 10 < 3 AND i > 10 THEN {said.month("i % 12")} END
        FROM number WHERE i <= :users""",
        domains=size.domains,
        users=size.users,
    )
    _events(said, size)
    said.run(
        f"""
        INSERT INTO sign_in (id, account_id, at)
        SELECT i, 1 + (CAST(i AS BIGINT) * 7919) % :users, {said.before("i % 90")}
        FROM number WHERE i <= :sign_ins""",
        users=size.users,
        sign_ins=size.sign_ins,
    )
    if not said.sqlite:
        for table in ("domain", "attribute", "account", "sign_in"):
            highest = f"SELECT max(id) FROM {table}"
            said.run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), ({highest}))")


def _events(said: Said, size: Size) -> None:
    """Let five accounts act on everyone. Parties are written in the order of their key."""
    days = "CAST(:events - i AS BIGINT) * 700 / :events"
    known = {"events": size.events, "today": (NOW.date() - FIRST_DAY).days}
    spread = f"(CAST(i AS BIGINT) * 2654435761) % {1 << RANDOM_BITS}"
    event_id = f"((CAST(:today AS BIGINT) - {days}) << {RANDOM_BITS}) | ({spread})"
    said.run(
        f"""
        INSERT INTO event (id, day, at, key, done_by, about_user, domain_id, number)
        SELECT {event_id}, {said.day(days)}, {said.before(days)},
            CASE i % 3 WHEN 0 THEN 'ARCHIVE' WHEN 1 THEN 'REACTIVATE' ELSE 'DELETE' END,
            'person', true, 1 + i % :domains, 1
        FROM number WHERE i <= :events""",
        domains=size.domains,
        **known,
    )
    said.run("DROP INDEX ix_party_event_id_part")
    for part, account in (
        ("actor", "1 + i % 5"),
        ("subject", "1 + (CAST(i AS BIGINT) * 7919) % :users"),
    ):
        users = {"users": size.users} if ":users" in account else {}
        said.run(
            f"""
            INSERT INTO party (account_id, event_id, part) SELECT {account}, {event_id}, '{part}'
            FROM number WHERE i <= :events ORDER BY 1, 2""",
            **users,
            **known,
        )
    said.run("CREATE INDEX ix_party_event_id_part ON party (event_id, part)")


def _access(connection: Connection, size: Size) -> None:
    """Let ACTOR hold every permission in every domain, as a primary contact."""
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
