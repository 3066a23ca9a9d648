"""What erasing does. Nothing of the people is left afterwards but numbers.

1. Lock the domains, so that erasures in one domain come one by one.
2. Forget all kept search words, all hashes of names that failed to sign in, which may be theirs,
   and their names in attributes of others.
3. Let the events in which they took part keep the day, and forget the lists they were on.
4. Count the months in which they were live without identity (billing).
5. Delete their rows in every table of personal data (models/personal.py), then their accounts.
6. Write one event a domain and a receipt, with numbers only.
7. Have it written in the ledger before the commit, and the log emptied after it (SQLite).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from webapp.db import affected, empty_log_after_commit
from webapp.errors import NotPerformed
from webapp.events import Recorded, described
from webapp.lifecycle import billed
from webapp.models import (
    Account,
    AttributeValue,
    Domain,
    Event,
    Meant,
    Mention,
    Operation,
    OperationAccount,
    Outcome,
    Part,
    Party,
    Person,
    Receipt,
    ReceiptLine,
    Selection,
    SignInFailure,
    Tick,
)
from webapp.models.names import key_of
from webapp.models.personal import PersonalData, personal_tables

ACCOUNTS = "Accounts"
SEARCH_WORDS = "Kept search words (everyone’s)"
NAMES = "Names in others’ attributes"
MENTIONS = "Mentions in others’ attributes"
MENTIONS_LEFT = "Mentions left in others’ attributes"
CHUNK = 1000  # people whose names are looked for at a time
GOES_WITH_ITS_WORDS = and_(
    Selection.found.is_(None), or_(Selection.words.is_not(None), Selection.words_forgotten)
)
FEW = 5  # users: where fewer are left in a domain, readers of the record can tell who is meant


@dataclass(frozen=True)
class Listed:
    """Whom to erase, and who does it: `number` rows that stay as they are until the end.

    `actor_id` None is the command line. `operation_id` is the list that was confirmed, if any.
    """

    accounts: Select[int]
    domains: Select[int]
    number: int
    actor_id: int | None = None
    operation_id: str = ""


@dataclass(frozen=True)
class Erased:
    """What the ledger is told: the receipt, the day, and the keys of the accounts in a row."""

    receipt_id: int
    day: date
    keys: bytes
    operation_id: str


ERASED = "erased"  # in the `info` of a session that has erased somebody: what the ledger is told


def erase(session: Session, operation: Operation, at: datetime) -> None:
    """Erase the people of this operation, whose accounts have been claimed, judged and locked.

    Raise NotPerformed, for the caller to roll back, where not exactly those would go, or where
    billing would count anything else than before.
    """
    operation.receipt_id = erase_listed(session, on_list(operation), at)
    own_list = OperationAccount.operation_id == operation.id
    affected(session, delete(OperationAccount).where(own_list))


def on_list(operation: Operation) -> Listed:
    """Return whom this operation is to erase."""
    own_list = OperationAccount.operation_id == operation.id
    return Listed(
        select(OperationAccount.account_id).where(own_list),
        select(OperationAccount.domain_id).where(own_list),
        operation.number,
        operation.account_id,
        operation.id,
    )


def erase_listed(session: Session, listed: Listed, at: datetime) -> int:
    """Erase people whose accounts are locked; return the id of the receipt. Raise as `erase`."""
    _lock_domains(session, listed.domains)
    keys = _keys(session, listed.accounts)
    before = billed.totals(session, listed.accounts, listed.domains)
    removed = {SEARCH_WORDS: _forget_search_words(session)}
    _forget_newest(session, listed.accounts)
    removed[NAMES] = _forget_names(session, listed.accounts)
    _keep_the_day(session, listed.accounts)
    _forget_ended_lists(session, listed)
    billed.keep_numbers(session, listed.accounts)
    for model in personal_tables():
        theirs = rows_of(model, listed)
        removed[model.counted_as] = affected(session, delete(model).where(theirs))
    gone = affected(session, delete(Account).where(Account.id.in_(listed.accounts)))
    after = billed.totals(session, listed.accounts, listed.domains)
    if gone != listed.number or after != before:
        raise NotPerformed(
            "Erasing these users would have changed something else.",
            "Nothing was done. Send us a message.",
        )
    receipt_id = _write_down(session, listed, at, removed)
    affected(session, delete(SignInFailure))  # hashes of names that were typed, perhaps theirs
    session.info[ERASED] = Erased(receipt_id, at.date(), keys, listed.operation_id)
    empty_log_after_commit(session)
    return receipt_id


def small_domains(session: Session, operation: Operation) -> int:
    """Count the domains in which fewer than FEW users are left once these are erased."""
    of_list = OperationAccount.operation_id == operation.id
    others = Account.id.not_in(select(OperationAccount.account_id).where(of_list))
    in_domain = Account.domain_id == Domain.id
    last = select(Account.id).where(in_domain, others).order_by(Account.state.desc())
    left = last.limit(1).offset(FEW - 1).correlate(Domain).scalar_subquery()
    concerned = Domain.id.in_(select(OperationAccount.domain_id).where(of_list))
    asked = select(func.count()).select_from(Domain).where(concerned, left.is_(None))
    return session.scalars(asked).one()


def _keys(session: Session, accounts: Select[int]) -> bytes:
    """Return the keys of these accounts, one after the other in an order that tells nothing."""
    joined = func.aggregate_strings(Account.key, "")
    keys = session.scalar(select(joined).where(Account.id.in_(accounts))) or ""
    return bytes.fromhex("".join(sorted(keys[at : at + 32] for at in range(0, len(keys), 32))))


def rows_of(model: type[PersonalData], listed: Listed) -> ColumnElement[bool]:
    """Return the condition that a row is one of theirs: what goes, and what the pop-up counts.

    Ended lists and some searches go before, with all that is on them, and the confirmed list last.
    """
    theirs = model.__table__.c.account_id.in_(listed.accounts)
    if model in (OperationAccount, Mention):
        others = select(Operation.id).where(
            Operation.outcome == Outcome.OPEN, Operation.id != listed.operation_id
        )
        return theirs & model.__table__.c.operation_id.in_(others)
    if model is Operation:
        return theirs & ~_ended_with(listed)
    if model is Selection:
        return theirs & ~GOES_WITH_ITS_WORDS
    if model in (Tick, Meant):
        gone = select(Selection.id).where(GOES_WITH_ITS_WORDS)
        return theirs & model.__table__.c.selection_id.not_in(gone)
    return theirs


def _ended_with(listed: Listed) -> ColumnElement[bool]:
    """Return the condition that this is a list that has ended, and one of them was on it."""
    on_list = OperationAccount.account_id.in_(listed.accounts)
    theirs = select(OperationAccount.operation_id).where(on_list)
    ended = and_(Operation.outcome != Outcome.OPEN, Operation.id != listed.operation_id)
    return ended & Operation.id.in_(theirs)


def _lock_domains(session: Session, domains: Select[int]) -> None:
    in_order = select(Domain.id).where(Domain.id.in_(domains)).order_by(Domain.id)
    locked = in_order.with_for_update(key_share=True).subquery()
    session.execute(select(func.count()).select_from(locked))


def _forget_search_words(session: Session) -> int:
    """Forget them in the order of ids, as whoever freezes or ticks locks them.

    The accounts have been locked before, so that nobody waits for somebody who waits for them.
    Whom a search found is kept by ids. A search without those goes with its words.
    """
    worded = select(Selection.id).where(Selection.words.is_not(None)).order_by(Selection.id)
    these = Selection.id.in_(worded.with_for_update())
    forgotten = update(Selection).where(these).values(words=None, words_forgotten=True)
    number = affected(session, forgotten)
    affected(session, delete(Selection).where(GOES_WITH_ITS_WORDS))
    return number


def _forget_newest(session: Session, accounts: Select[int]) -> None:
    """Forget where one of them was the newest account when a search was made."""
    theirs = select(Selection.id).where(Selection.newest_id.in_(accounts)).order_by(Selection.id)
    these = Selection.id.in_(theirs.with_for_update())
    affected(session, update(Selection).where(these).values(newest_id=0))


def _forget_names(session: Session, accounts: Select[int]) -> int:
    """Empty the attributes of others that name one of them without referring to them."""
    key = AttributeValue.value_key
    if session.scalar(select(key).where(key.is_not(None)).order_by(key).limit(1)) is None:
        return 0
    columns = Person.user_name, Person.display_name, Person.email
    people = session.execute(select(*columns).where(Person.account_id.in_(accounts)))
    forgotten = 0
    for some in people.partitions(CHUNK):
        keys = {key_of(name) for names in some for name in names if name}
        theirs = update(AttributeValue).where(AttributeValue.value_key.in_(keys))
        forgotten += affected(session, theirs.values(value="", value_key=None), kept=False)
    return forgotten


def _keep_the_day(session: Session, accounts: Select[int]) -> None:
    """Forget the exact moment of the events in which they took part: it could join two of them."""
    theirs = select(Party.event_id).where(Party.account_id.in_(accounts))
    affected(session, update(Event).where(Event.id.in_(theirs)).values(at=None))


def _forget_ended_lists(session: Session, listed: Listed) -> None:
    """Forget what was done with them before: an operation keeps its exact moment."""
    affected(session, delete(Operation).where(_ended_with(listed)))


def _write_down(session: Session, listed: Listed, at: datetime, removed: dict[str, int]) -> int:
    """Write the receipt, and of every domain concerned its line and its event; return its id."""
    receipt = Receipt(reference=secrets.token_urlsafe(16), number=listed.number)
    session.add(receipt)
    session.flush()
    (domain,) = listed.domains.selected_columns
    counted = listed.domains.add_columns(func.count()).group_by(domain)
    by_domain = session.execute(counted).all()
    lines = [(None, kind, number) for kind, number in removed.items()]
    lines += [(domain_id, ACCOUNTS, number) for domain_id, number in by_domain]
    names = ("domain_id", "kind", "number")
    rows = [{"receipt_id": receipt.id, **dict(zip(names, line, strict=True))} for line in lines]
    session.execute(insert(ReceiptLine), rows)
    events = [
        described(Recorded.ERASE, at, listed.actor_id)
        | {"about_user": False, "domain_id": domain_id, "number": number, "receipt_id": receipt.id}
        for domain_id, number in by_domain
    ]
    session.execute(insert(Event), events)
    if listed.actor_id is not None:
        actor = {"part": Part.ACTOR, "account_id": listed.actor_id}
        session.execute(insert(Party), [actor | {"event_id": event["id"]} for event in events])
    return receipt.id
