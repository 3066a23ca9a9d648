"""With several people at once, and errors in the middle, an operation is all or nothing."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, delete, func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.factories import (
    ALL_OF_USERS,
    Office,
    a_search,
    domains_searched,
    erased,
    give,
    make_contact,
    many_users,
)
from tests.together import at_once, waits_for
from webapp.config import Settings
from webapp.db import begin_writing
from webapp.errors import Gone, Refused
from webapp.lifecycle import operation
from webapp.models import (
    Account,
    Contact,
    Found,
    Grant,
    Operation,
    OperationAccount,
    Outcome,
    Person,
    Purpose,
    Receipt,
    State,
    Tick,
    Verb,
)
from webapp.searching import selection
from webapp.times import now


def write(session: Session) -> None:
    """Begin to write, in a transaction of its own."""
    session.commit()
    begin_writing(session)


def frozen(session: Session, actor_id: int, verb: Verb = Verb.ERASE) -> str:
    """Freeze an operation on everyone deleted whom this person finds."""
    write(session)
    purpose = Purpose.ERASE if verb is Verb.ERASE else Purpose.RESTORE
    chosen = a_search(session, actor_id, purpose)
    made = operation.freeze(
        session, verb, chosen, domains_searched(session, chosen), now(), Settings().limits
    )
    session.commit()
    return made.id


def confirm(
    engine: Engine, actor_id: int, operation_id: str, results: list[Outcome], together: Barrier
) -> None:
    with Session(engine) as session:
        together.wait()
        begin_writing(session)
        results.append(operation.perform(session, actor_id, operation_id, now()).outcome)
        session.commit()


def states(session: Session) -> dict[State, int]:
    session.commit()
    return dict(session.execute(select(Account.state, func.count()).group_by(Account.state)).all())


def test_an_operation_confirmed_twice_at_once_is_performed_once(
    engine: Engine, session: Session, office: Office
) -> None:
    results: list[Outcome] = []
    actor_id, operation_id, together = (
        office.priya.account_id,
        frozen(session, office.priya.account_id),
        Barrier(2),
    )
    at_once(*[lambda: confirm(engine, actor_id, operation_id, results, together)] * 2)
    assert results == [Outcome.PERFORMED] * 2
    assert erased(session) == 7
    assert session.scalar(select(func.count()).select_from(Receipt)) == 1


@pytest.mark.parametrize("other", [Verb.ERASE, Verb.RESTORE])
def test_of_two_overlapping_lists_one_is_performed_and_one_refused(
    engine: Engine, session: Session, office: Office, other: Verb
) -> None:
    many_users(session, office.london, 500, State.DELETED)
    make_contact(session, office.owen, office.dublin)
    give(session, office.owen, office.dublin, *ALL_OF_USERS)
    session.get_one(Contact, (office.owen.account_id, office.london.id)).primary = True
    session.commit()
    results: list[Outcome] = []
    priya, owen, together = office.priya.account_id, office.owen.account_id, Barrier(2)
    hers, his = frozen(session, priya), frozen(session, owen, other)
    at_once(
        lambda: confirm(engine, priya, hers, results, together),
        lambda: confirm(engine, owen, his, results, together),
    )
    assert sorted(results) == [Outcome.PERFORMED, Outcome.REFUSED]
    after = states(session)
    performed = session.scalars(
        select(Operation.verb).where(Operation.outcome == Outcome.PERFORMED)
    ).one()
    assert erased(session) == (507 if performed is Verb.ERASE else 0)
    assert session.scalar(select(func.count()).select_from(Person)) == sum(after.values())


@pytest.mark.parametrize(
    ("most", "hears"),
    [(100, "ticked"), (0, "This search is no longer kept")],
    ids=["kept", "not kept"],
)
def test_ticking_while_others_erase_finds_the_search_or_hears_that_it_is_gone(
    engine: Engine, session: Session, office: Office, most: int, hears: str
) -> None:
    """It is gone where its words are forgotten and whom it found is not kept."""
    operation_id, owen, priya = (
        frozen(session, office.priya.account_id),
        office.owen.account_id,
        office.priya.account_id,
    )
    write(session)
    searched = a_search(session, owen, Purpose.RESTORE, {"keyword": "farah"}, most).id
    session.commit()
    heard: list[str] = []

    def tick() -> None:
        with Session(engine) as other:
            begin_writing(other)
            try:
                mine = selection.own(other, owen, Purpose.RESTORE, searched)
                selection.save_ticks(other, mine, domains_searched(other, mine), {})
                heard.append("ticked")
            except Gone as gone:
                heard.append(gone.title)

    write(session)
    operation.perform(session, priya, operation_id, now())
    waits_for(session, tick, heard)
    assert heard == [hears]


def test_a_right_that_is_taken_while_the_list_waits_counts_no_more(
    engine: Engine, session: Session, office: Office
) -> None:
    priya, operation_id, results = (
        office.priya.account_id,
        frozen(session, office.priya.account_id),
        list[Outcome](),
    )
    held = office.deleted(office.london)[0].account_id

    def take() -> None:
        if engine.dialect.name == "postgresql":
            with Session(engine) as other:
                other.execute(delete(Contact).where(Contact.account_id == priya))
                other.commit()
        else:  # where one writes at a time, the same transaction must do both
            session.execute(delete(Contact).where(Contact.account_id == priya))

    write(session)
    # Lock its row; its state stays.
    session.execute(update(Account).where(Account.id == held).values(since=now()))
    waits_for(
        session,
        lambda: confirm(engine, priya, operation_id, results, Barrier(1)),
        results,
        meanwhile=take,
    )
    assert results == [Outcome.REFUSED]
    assert not erased(session)


def test_erasing_takes_people_off_every_list_and_every_tick(
    session: Session, office: Office
) -> None:
    priya, owen = office.priya.account_id, office.owen.account_id
    cancelled, others, done = (
        frozen(session, priya),
        frozen(session, owen, Verb.RESTORE),
        frozen(session, priya),
    )
    write(session)
    searched = a_search(session, owen, Purpose.RESTORE)
    selection.save_ticks(
        session,
        searched,
        domains_searched(session, searched),
        {person.reference: False for person in office.deleted(office.london)},
    )
    session.commit()
    assert {cancelled, others, done} == set(session.scalars(select(OperationAccount.operation_id)))
    assert session.scalars(select(Tick.account_id)).all() != []
    write(session)
    assert operation.perform(session, priya, done, now()).outcome is Outcome.PERFORMED
    session.commit()
    assert session.scalars(select(OperationAccount.account_id)).all() == []
    assert session.scalars(select(Tick.account_id)).all() == []
    write(session)
    assert operation.perform(session, owen, others, now()).outcome is Outcome.REFUSED
    session.commit()


def test_a_table_that_is_forgotten_refuses_the_whole_erasure(
    session: Session, office: Office
) -> None:
    session.execute(
        text("CREATE TABLE forgotten (account_id INTEGER REFERENCES person (account_id))")
    )
    session.execute(
        text("INSERT INTO forgotten VALUES (:id)"),
        {"id": office.deleted(office.dublin)[0].account_id},
    )
    session.commit()
    before = states(session)
    actor_id = office.priya.account_id
    operation_id = frozen(session, actor_id)
    write(session)
    with pytest.raises(IntegrityError):
        operation.perform(session, actor_id, operation_id, now())
    session.rollback()
    assert states(session) == before
    assert session.scalars(select(Operation.outcome)).one() is Outcome.OPEN


@pytest.mark.parametrize("right", [Contact, Grant])
def test_a_right_cannot_be_taken_between_the_judging_and_the_commit(
    engine: Engine, session: Session, office: Office, right: type[Contact | Grant]
) -> None:
    priya, operation_id, taken = (
        office.priya.account_id,
        frozen(session, office.priya.account_id),
        list[str](),
    )

    def take() -> None:
        with Session(engine) as other:
            begin_writing(other)
            other.execute(delete(right).where(right.account_id == priya))
            other.commit()
            taken.append("taken")

    write(session)
    assert operation.perform(session, priya, operation_id, now()).outcome is Outcome.PERFORMED
    waits_for(session, take, taken)
    assert taken == ["taken"]


def test_everyone_s_old_lists_are_forgotten(session: Session, office: Office) -> None:
    priya, owen = office.priya.account_id, office.owen.account_id
    old, young = frozen(session, owen, Verb.RESTORE), frozen(session, owen, Verb.RESTORE)
    write(session)
    session.execute(
        update(Operation)
        .where(Operation.id == old)
        .values(expires_at=now() - operation.KEPT_FOR - timedelta(minutes=1))
    )
    made = frozen(session, priya)
    assert set(session.scalars(select(Operation.id))) == {young, made}
    assert set(session.scalars(select(OperationAccount.operation_id))) == {young, made}


def test_who_freezes_while_others_erase_waits_and_finds_nobody(
    engine: Engine, session: Session, office: Office
) -> None:
    priya, owen, operation_id, found = (
        office.priya.account_id,
        office.owen.account_id,
        frozen(session, office.priya.account_id),
        list[str](),
    )

    def freeze() -> None:
        with Session(engine) as other:
            try:
                # A new search, which the erasure cannot have locked.
                found.append(frozen(other, owen, Verb.RESTORE))
            except Refused as refused:
                found.append(refused.sentence)

    write(session)
    operation.perform(session, priya, operation_id, now())
    waits_for(session, freeze, found)
    assert found == ["No user is chosen that you could restore."]
    assert session.scalars(select(OperationAccount.account_id)).all() == []


def test_who_ticks_while_others_erase_waits_and_ticks_nobody_who_is_gone(
    engine: Engine, session: Session, office: Office
) -> None:
    priya, owen, operation_id, ticked = (
        office.priya.account_id,
        office.owen.account_id,
        frozen(session, office.priya.account_id),
        list[str](),
    )
    shown = {person.reference: False for person in office.deleted(office.london)}
    write(session)
    searched = a_search(session, owen, Purpose.RESTORE).id
    session.commit()

    def tick() -> None:
        with Session(engine) as other:
            begin_writing(other)
            mine = selection.own(other, owen, Purpose.RESTORE, searched)
            selection.save_ticks(other, mine, domains_searched(other, mine), shown)
            other.commit()
            ticked.append("ticked")

    write(session)
    operation.perform(session, priya, operation_id, now())
    waits_for(session, tick, ticked)
    assert ticked == ["ticked"]
    assert session.scalars(select(Tick.account_id)).all() == []


def test_a_search_that_is_to_be_changed_is_read_as_it_is_now(
    engine: Engine, session: Session, office: Office
) -> None:
    priya = office.priya.account_id
    write(session)
    made = a_search(session, priya, Purpose.ERASE)
    session.commit()
    with Session(engine, expire_on_commit=False) as browser, Session(engine) as elsewhere:
        known = selection.own(browser, priya, Purpose.ERASE, made.id)
        assert known.all_ticked
        browser.commit()
        begin_writing(elsewhere)
        selection.tick_all(
            elsewhere, selection.own(elsewhere, priya, Purpose.ERASE, made.id), ticked=False
        )
        elsewhere.commit()
        begin_writing(browser)
        selection.hold(browser, known, domains_searched(browser, known))
        assert not known.all_ticked


def test_who_searches_while_others_erase_waits_and_keeps_nobody_who_is_gone(
    engine: Engine, session: Session, office: Office
) -> None:
    priya, owen, operation_id, found = (
        office.priya.account_id,
        office.owen.account_id,
        frozen(session, office.priya.account_id),
        list[int | None](),
    )

    def search() -> None:
        with Session(engine) as other:
            begin_writing(other)
            found.append(a_search(other, owen, Purpose.RESTORE, {"keyword": "example.org"}).found)
            other.commit()

    write(session)
    operation.perform(session, priya, operation_id, now())
    waits_for(session, search, found)
    assert found == [0]
    assert session.scalars(select(Found)).all() == []


@pytest.mark.parametrize("most", [100, 0], ids=["kept", "not-kept"])
@pytest.mark.parametrize("freezing", [True, False], ids=["freezing", "ticking"])
def test_a_search_made_while_others_erase_and_an_erasure_do_not_wait_for_each_other(
    engine: Engine, session: Session, office: Office, freezing: bool, most: int
) -> None:
    """See that only one of the two waits.

    The erasure forgets a search that is new since it began; whose it is waits for the people
    being erased.
    """
    priya, owen, operation_id, heard = (
        office.priya.account_id,
        office.owen.account_id,
        frozen(session, office.priya.account_id),
        list[str](),
    )
    shown = {person.reference: False for person in office.deleted(office.london)}

    def change() -> None:
        with Session(engine) as other:
            begin_writing(other)
            searched = a_search(other, owen, Purpose.RESTORE, {"keyword": "example.org"}, most)
            other.commit()
            begin_writing(other)
            domains = domains_searched(other, searched)
            try:
                if freezing:
                    operation.freeze(
                        other, Verb.RESTORE, searched, domains, now(), Settings().limits
                    )
                else:
                    selection.save_ticks(other, searched, domains, shown)
                heard.append("done")
            except (Gone, Refused) as told:
                heard.append(told.title)

    def forget() -> None:
        """Do what comes after the accounts are locked.

        On PostgreSQL the other one has begun to wait by now.
        """
        operation.perform(session, priya, operation_id, now())

    write(session)
    # As an erasure begins.
    session.execute(select(Account.id).order_by(Account.id).with_for_update(key_share=True))
    waits_for(session, change, heard, meanwhile=forget)
    # With one at a time, not even the search was made before the erasure.
    one_at_a_time = session.get_bind().dialect.name == "sqlite"
    if most or one_at_a_time:  # nobody is left to restore
        assert heard == ["This cannot be done" if freezing else "done"]
    else:
        assert heard == ["This search is no longer kept"]
    assert session.get_one(Operation, operation_id).outcome is Outcome.PERFORMED
