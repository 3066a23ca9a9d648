"""Who guesses gets slower, from anywhere; whose name is guessed does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import CHEAP, PASSWORD, Office, many_users
from tests.journeys.browser import Browser
from webapp.identity.attempts import OF_ADDRESS, OF_NAME, OF_STRANGERS, counters
from webapp.models import Person, SignInFailure, SignInSession, State
from webapp.times import now

SLOWED = "Too many tries."
WRONG = "The user name or the password is not right."


@pytest.fixture
def names(session: Session, office: Office) -> list[str]:
    """Make enough users for an address to be slowed; comparing their passwords takes no time."""
    ids = many_users(session, office.dublin, OF_ADDRESS.free + 1, State.LIVE)
    of_them = Person.account_id.in_(ids)
    session.execute(update(Person).where(of_them).values(password_hash=CHEAP.hash(PASSWORD)))
    return list(session.scalars(select(Person.user_name).where(of_them)))


def stranger(web: Client, address: str = "203.0.113.5", **headers: str) -> Client:
    """Return a browser that has never been here, at this address."""
    found = Client(web.app, web.session)
    found.extra_environ = {"REMOTE_ADDR": address, **headers}
    return found


def guess(web: Client, times: int, name: str = "priya.contact") -> Any:
    """Try wrong passwords; return the last answer."""
    return [web.sign_in(name, f"wrong {number}") for number in range(times)][-1]


def test_strangers_do_not_slow_a_browser_that_has_signed_in_before(
    web: Client, office: Office
) -> None:
    web.sign_in("priya.contact")
    web.reset_session_cookie()
    assert SLOWED in guess(stranger(web), OF_NAME.free + 2)
    assert "Priya Contact" in web.sign_in(" PRIYA.contact")


def test_strangers_do_not_slow_whoever_is_signed_in_and_confirms(
    web: Client, session: Session, office: Office
) -> None:
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    long_ago = now() - timedelta(hours=1)
    session.execute(update(SignInSession).values(password_at=long_ago))
    web.set_cookie("console-known", "")
    browser.visit(browser.url)
    assert SLOWED in guess(stranger(web), OF_NAME.free + 2)
    browser.fill(password=PASSWORD)
    browser.press("Erase 7 users", within="#popup")
    assert "7 users have been erased." in browser.text


def test_a_browser_that_has_signed_in_before_is_slowed_by_its_own_failures(
    web: Client, office: Office
) -> None:
    web.sign_in("priya.contact")
    web.reset_session_cookie()
    assert SLOWED in guess(web, OF_NAME.free + 2)
    assert "Priya Contact" in stranger(web).sign_in("priya.contact")


@pytest.mark.parametrize("cookie", ["", "x", "forged", "of Owen"])
def test_only_a_browser_that_has_signed_in_as_this_person_is_known(
    web: Client, office: Office, cookie: str
) -> None:
    other = stranger(web)
    if cookie == "of Owen":
        other.sign_in("owen.contact")
        other.reset_session_cookie()
    else:
        web.sign_in("priya.contact")
        real = web.cookies["console-known"]
        other.set_cookie("console-known", f"{real[:-2]}xx" if cookie == "forged" else cookie)
    guess(stranger(web, "198.51.100.9"), OF_NAME.free + 2)
    assert SLOWED in other.sign_in("priya.contact")


def test_several_people_can_share_a_browser(web: Client, office: Office) -> None:
    for name in ("priya.contact", "owen.contact"):
        web.sign_in(name)
        web.reset_session_cookie()
    for name in ("priya.contact", "owen.contact"):
        guess(stranger(web), OF_NAME.free + 2, name)
        assert SLOWED not in web.sign_in(name)
        web.reset_session_cookie()


def test_one_address_is_slowed_whatever_names_it_tries(web: Client, names: list[str]) -> None:
    attacker = stranger(web)
    for name in [*names[1:], "nobody.here"]:
        assert WRONG in attacker.sign_in(name, "Summer2026!!")
    assert SLOWED in attacker.sign_in("owen.contact")
    assert "Owen Contact" in stranger(web, "203.0.113.6").sign_in("owen.contact")


def test_an_account_of_one_s_own_does_not_clear_the_failures_of_an_address(
    web: Client, names: list[str]
) -> None:
    attacker = stranger(web)
    for number, name in enumerate(names):
        assert WRONG in attacker.sign_in(name, "Summer2026!!")
        if number < OF_ADDRESS.free and number % 5 == 0:
            assert "Owen Contact" in stranger(web).sign_in("owen.contact")
    assert SLOWED in attacker.sign_in("another.user", "Summer2026!!")


def test_strangers_from_many_addresses_are_slowed_together_but_never_for_long(
    web: Client, session: Session, office: Office
) -> None:
    web.sign_in("priya.contact")
    web.reset_session_cookie()
    stranger(web).sign_in("user.0", "wrong")
    strangers = counters("a key for tests that is long enough", "", "")[-1].hash
    session.execute(
        update(SignInFailure)
        .where(SignInFailure.what_hash == strangers)
        .values(failures=OF_STRANGERS.free + 50, last_at=now())
    )
    answer = stranger(web, "198.51.100.7").sign_in("owen.contact")
    assert SLOWED in answer
    assert OF_STRANGERS.longest <= timedelta(seconds=5)
    assert "Priya Contact" in web.sign_in("priya.contact")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "slowed"),
    [
        (0, "198.51.100.{}", True),  # the header is not read, so that it helps nobody
        (1, "198.51.100.{}", False),
        (1, "198.51.100.{}, 192.0.2.9", True),  # what comes before the proxy's own is made up
        (2, "198.51.100.{}, 192.0.2.9", False),
    ],
)
def test_an_address_comes_from_the_header_of_trusted_proxies_only(
    anew: Callable[..., Flask],
    session: Session,
    names: list[str],
    proxies: int,
    forwarded: str,
    slowed: bool,
) -> None:
    web = Client(anew(proxies=proxies), session)
    for number, name in enumerate(names):
        web.extra_environ = {"HTTP_X_FORWARDED_FOR": forwarded.format(number)}
        assert WRONG in web.sign_in(name, "wrong")
    web.extra_environ = {"HTTP_X_FORWARDED_FOR": forwarded.format(99)}
    assert (SLOWED in web.sign_in("owen.contact")) is slowed


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("", "", True),
    ],
)
def test_the_many_addresses_of_one_ipv6_network_are_one(one: str, other: str, same: bool) -> None:
    of_one, of_other = (counters("key", "name", address)[1].hash for address in (one, other))
    assert (of_one == of_other) is same
