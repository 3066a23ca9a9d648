"""Let sixteen people search while two erase the same users over and over, with two servers.

The servers share one PostgreSQL. Measured is how long a search waits, and nothing may break.
Everything stays on the loopback address, is bounded in time, and stops by itself.
`python -m tests.benchmarks.crowd` runs it alone.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from itertools import count
from random import Random
from statistics import quantiles
from threading import Barrier, BrokenBarrierError
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Engine, Select, create_engine, func, insert, select, update
from sqlalchemy.orm import Session

from tests.benchmarks import tables
from tests.benchmarks.pairs import Measured
from tests.benchmarks.serving import server
from tests.benchmarks.world import GIVEN, Size, fill
from tests.databases import PostgreSQL
from tests.factories import CHEAP, PASSWORD
from tests.together import PATIENCE, at_once
from webapp.config import ROOT
from webapp.models import (
    Account,
    BilledSpan,
    Contact,
    Grant,
    Operation,
    OperationAccount,
    Outcome,
    Person,
    Receipt,
    ReceiptLine,
    Role,
    State,
)
from webapp.models.folding import searchable

# 5,000 users a domain, as on the largest platforms.
SIZE = Size(users=200_000, domains=40, events=200_000, sign_ins=100_000)
LIVE = [n for n in range(3, 60) if n % 10 > 2]  # accounts that world.py makes live
SEARCHERS, ERASERS = LIVE[:16], LIVE[16:18]
MANAGE, RESTORE, ERASE = "/users/", "/users/restore-deleted/", "/users/erase-deleted/"
FORGOTTEN = "This search is no longer kept"  # what erasing does to everyone's search words
TOGETHER = 10  # seconds that one of the two waits for the other


@contextmanager
def scratch() -> Iterator[str]:
    """Start a server of its own with an empty database, and give its URL; both go at the end."""
    with PostgreSQL.running() as running:
        running.say("CREATE DATABASE crowd")
        yield running.url("crowd")


def crowd(url: str, folder: str, seconds: float = 60) -> Iterator[Measured]:
    """Measure how long a search takes while two people erase, against the same without them.

    `url` is an empty scratch database. It is quiet for a quarter of `seconds`, then busy for all.
    """
    engine = create_engine(url)
    fill(engine, SIZE)
    prepare(engine)
    before = spans(engine)
    environment = {
        "DATABASE_URL": url,
        "CONSOLE_SECRET_KEY": "a key for benchmarks that is long enough",
        "CONSOLE_INSTANCE_PATH": folder,
    }
    with (
        server("wsgi:app", str(ROOT), environment) as one,
        server("wsgi:app", str(ROOT), environment) as other,
    ):
        ports = (one.port, other.port)
        people = [
            Visitor(ports[n % 2], user_name(account))
            for n, account in enumerate((*SEARCHERS, *ERASERS))
        ]
        searchers, erasers = people[: len(SEARCHERS)], people[len(SEARCHERS) :]
        at_once(*[lambda who=who: who.sign_in() for who in people])
        quiet = searching(searchers, (), seconds / 4)
        busy = searching(searchers, erasers, seconds)
    odd = [each for who in people for each in who.odd]
    assert odd == [], (len(odd), Counter(odd).most_common(10))
    check(engine, before, erasers)
    engine.dispose()
    yield from lines(quiet, busy, people)


def lines(
    quiet: Sequence[float], busy: Sequence[float], people: Sequence[Visitor]
) -> Iterator[Measured]:
    """Write how long searches took, quiet and busy: the median and the slowest hundredth."""
    told: Counter[str] = sum((who.told for who in people), Counter())
    words = (
        f"{told['erasures performed']} erasures of {told['users erased']:,} users performed, "
        f"{told['refused']} refused"
    )
    for name, part in (("median", 50), ("99th percentile", 99)):
        ours, floor = (quantiles(waited, n=100)[part - 1] for waited in (busy, quiet))
        yield Measured(
            f"{name} of {len(busy):,} searches of 16 people while two erase ({words})",
            ours,
            floor,
            ours / floor,
            ours / floor,
            ours / floor,
            None,
        )


def prepare(engine: Engine) -> None:
    """Delete the 30,000 archived users, and give the crowd passwords and every permission.

    The two who erase become contacts.
    """
    with Session(engine) as session:
        session.execute(
            update(Account).where(Account.state == State.ARCHIVED).values(state=State.DELETED)
        )
        crowd_ids = [*SEARCHERS, *ERASERS]
        session.execute(
            update(Person)
            .where(Person.account_id.in_(crowd_ids))
            .values(password_hash=CHEAP.hash(PASSWORD))
        )
        role_id, domains = session.scalars(select(Role.id)).one(), range(1, SIZE.domains + 1)
        session.execute(
            insert(Grant),
            [
                {"account_id": i, "domain_id": d, "role_id": role_id}
                for i in crowd_ids
                for d in domains
            ],
        )
        session.execute(
            insert(Contact),
            [{"account_id": i, "domain_id": d, "primary": True} for i in ERASERS for d in domains],
        )
        session.commit()
        assert (
            session.scalar(select(func.count()).where(Account.state == State.DELETED)) or 0
        ) > 30_000


def user_name(account_id: int) -> str:
    return f"user.{account_id}@bench.example"


def searching(
    searchers: Sequence[Visitor], erasers: Sequence[Visitor], seconds: float
) -> list[float]:
    """Let everyone do theirs for so long; return how long each search took, in seconds."""
    for who in searchers:
        who.waited.clear()
    end, both = time.monotonic() + seconds, Barrier(max(len(erasers), 1))
    searches = [
        lambda who=who, n=n: search_until(who, Random(n), end) for n, who in enumerate(searchers)
    ]
    erasures = [lambda who=who: erase_until(who, both, end) for who in erasers]
    at_once(*searches, *erasures, patience=3 * PATIENCE)
    return [each for who in searchers for each in who.waited]


@dataclass(frozen=True)
class Answer:
    """An answer of the server."""

    status: int
    place: str  # where a redirect leads
    body: str

    def fields(self) -> dict[str, str]:
        """Return the token that every form of the page needs."""
        return {"csrf_token": re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', self.body)[-1]}


@dataclass
class Visitor:
    """One person with one browser and one connection.

    `odd` is every answer that nobody should get, without what was typed.
    """

    port: int
    user_name: str
    cookies: dict[str, str] = field(default_factory=dict)
    address: str = ""  # that a proxy would say; the server must be told to believe it
    waited: list[float] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    took: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)

    def sign_in(self) -> None:
        page = self.get("/sign-in")
        answer = self.post(
            "/sign-in", page.fields() | {"user_name": self.user_name, "password": PASSWORD}
        )
        assert answer.status in (302, 303), answer.status

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, fields: dict[str, str]) -> Answer:
        return self._ask("POST", path, urlencode(fields))

    def right(self, answer: Answer, what: str, *expected: int) -> bool:
        """Say whether the answer is what one hopes for; count a refusal, note anything odd."""
        if answer.status in expected:
            return True
        if answer.status == 409:
            self.told["nobody to erase" if what == "freezing" else "refused"] += 1
        elif answer.status == 404 and FORGOTTEN in answer.body:
            self.told["search forgotten"] += 1
        else:
            title = re.search(r"<h1[^>]*>([^<]*)", answer.body)
            self.odd.append(f"{what}: {answer.status} {title[1] if title else ''}")
        return False

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies} | (
            {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        )
        if self.address:
            headers["X-Forwarded-For"] = self.address
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        text = response.read().decode()
        for given in response.headers.get_all("Set-Cookie", []):
            name, _, value = given.partition(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(response.status, response.getheader("Location") or "", text)


def search_until(who: Visitor, chance: Random, end: float) -> None:
    """Search, look at what was found, now and then sort it."""
    page = who.get(MANAGE)
    while time.monotonic() < end:
        path = chance.choice((MANAGE, MANAGE, RESTORE))
        domains = {"domains": str(chance.randint(1, SIZE.domains))} if chance.random() < 0.8 else {}
        start = time.monotonic()
        made = who.post(
            path, page.fields() | {"keyword": searchable(chance.choice(GIVEN)), **domains}
        )
        found = who.get(made.place) if who.right(made, "searching", 303) else made
        who.waited.append(time.monotonic() - start)
        if who.right(found, "results", 200):
            page = found
            if chance.random() < 0.25:
                tick(who, found, made.place)


def tick(who: Visitor, page: Answer, path: str) -> None:
    """Untick the first user found, and sort by name."""
    shown = re.search(r'name="was_ticked" value="(\w+)"', page.body)
    fields = page.fields() | {"then": "sort name"} | ({"was_ticked": shown[1]} if shown else {})
    if who.right(who.post(f"{path}/ticks", fields), "ticking", 303):
        who.right(who.get(path), "sorted", 200)


def erase_until(who: Visitor, both: Barrier, end: float) -> None:
    """Freeze a list in the same domains as the other eraser, wait for them, and confirm at once."""
    for number in count():
        if time.monotonic() >= end:
            break
        frozen = freeze(who, Random(number))  # the same for both
        try:
            both.wait(TOGETHER)
        except BrokenBarrierError:
            break
        if frozen:
            confirm(who, frozen)
    both.abort()


def freeze(who: Visitor, chance: Random) -> str:
    """Freeze a new list and return where its pop-up is; empty where that is refused.

    In every sixth round it is six whole domains, or else one name in some domains.
    """
    keyword = searchable(chance.choice(GIVEN)) if chance.random() < 5 / 6 else ""
    domains = chance.sample(range(1, SIZE.domains + 1), chance.randint(1, 20) if keyword else 6)
    sent = [
        ("csrf_token", who.get(ERASE).fields()["csrf_token"]),
        ("keyword", keyword),
        *(("domains", str(d)) for d in domains),
    ]
    made = who._ask("POST", ERASE, urlencode(sent))
    if not who.right(made, "searching", 303):
        return ""
    found = who.get(made.place)
    if not who.right(found, "results", 200) or 'id="ticks"' not in found.body:
        return ""
    frozen = who.post(f"{made.place}/freeze/erase", found.fields())
    return frozen.place if who.right(frozen, "freezing", 303) else ""


def confirm(who: Visitor, place: str) -> None:
    """Confirm what the pop-up shows; where it asks for the number, only the second try types it."""
    popup = who.get(place)
    if not who.right(popup, "pop-up", 200):
        return
    heading = re.search(r'id="popup-heading"[^>]*>Erase ([\d,]+) user', popup.body)
    assert heading
    number, fields = heading[1].replace(",", ""), popup.fields()
    if 'name="number"' in popup.body:
        who.right(who.post(place, fields), "confirming without the number", 422)
        fields["number"] = number
    done = who.post(place, fields)
    if who.right(done, "confirming", 303):
        who.told.update({"erasures performed": 1, "users erased": int(number)})
        who.right(who.get(done.place), "done", 200)


def spans(engine: Engine) -> list[tuple[object, ...]]:
    """Return billing, as it must stay."""
    key = BilledSpan.domain_id, BilledSpan.first_month, BilledSpan.last_month
    with Session(engine) as session:
        rows = session.execute(
            select(*key, func.count(), func.sum(BilledSpan.account_id))
            .group_by(*key)
            .order_by(*key)
        )
        return [tuple(row) for row in rows]


def check(engine: Engine, before: list[tuple[object, ...]], erasers: Sequence[Visitor]) -> None:
    """Check what must hold whatever was done by whom at the same time."""
    told: Counter[str] = sum((who.told for who in erasers), Counter())
    with Session(engine) as session:

        def number(asked: Select[Any]) -> int:
            return session.scalar(asked) or 0

        accounts, people = (
            number(select(func.count()).select_from(table)) for table in (Account, Person)
        )
        erased = number(select(func.sum(Receipt.number)))
        performed, refused = (
            number(select(func.count()).where(Operation.outcome == outcome))
            for outcome in (Outcome.PERFORMED, Outcome.REFUSED)
        )
        assert SIZE.users == erased + people == erased + accounts
        assert (
            number(select(func.sum(ReceiptLine.number)).where(ReceiptLine.domain_id.is_not(None)))
            == erased
        )
        assert (performed, erased) == (told["erasures performed"], told["users erased"])
        assert (number(select(func.count()).select_from(Receipt)), refused) == (
            performed,
            told["refused"],
        )
        left = (
            select(func.count())
            .select_from(OperationAccount)
            .join(Operation)
            .where(Operation.outcome == Outcome.PERFORMED)
        )
        assert number(left) == 0
    assert spans(engine) == before


def main() -> None:
    with scratch() as url, tempfile.TemporaryDirectory() as folder:
        for line in crowd(url, folder):
            print(tables.line(line), flush=True)


if __name__ == "__main__":
    main()
