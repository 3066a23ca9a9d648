"""Let two contacts search and erase while everything else happens at once.

200 visitors never finish their forms, 50 people sign in over and over with real passwords, and an
operator imports 100,000 users. The server is that of production, with its two workers, and shares
the machine with all of them. Measured is how long the contacts wait, from a press to the page that
follows. Everything stays on the loopback address, is bounded in time, and stops by itself.
`python -m tests.benchmarks.rush sqlite` (or `postgresql`) runs it alone.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from random import Random
from statistics import quantiles
from threading import Event

from sqlalchemy import create_engine, update
from sqlalchemy.orm import Session

from tests.benchmarks import bulk, crowd, tables
from tests.benchmarks.crowd import ERASE, ERASERS, Answer, Visitor, user_name
from tests.benchmarks.pairs import Measured
from tests.benchmarks.serving import production
from tests.benchmarks.world import GIVEN, fill
from tests.factories import PASSWORD
from tests.together import PATIENCE, at_once, started
from webapp.config import ROOT
from webapp.identity.passwords import hasher
from webapp.models import Person

SLOW, ROWS = 200, 100_000
SIGNING_IN = [n for n in range(60, 150) if n % 10 > 2][:50]  # live accounts; see world.py
PROMISE = 2.0  # seconds in which 99 of 100 are answered
MOMENT = 1.0  # seconds
SHORTEST, LONGEST = 60, 600  # seconds of all of it
UNFINISHED = (
    b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\nuser_name="
)
WHAT = {"search": "searches", "pop-up": "pop-ups", "erasure": "erasures"}


@contextmanager
def scratch(kind: str) -> Iterator[str]:
    """Give the URL of an empty database of this kind, which goes at the end."""
    if kind == "postgresql":
        with crowd.scratch() as url:
            yield url
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/rush.sqlite"


def rush(url: str) -> Iterator[Measured]:
    """Measure against what is promised; `url` is an empty scratch database."""
    prepare(url)
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "DATABASE_URL": url,
            "CONSOLE_SECRET_KEY": "a key for benchmarks that is long enough",
            "CONSOLE_INSTANCE_PATH": folder,
            "CONSOLE_PROXIES": "1",  # so that those who sign in come from many addresses
        }
        with production(environment) as server:
            contacts = [Visitor(server.port, user_name(account)) for account in ERASERS]
            for who in contacts:
                who.sign_in()
            people = all_at_once(contacts, server.port, folder, environment)
    odd = Counter(each for who in contacts for each in who.odd)
    print(*(f"{times} times {what}" for what, times in odd.items()), sep="\n", flush=True)
    yield from lines(contacts, people)


def prepare(url: str) -> None:
    """Fill the platform. Those who sign in have passwords that take as long as real ones."""
    engine = create_engine(url)
    fill(engine, crowd.SIZE)
    crowd.prepare(engine)
    with Session(engine) as session:
        theirs = update(Person).where(Person.account_id.in_(SIGNING_IN))
        session.execute(theirs.values(password_hash=hasher.hash(PASSWORD)))
        session.commit()
    engine.dispose()


def all_at_once(
    contacts: Sequence[Visitor], port: int, folder: str, environment: Mapping[str, str]
) -> Sequence[Visitor]:
    """Do all of it for a minute and until the import has ended; return who signed in."""
    people = [
        Visitor(port, user_name(account), address=f"192.0.2.{account}") for account in SIGNING_IN
    ]
    over, errors = Event(), list[Exception]()
    others = [
        started(partial(be_slow, port, over), errors),
        *[started(partial(sign_in_until, who, over), errors) for who in people],
    ]
    start, importing = time.monotonic(), begin_import(folder, environment)

    def is_over() -> bool:
        took = time.monotonic() - start
        return took > LONGEST or (took > SHORTEST and importing.poll() is not None)

    try:
        at_once(
            *[partial(work_until, who, n, is_over) for n, who in enumerate(contacts)],
            patience=LONGEST + PATIENCE,
        )
        assert importing.wait(PATIENCE) == 0, "The import has failed."
    finally:
        over.set()
        importing.kill()
    for other in others:
        other.join(PATIENCE)
    if errors:
        raise errors[0]
    return people


def begin_import(folder: str, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Begin to import a list of new users, as an operator does."""
    path = Path(folder) / "users.csv"
    path.write_text(bulk.file_of(range(10**6, 10**6 + ROWS)), encoding="utf-8", newline="")
    options = ["--create-domains", *(f"--attribute={name}" for name in bulk.ATTRIBUTES)]
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    return subprocess.Popen(
        [*flask, "users", "import", str(path), *options],
        cwd=ROOT,
        env={**os.environ, **environment},
    )


def be_slow(port: int, over: Event) -> None:
    """Keep 200 forms that are sent byte by byte and never end."""
    with ExitStack() as opened:
        slow = [
            opened.enter_context(socket.create_connection(("127.0.0.1", port), PATIENCE))
            for _ in range(SLOW)
        ]
        for each in slow:
            each.sendall(UNFINISHED)
        while not over.wait(10):
            for each in slow:
                each.sendall(b"x")


def sign_in_until(who: Visitor, over: Event) -> None:
    """Sign in again and again, all of them at once; after each try, wait for a moment."""
    while not over.wait(MOMENT):
        who.cookies.clear()
        fields = {"user_name": who.user_name, "password": PASSWORD}
        answer = who.post("/sign-in", who.get("/sign-in").fields() | fields)
        who.told["signed in" if answer.status == 303 else f"told {answer.status}"] += 1


def work_until(who: Visitor, number: int, is_over: Callable[[], bool]) -> None:
    """Search, look at the pop-up and erase, in one domain after another that nobody else uses."""
    chance = Random(number)
    while not is_over():
        domain = 1 + number + len(ERASERS) * chance.randrange(crowd.SIZE.domains // len(ERASERS))
        asked = {"keyword": chance.choice(GIVEN), "domains": str(domain)}
        page = who.get(ERASE)
        if not who.right(page, "page", 200):
            continue
        found = timed(who, "search", ERASE, page.fields() | asked)
        if found and 'id="ticks"' in found.body:
            shown = timed(who, "pop-up", f"{found.place}/freeze/erase", found.fields())
            if shown:
                timed(who, "erasure", shown.place, shown.fields())


def timed(who: Visitor, what: str, path: str, fields: dict[str, str]) -> Answer | None:
    """Send a form and read the page that it leads to; note how long both took."""
    start = time.monotonic()
    sent = who.post(path, fields)
    shown = who.get(sent.place) if who.right(sent, what, 303) else None
    who.took[what].append(time.monotonic() - start)
    if shown is None or not who.right(shown, what, 200):
        return None
    return Answer(shown.status, sent.place, shown.body)


def lines(contacts: Sequence[Visitor], people: Sequence[Visitor]) -> Iterator[Measured]:
    """Write the slowest hundredth of each thing against the promise."""
    told: Counter[str] = sum((who.told for who in people), Counter())
    signed_in, busy = told["signed in"], told.total() - told["signed in"]
    meanwhile = (
        f"{SLOW} slow visitors, {len(people)} people signing in ({signed_in:,} times, "
        f"{busy:,} times too busy) and an import of {ROWS:,} users"
    )
    for what, words in WHAT.items():
        took = [each for who in contacts for each in who.took[what]]
        slowest = quantiles(took, n=100)[98]
        ratio = slowest / PROMISE
        name = f"99th percentile of {len(took):,} {words} beside {meanwhile}; floor: the promise"
        yield Measured(name, slowest, PROMISE, ratio, ratio, ratio, 1)


def main() -> None:
    with scratch(sys.argv[1]) as url:
        for line in rush(url):
            print(tables.line(line), flush=True)


if __name__ == "__main__":
    main()
