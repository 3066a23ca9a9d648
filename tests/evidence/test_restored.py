"""A backup that is restored shows nobody, until those who were erased since are erased again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select, update
from sqlalchemy.orm import Session

from tests.conftest import Client, Runner, engine_of
from tests.evidence.backups import KINDS, Restore
from tests.evidence.conftest import Erase, freeze, names
from tests.factories import Office, a_user
from tests.house.walk import all_rights
from tests.journeys.browser import Browser
from tests.together import at_once
from tests.web.test_unfit import only_on
from webapp.billing.queries import counted
from webapp.db import begin_writing
from webapp.errors import Refused
from webapp.evidence import replay
from webapp.evidence.chain import Kind, entries
from webapp.evidence.ledger import LEDGERS, Ledger
from webapp.lifecycle import operation
from webapp.models import (
    Account,
    BilledSpan,
    By,
    Domain,
    Event,
    Receipt,
    State,
)
from webapp.times import now

SENTENCE = "A backup of its database was restored"
Backup = Callable[..., Restore]


def replayed(runner: Runner, *words: str) -> Any:
    return runner.invoke(args=["erasure", "replay", *words])


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_shown_until_they_are_erased_again(
    web: Client, runner: Runner, session: Session, erase: Erase, backup: Backup, kind: str
) -> None:
    web.sign_in("priya.contact")
    restore = backup(kind)
    erase("farah")
    erase("hana")
    left = names(session)
    restore()
    for path in ("/", "/sign-in", "/help", "/users/", "/health", "/nowhere"):
        assert SENTENCE in web.get(path, status=503)
    web.get("/health/live", status=200)
    done = runner.invoke(args=["users", "import", __file__])
    assert (done.exit_code, SENTENCE in done.output) == (1, True)
    done = replayed(runner)
    assert done.output == (
        "2 erasures have been repeated: 2 users were erased again, 0 were not in the backup.\n"
    )
    assert names(session) == left
    web.get("/health", status=200)
    assert "nothing to repeat" in replayed(runner).output
    done = runner.invoke(args=["erasure", "verify"])
    assert "holds 3 erasures, and every entry and receipt fits." in done.output


def test_the_receipt_says_that_it_repeats(
    web: Client, runner: Runner, session: Session, office: Office, erase: Erase, backup: Backup
) -> None:
    restore = backup()
    erase("farah")
    erase("niamh")
    restore()
    replayed(runner)
    browser = Browser(web, htmx=False)
    browser.sign_in("priya.contact")
    session.commit()
    receipt = session.scalars(select(Receipt)).one()
    assert receipt.number == 2
    done_by = select(Event.done_by).where(Event.receipt_id == receipt.id)
    assert set(session.scalars(done_by)) == {By.COMMAND_LINE}
    all_rights(session, office, office.priya)
    browser.visit(f"/receipts/{receipt.reference}")
    assert "by the command line" in browser.text
    assert "This repeats entries 1, 3 of the ledger" in browser.text
    assert "Entry 5 of the ledger keeps the random keys" in browser.text


@pytest.mark.parametrize("state", State)
def test_whoever_was_erased_goes_again_in_whatever_state_the_backup_has_them(
    runner: Runner, session: Session, office: Office, erase: Erase, backup: Backup, state: State
) -> None:
    farah = office.deleted(office.london)[0].account_id
    session.execute(update(Account).where(Account.id == farah).values(state=state))
    span = update(BilledSpan).where(BilledSpan.account_id == farah)
    if state is State.LIVE:
        session.execute(span.values(last_month=None))
    restore = backup()
    session.execute(update(Account).where(Account.id == farah).values(state=State.DELETED))
    session.execute(span.values(last_month=now().date().replace(day=1)))
    session.commit()
    before = billed(session)
    erase("farah")
    restore()
    assert "1 user was erased again" in replayed(runner).output
    assert "Farah حداد" not in names(session)
    if state is State.LIVE:
        assert billed(session) == before


def billed(session: Session) -> list[int]:
    """Return how many users every domain is billed for in every month until this one."""
    session.commit()
    years = range(2024, now().year + 1)
    months = [date(year, month, 1) for year in years for month in range(1, 13)]
    domains = session.scalars(select(Domain.id)).all()
    return [counted(session, domain_id, month)[0] for domain_id in domains for month in months]


def test_users_made_after_the_backup_are_not_there_and_that_is_said(
    runner: Runner, session: Session, office: Office, erase: Erase, backup: Backup
) -> None:
    restore = backup()
    a_user(session, office.london, "Zoë Quinn", state=State.DELETED)
    session.commit()
    erase("zoe")
    restore()
    done = replayed(runner)
    assert "0 users were erased again, 1 were not in the backup." in done.output
    assert session.scalars(select(Receipt)).all() == []
    assert "nothing to repeat" in replayed(runner).output


def test_it_can_be_restored_again_and_again(
    runner: Runner, session: Session, office: Office, erase: Erase, backup: Backup
) -> None:
    erase("hana")
    restore = backup()
    erase("farah")
    left = names(session)
    for _ in range(3):
        restore()
        replayed(runner)
        assert names(session) == left
    restore()
    replayed(runner)
    assert "every entry and receipt fits" in runner.invoke(args=["erasure", "verify"]).output


def test_a_running_server_notices_and_goes_on_after_the_replay(
    web: Client, runner: Runner, session: Session, office: Office, erase: Erase, backup: Backup
) -> None:
    restore = backup()
    erase("farah")
    web.get("/sign-in", status=200)
    restore()
    web.get("/sign-in", status=503)
    replayed(runner)
    web.get("/sign-in", status=200)


def test_an_erasure_that_meets_a_restore_is_refused(
    session: Session, office: Office, erase: Erase, backup: Backup, engine: Engine
) -> None:
    restore = backup()
    erase("farah")
    restore()
    with pytest.raises(Refused, match="A backup was restored"):
        erase("hana")
    session.rollback()


@pytest.fixture
def killed(
    session: Session, office: Office, ledger: Ledger, engine: Engine
) -> Callable[[str], str]:
    """Erase, and have no time to say that it is done; return the list."""

    def killing(keyword: str) -> str:
        frozen = freeze(session, office.priya.account_id, keyword)
        begin_writing(session)
        operation.perform(session, office.priya.account_id, frozen, now())

        def forget(_session: Session) -> None:
            session.info.pop("written")

        event.listen(session, "before_commit", forget)
        session.commit()
        event.remove(session, "before_commit", forget)
        return frozen

    return killing


def test_who_was_killed_after_the_commit_is_marked_by_whoever_looks_next(
    web: Client, session: Session, office: Office, killed: Callable[[str], str], ledger: Ledger
) -> None:
    killed("farah")
    assert [row.kind for row in ledger.entries()] == ["erasure"]
    web.get("/sign-in", status=200)
    assert [row.kind for row in ledger.entries()] == ["erasure", "done"]


def test_what_was_killed_before_a_restore_that_knows_its_list_is_void(
    web: Client, runner: Runner, session: Session, office: Office, ledger: Ledger, engine: Engine
) -> None:
    """The list is as it was, and nobody was told that it was performed."""
    frozen = freeze(session, office.priya.account_id, "farah")
    begin_writing(session)
    operation.perform(session, office.priya.account_id, frozen, now())

    def die(_connection: Any) -> None:
        raise OSError("killed")

    event.listen(engine, "commit", die)
    with pytest.raises(OSError, match="killed"):
        session.commit()
    event.remove(engine, "commit", die)
    session.rollback()
    web.get("/sign-in", status=200)
    assert [row.kind for row in ledger.entries()] == ["erasure", "void"]
    assert "Never performed: 1." in runner.invoke(args=["erasure", "verify"]).output
    assert "Farah حداد" in names(session)


@pytest.mark.parametrize("choice", ["--repeat", "--leave"])
def test_where_nobody_can_tell_a_person_decides(
    web: Client, runner: Runner, session: Session, office: Office, backup: Backup,
    killed: Callable[[str], str], ledger: Ledger, choice: str,
) -> None:  # fmt: skip
    """Performed, not marked, and a backup from before the list was made is restored."""
    restore = backup()
    killed("farah")
    restore()
    assert SENTENCE in web.get("/sign-in", status=503)
    done = replayed(runner)
    assert done.exit_code == 1
    assert "it is not known whether entry 1 of the ledger (1 user," in done.output
    assert "`--repeat 1` or `--leave 1`" in done.output
    assert [row.kind for row in ledger.entries()] == ["erasure"]
    assert replayed(runner, choice, "1").exit_code == 0
    assert ("Farah حداد" in names(session)) is (choice == "--leave")
    web.get("/sign-in", status=200)


def test_only_what_the_database_lacks_is_decided_about(
    runner: Runner, erase: Erase, session: Session
) -> None:
    erase("farah")
    for words in (("--leave", "1"), ("--repeat", "7")):
        done = replayed(runner, *words)
        assert (done.exit_code, "no erasure that the database lacks" in done.output) == (1, True)


def test_a_backup_that_is_too_old_is_refused_with_the_way_out(
    web: Client, runner: Runner, session: Session, office: Office, erase: Erase, backup: Backup,
    ledger: Ledger,
) -> None:  # fmt: skip
    restore = backup()
    erase("farah")
    with ledger.engine.begin() as connection:
        connection.execute(update(entries).values(account_keys=None))
    restore()
    done = replayed(runner)
    assert "entries 1 of the ledger cannot be repeated" in done.output
    assert SENTENCE in web.get("/", status=503)
    assert replayed(runner, "--leave", "1").exit_code == 0
    web.get("/sign-in", status=200)


def test_a_replay_that_fails_changes_nothing_and_can_be_tried_again(
    runner: Runner, session: Session, office: Office, erase: Erase, backup: Backup, ledger: Ledger,
    engine: Engine,
) -> None:  # fmt: skip
    restore = backup()
    erase("farah")
    restore()

    def die(_connection: Any) -> None:
        raise OSError("killed")

    event.listen(engine, "commit", die)
    assert replayed(runner).exit_code == 1
    event.remove(engine, "commit", die)
    assert "Farah حداد" in names(session)
    assert "1 user was erased again" in replayed(runner).output
    assert [row.kind for row in ledger.entries()] == [
        "erasure", "done", "replay", "void", "replay", "done",
    ]  # fmt: skip


def test_two_replays_at_once_erase_once(
    app: Flask, session: Session, office: Office, erase: Erase, backup: Backup, engine: Engine
) -> None:
    restore = backup()
    erase("farah")
    restore()
    found: Counter[int] = Counter()

    def run() -> None:
        with Session(engine) as own:
            begin_writing(own)
            done = replay.replay(own, LEDGERS[engine], now())
            own.commit()
            found[done.erasures] += 1

    at_once(run, run)
    assert found == {1: 1, 0: 1}


def test_a_ledger_of_another_database_says_nothing_about_this_one(
    anew: Callable[..., Flask], session: Session, office: Office, erase: Erase, tmp_path: Any
) -> None:
    erase("farah")
    other = f"sqlite:///{tmp_path / 'other.sqlite'}"
    stranger = Ledger(other, timedelta(days=9))
    stranger.write(Kind.ERASURE, now().date(), keys=bytes(16))
    stranger.write(Kind.DONE, now().date(), about=1)
    app = anew(ledger=other)
    Client(app, session).get("/health", status=200)


def test_while_the_ledger_is_out_of_reach_a_restored_backup_stays_refused(
    web: Client, session: Session, erase: Erase, backup: Backup, ledger: Ledger
) -> None:
    restore = backup()
    erase("farah")
    restore()
    web.get("/sign-in", status=503)
    assert ledger.file
    kept = ledger.file.rename(ledger.file.with_suffix(".away"))
    ledger.file.mkdir()
    web.get("/sign-in", status=503)
    ledger.file.rmdir()
    kept.rename(ledger.file)
    web.get("/sign-in", status=503)


def test_the_ledger_of_several_machines_is_on_postgresql(
    anew: Callable[..., Flask], session: Session, office: Office, erase: Erase, backup: Backup,
    engine: Engine, request: pytest.FixtureRequest, tmp_path: Path,
) -> None:  # fmt: skip
    only_on(engine, "postgresql")
    with request.getfixturevalue("postgresql").empty(tmp_path) as url:
        app = anew(ledger=url)
        LEDGERS[engine] = ledger = LEDGERS[engine_of(app)]
        restore = backup()
        erase("farah")
        assert [row.kind for row in ledger.entries()] == ["erasure", "done"]
        engine_of(app).dispose()
        restore()
        session.commit()
        assert app.test_client().get("/health").status_code == 503
        runner = Runner(app, session)
        assert "1 user was erased again" in replayed(runner).output
        assert "holds 2 erasures" in runner.invoke(args=["erasure", "verify"]).output
        assert app.test_client().get("/health").status_code == 200
