"""Passkeys: added with a proof, asked for where a code is, and each answer good for once."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from webauthn.helpers import bytes_to_base64url

from tests.conftest import Client, Runner
from tests.factories import PASSWORD, Office, erased
from tests.journeys.browser import Browser
from tests.sign_in.authenticator import PRESENT, Device
from tests.sign_in.test_second_factor import code, to_the_pop_up
from tests.together import at_once
from webapp.events import Recorded
from webapp.identity import passkeys
from webapp.identity.attempts import OF_NAME
from webapp.models import Event, Passkey, Person, RecoveryCode, SignInSession
from webapp.times import now
from webapp.web.proof import WRONG_PASSKEY

NOT_ADDED = "This passkey was not accepted"


@pytest.fixture
def browser(web: Client, office: Office) -> Browser:
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    return browser


@pytest.fixture
def device(browser: Browser) -> Device:
    """Add a passkey that is called Telephone."""
    device = Device()
    add(browser, device)
    assert "Your second factor has been set up." in browser.text
    return device


def begin(browser: Browser, name: str = "Telephone", **proof: str) -> dict[str, Any]:
    """Ask for a passkey to be made; return what the browser is asked."""
    browser.visit("/second-factor")
    browser.fill(called=name, **proof or {"password": PASSWORD})
    browser.press("Add a passkey")
    made = browser.soup.select_one("passkey-button[data-create]")
    return json.loads(made["data-create"]) if made else {}


def add(browser: Browser, device: Device, name: str = "Telephone", **proof: str) -> None:
    give(browser, device.make(begin(browser, name, **proof)))
    browser.press("", within="main form")


def give(browser: Browser, answer: str) -> None:
    """Do what the script does: put the answer into the form; its button is no other's."""
    browser.soup.select_one("[name=passkey]")["value"] = answer


def asked(browser: Browser) -> dict[str, Any]:
    """Do what the script does: ask for a challenge."""
    token = browser.soup.select_one("[name=csrf_token]")["value"]
    answer = browser.web.post("/second-factor/passkeys/ask", {"csrf_token": token})
    assert answer.content_type == "application/json"
    return dict(answer.json)


def prove(browser: Browser, answer: str) -> None:
    give(browser, answer)
    browser.press("Erase 7 users", within="#popup")


def test_erasing_asks_for_a_passkey_instead_of_the_password(
    browser: Browser, session: Session, device: Device
) -> None:
    to_the_pop_up(browser)
    assert browser.soup.select("passkey-button[data-ask]")
    assert not browser.soup.select("[name=password]")
    browser.press("Erase 7 users", within="#popup")
    assert "Use your passkey, or enter a code." in browser.text
    prove(browser, device.use(asked(browser)))
    assert "7 users have been erased." in browser.text
    browser.visit("/second-factor")
    assert "never" not in browser.text


def test_what_the_browser_is_asked_names_the_passkeys_and_wants_the_person_verified(
    browser: Browser, device: Device, office: Office
) -> None:
    wanted = asked(browser)
    kept = bytes_to_base64url(device.credential_id)
    assert [each["id"] for each in wanted["allowCredentials"]] == [kept]
    assert (wanted["rpId"], wanted["userVerification"]) == ("localhost", "required")
    made = begin(browser, code=recovery_code(browser, device))
    assert [each["id"] for each in made["excludeCredentials"]] == [kept]
    assert made["authenticatorSelection"]["userVerification"] == "required"
    assert made["rp"]["id"] == "localhost"


def recovery_code(browser: Browser, device: Device) -> str:
    """Remove the passkey and add it anew, for fresh codes; return one of them."""
    remove(browser, device)
    add(browser, device)
    return str(browser.soup.select_one("main li code").get_text())


def remove(browser: Browser, device: Device, name: str = "Telephone") -> None:
    browser.visit("/second-factor")
    give(browser, device.use(asked(browser)))
    browser.press(f"Remove the passkey {name}")


@pytest.mark.parametrize(
    "wrong",
    [
        Device(origin="http://localhost:9999"),
        Device(origin="https://localhost"),
        Device(origin="http://localhost.evil.example"),
        Device(site="evil.example"),
        Device(flags=PRESENT),
        Device(flags=0),
        Device(credential_id=b""),
        Device(credential_id=b"x" * 1024),
    ],
    ids=["port", "scheme", "origin", "site", "not verified", "not there", "no id", "long id"],
)
def test_a_passkey_made_elsewhere_or_by_nobody_is_not_added(
    browser: Browser, session: Session, wrong: Device
) -> None:
    add(browser, wrong)
    assert (browser.status, NOT_ADDED in browser.text) == (422, True)
    assert session.scalars(select(Passkey)).all() == []
    assert session.scalars(select(RecoveryCode)).all() == []


@pytest.mark.parametrize(
    ("part", "wrong"),
    [
        ("origin", "http://localhost:9999"),
        ("origin", "https://localhost"),
        ("site", "evil.example"),
        ("flags", PRESENT),
        ("flags", 0),
    ],
)
def test_an_answer_from_elsewhere_or_of_nobody_proves_nothing(
    browser: Browser, session: Session, device: Device, part: str, wrong: Any
) -> None:
    setattr(device, part, wrong)
    to_the_pop_up(browser)
    prove(browser, device.use(asked(browser)))
    assert (browser.status, WRONG_PASSKEY in browser.text) == (422, True)
    assert not erased(session)


def test_an_answer_counts_once(browser: Browser, session: Session, device: Device) -> None:
    wanted = asked(browser)
    answer = device.use(wanted)
    send(browser, "/second-factor/app/remove", passkey=answer)  # there is none, but it was used
    assert browser.status == 200
    forget_proofs(session)
    to_the_pop_up(browser)
    for again in (answer, device.use(wanted)):
        prove(browser, again)
        assert (browser.status, WRONG_PASSKEY in browser.text) == (422, True)
    assert not erased(session)


def forget_proofs(session: Session) -> None:
    """Let the reader be asked again."""
    session.execute(update(SignInSession).values(code_at=None))


def test_a_challenge_counts_for_five_minutes_and_until_the_next_one(
    browser: Browser, session: Session, device: Device
) -> None:
    to_the_pop_up(browser)
    first = asked(browser)
    asked(browser)
    prove(browser, device.use(first))
    assert WRONG_PASSKEY in browser.text
    late = asked(browser)
    before = now() - passkeys.LIFETIME - timedelta(seconds=1)
    session.execute(update(SignInSession).values(challenge_at=before))
    prove(browser, device.use(late))
    assert WRONG_PASSKEY in browser.text
    prove(browser, device.use(asked(browser)))
    assert "7 users have been erased." in browser.text


def test_a_passkey_whose_copy_was_used_proves_nothing(
    browser: Browser, session: Session, device: Device
) -> None:
    session.execute(update(Passkey).values(uses=7))
    to_the_pop_up(browser)
    for device.uses, right in ((6, False), (7, False), (8, True)):
        prove(browser, device.use(asked(browser)))
        assert (WRONG_PASSKEY not in browser.text) is right
    assert session.scalars(select(Passkey.uses)).all() == [8]


def test_a_challenge_for_using_one_adds_none_and_the_other_way_round(
    browser: Browser, session: Session, device: Device
) -> None:
    made = Device()
    answer = made.make(asked(browser))  # nobody has proven anything
    send(browser, "/second-factor/passkeys/add", passkey=answer)
    assert NOT_ADDED in browser.text
    browser.visit("/second-factor")
    give(browser, device.use(asked(browser)))
    browser.fill(called="Another")
    browser.press("Add a passkey")
    wanted = json.loads(browser.soup.select_one("[data-create]")["data-create"])
    forget_proofs(session)
    to_the_pop_up(browser)
    prove(browser, device.use(wanted))
    assert WRONG_PASSKEY in browser.text
    assert len(session.scalars(select(Passkey)).all()) == 1


def send(browser: Browser, path: str, **fields: str) -> None:
    browser.visit("/second-factor")
    token = browser.soup.select_one("[name=csrf_token]")["value"]
    fields["csrf_token"] = token
    browser._whole(browser.web.post(path, fields, expect_errors=True))


def test_nobody_uses_the_passkey_of_somebody_else(
    browser: Browser, app: Flask, session: Session, office: Office, device: Device
) -> None:
    other = Browser(Client(app, session), htmx=False)
    other.sign_in("owen.contact")
    own = Device()
    add(other, own)
    add(other, device, code=other.soup.select_one("main li code").get_text())
    assert NOT_ADDED in other.text
    to_the_pop_up(browser)
    prove(browser, own.use(asked(browser)))
    assert WRONG_PASSKEY in browser.text
    other.visit("/second-factor")
    reference = session.scalars(
        select(Passkey.reference).where(Passkey.account_id == office.priya.account_id)
    ).one()
    send(other, f"/second-factor/passkeys/{reference}/remove", passkey=own.use(asked(other)))
    assert len(session.scalars(select(Passkey)).all()) == 2


def test_another_one_is_added_with_what_there_is_and_recovery_codes_stay(
    browser: Browser, session: Session, device: Device
) -> None:
    codes = session.scalars(select(RecoveryCode.code_hash)).all()
    begin(browser, "Laptop", code="wrong")
    assert "This code is not right, or was used before." in browser.text
    browser.visit("/second-factor")
    assert not browser.soup.select("[name=password]")
    browser.fill(called="Laptop")
    give(browser, device.use(asked(browser)))
    browser.press("Add a passkey")
    wanted = json.loads(browser.soup.select_one("[data-create]")["data-create"])
    laptop = Device()
    give(browser, laptop.make(wanted))
    browser.press("", within="main form")
    assert "Recovery codes" not in browser.text
    remove(browser, laptop)
    assert session.scalars(select(Passkey.name)).all() == ["Laptop"]
    assert session.scalars(select(RecoveryCode.code_hash)).all() == codes
    remove(browser, laptop, "Laptop")
    assert session.scalars(select(RecoveryCode)).all() == []
    assert browser.soup.select("[name=password]")


def test_an_app_and_a_passkey_stand_beside_each_other(
    browser: Browser, session: Session, device: Device
) -> None:
    browser.visit("/second-factor")
    give(browser, device.use(asked(browser)))
    browser.press("Set up an app")
    shown = pyotp.TOTP(browser.soup.select_one("main code").get_text())
    browser.fill(code=shown.now())
    browser.press("Set up")
    remove(browser, device)
    forget_proofs(session)
    to_the_pop_up(browser)
    assert not browser.soup.select("passkey-button")
    browser.fill(code=code(shown))
    browser.press("Erase 7 users", within="#popup")
    assert "7 users have been erased." in browser.text
    assert len(session.scalars(select(RecoveryCode)).all()) == 10


@pytest.mark.parametrize(
    "answer",
    [
        "x",
        "{}",
        "5",
        "null",
        '{"id": "\\u0000"}',
        '{"id": ["a"]}',
        "[" * 100_000,
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "AA", '
        '"authenticatorData": "AA", "signature": "AA", "attestationObject": "oA"}}',
    ],
)
def test_what_is_no_answer_is_answered_with_a_sentence(
    browser: Browser, device: Device, answer: str
) -> None:
    to_the_pop_up(browser)
    asked(browser)
    prove(browser, answer)
    assert (browser.status, WRONG_PASSKEY in browser.text) == (422, True)
    send(browser, "/second-factor/passkeys/add", passkey=answer)
    assert (browser.status, NOT_ADDED in browser.text) == (422, True)


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "a\nb", "\u200b"])
def test_a_name_that_nobody_can_read_is_refused(browser: Browser, name: str) -> None:
    assert begin(browser, name) == {}
    assert browser.status == 422


def many(session: Session, person: Person) -> None:
    """Let this person, who has a passkey, have as many as anybody may have."""
    for number in range(passkeys.MOST - 1):
        named = f"{number:08}"  # the base64 of six bytes
        kept = {"credential_id": named, "reference": named, "public_key": named, "name": "Another"}
        session.add(Passkey(**kept, account_id=person.account_id, uses=0, added_at=now()))


def test_twenty_are_enough(
    browser: Browser, session: Session, office: Office, device: Device
) -> None:
    many(session, office.priya)
    browser.visit("/second-factor")
    browser.fill(called="One more")
    give(browser, device.use(asked(browser)))
    browser.press("Add a passkey")
    assert "You have 20 passkeys already. Remove one first." in browser.text


def test_whoever_guesses_gets_slower_whatever_they_guess(browser: Browser, device: Device) -> None:
    to_the_pop_up(browser)
    for _ in range(OF_NAME.free + 2):
        prove(browser, "{}")
    assert "Too many tries." in browser.text
    prove(browser, device.use(asked(browser)))
    assert "Too many tries." in browser.text


def test_of_an_answer_used_twice_at_once_one_counts(
    app: Flask, web: Client, session: Session, browser: Browser, device: Device
) -> None:
    browser.visit("/second-factor")
    token = browser.soup.select_one("[name=csrf_token]")["value"]
    sent = {"passkey": device.use(asked(browser)), "csrf_token": token}
    answers: list[int] = []

    def post() -> None:
        own = app.test_client()
        own.set_cookie("console", web.cookies["console"].strip('"'))
        answers.append(own.post("/second-factor/app/remove", data=sent).status_code)

    session.commit()
    at_once(post, post)
    assert sorted(answers) == [303, 422]


def test_without_a_second_factor_that_is_required_a_passkey_will_do(
    anew: Callable[..., Flask], session: Session, office: Office
) -> None:
    browser = Browser(Client(anew(second_factor=True), session), htmx=False)
    browser.sign_in("priya.contact")
    device = Device()
    add(browser, device)
    to_the_pop_up(browser)
    prove(browser, device.use(asked(browser)))
    assert "7 users have been erased." in browser.text


def test_a_console_without_a_name_offers_no_passkeys(
    anew: Callable[..., Flask], session: Session, office: Office
) -> None:
    web = Client(anew(hosts="127.0.0.1"), session)
    web.extra_environ["HTTP_HOST"] = "127.0.0.1"
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    browser.visit("/second-factor")
    assert "passkey" not in " ".join(browser.buttons())
    send(browser, "/second-factor/passkeys/ask")
    assert browser.status == 404


def test_what_is_added_and_removed_is_recorded_and_an_operator_removes_all(
    browser: Browser, runner: Runner, session: Session, office: Office, device: Device
) -> None:
    words = ["access", "remove-second-factor", "priya.contact"]
    assert runner.invoke(args=words).stdout == "The second factors have been removed.\n"
    recorded = session.scalars(select(Event.key).order_by(Event.at)).all()
    added, removed = Recorded.SECOND_FACTOR_ADDED.name, Recorded.SECOND_FACTOR_REMOVED.name
    assert [key for key in recorded if "FACTOR" in key] == [added, removed]
    assert session.scalars(select(RecoveryCode)).all() == []


def test_statements_do_not_grow_with_passkeys(
    browser: Browser,
    session: Session,
    office: Office,
    device: Device,
    statements: Callable[[], AbstractContextManager[Sequence[str]]],
) -> None:
    few = counted(browser, device, statements)
    many(session, office.priya)
    session.commit()
    assert counted(browser, device, statements) == few
    assert max(few) <= 16


def counted(
    browser: Browser,
    device: Device,
    statements: Callable[[], AbstractContextManager[Sequence[str]]],
) -> list[int]:
    """Count the statements of the page, of asking for a challenge, and of using it."""
    numbers = []
    with statements() as said:
        browser.visit("/second-factor")
    numbers.append(len(said))
    with statements() as said:
        wanted = asked(browser)
    numbers.append(len(said))
    give(browser, device.use(wanted))
    with statements() as said:
        browser.press("Set up an app")
    numbers.append(len(said))
    return numbers


def test_an_address_without_a_passkey_to_be_made_is_no_way_in(
    browser: Browser, session: Session, office: Office
) -> None:
    send(browser, "/second-factor/passkeys/add", passkey=Device().make({"challenge": "AA"}))
    assert NOT_ADDED in browser.text
    assert session.get(Person, office.priya.account_id)
    assert session.scalars(select(Passkey)).all() == []
