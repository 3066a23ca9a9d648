"""Attempts to sign in, counted: who guesses gets slower, and whose name is guessed does not.

A stranger is slowed by the name that they try, by their address and by all strangers together. A
browser that has signed in as this person before is counted apart, and so is a session that is open:
no stranger can slow them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from webapp.db import upsert
from webapp.models import SignInFailure
from webapp.models.names import key_of

NO_WAIT = timedelta(0)
FIRST_WAIT = timedelta(seconds=5)  # doubled with each further failure
FAILURES_KEPT = timedelta(hours=1)
NETWORK = 64  # bits of an IPv6 address that one household or office has to itself


@dataclass(frozen=True)
class Limit:
    """How many failures cost no waiting, and the longest wait that further ones lead to."""

    free: int
    longest: timedelta


OF_NAME = Limit(4, timedelta(minutes=5))
OF_ADDRESS = Limit(30, timedelta(minutes=5))
OF_STRANGERS = Limit(100, timedelta(seconds=5))


@dataclass(frozen=True)
class Counter:
    """What failures are counted under: a hash, since what is hashed may be a name or an address.

    A success takes back its own attempt. Where `cleared`, it takes back the earlier ones as well:
    nobody may clear the failures of an address by signing in to an account of their own.
    """

    hash: str
    limit: Limit
    cleared: bool = True


def counters(key: str, user_name: str, address: str, known: str = "") -> list[Counter]:
    """Return what an attempt counts under.

    `known` says which browser or session of this person it is; it is empty for a stranger. The
    hashes are made with `key`.
    """
    name = key_of(user_name)
    if known:
        return [Counter(hash_of(key, "known", known, name), OF_NAME)]
    return [
        Counter(hash_of(key, "name", name), OF_NAME),
        Counter(hash_of(key, "address", network_of(address)), OF_ADDRESS, cleared=False),
        Counter(hash_of(key, "strangers"), OF_STRANGERS, cleared=False),
    ]


def hash_of(key: str, *words: str) -> str:
    return hmac.new(key.encode(), "\0".join(words).encode(), hashlib.sha256).hexdigest()


def network_of(address: str) -> str:
    """Return the address, or the network of it where one visitor has many addresses (IPv6)."""
    try:
        found = ip_address(address)
    except ValueError:
        return address  # of a socket that is a file
    if isinstance(found, IPv6Address):
        return str(ip_network((found, NETWORK), strict=False))
    return address


def count(session: Session, counted: Sequence[Counter], at: datetime) -> timedelta:
    """Count one more failure under each of these, unless one has to wait; return how long."""
    session.execute(delete(SignInFailure).where(SignInFailure.last_at < at - FAILURES_KEPT))
    limits = {counter.hash: counter.limit for counter in counted}
    rows = [{"what_hash": each, "failures": 0, "last_at": at} for each in sorted(limits)]
    new = upsert(session, SignInFailure).values(rows)
    # An update that changes nothing locks the rows, so that attempts at once come one by one.
    locked = new.on_conflict_do_update(
        index_elements=["what_hash"], set_={"failures": SignInFailure.failures}
    )
    found = session.execute(
        locked.returning(SignInFailure.what_hash, SignInFailure.failures, SignInFailure.last_at)
    )
    wait = max(_wait(limits[what], failures, last_at, at) for what, failures, last_at in found)
    if not wait:
        session.execute(
            update(SignInFailure)
            .where(SignInFailure.what_hash.in_(limits))
            .values(failures=SignInFailure.failures + 1, last_at=at)
        )
    return wait


def succeeded(session: Session, counted: Sequence[Counter]) -> None:
    """Take back what `count` has counted, and earlier failures where a success clears them."""
    cleared = [counter.hash for counter in counted if counter.cleared]
    session.execute(delete(SignInFailure).where(SignInFailure.what_hash.in_(cleared)))
    take_back(session, counted)


def take_back(session: Session, counted: Sequence[Counter]) -> None:
    """Take back what `count` has counted."""
    hashes = [counter.hash for counter in counted]
    session.execute(
        update(SignInFailure)
        .where(SignInFailure.what_hash.in_(hashes), SignInFailure.failures > 0)
        .values(failures=SignInFailure.failures - 1)
    )


def _wait(limit: Limit, failures: int, last_at: datetime, at: datetime) -> timedelta:
    if failures <= limit.free:
        return NO_WAIT
    doubled = min(failures - limit.free - 1, 10)
    wait = min(FIRST_WAIT * int(2**doubled), limit.longest)
    return max(last_at + wait - at, NO_WAIT)
