"""Mentions: texts about others in which somebody on an erasure's list is named.

They are sought once, before the list is shown, in one pass over the texts, and kept with the list.
Names count as whole words or addresses, folded as a search folds them.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Any

from ahocorasick_rs import AhoCorasick
from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Row,
    bindparam,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from webapp.db import affected, begin_writing, without_index
from webapp.lifecycle import operation
from webapp.lifecycle.erase import MENTIONS, MENTIONS_LEFT
from webapp.lifecycle.operation import accounts_of
from webapp.models import (
    Account,
    Attribute,
    AttributeValue,
    Domain,
    Kind,
    Mention,
    Operation,
    Outcome,
    Person,
    ReceiptLine,
)
from webapp.models.folding import searchable
from webapp.permissions import visible_to
from webapp.states import TRANSITIONS

SHORTEST = 3  # characters of a name that is looked for
CHUNK = 5000  # texts looked at together
NAMED = 5  # places named for each attribute
FEW = 6  # names that the database itself looks for
PEOPLE = AttributeValue.account_id // 1000  # whose texts are joined
JOINS = ".-+_"  # characters that go on with a word where a letter follows


@dataclass(frozen=True)
class OfAttribute:
    """The texts of one attribute that mention somebody on the list.

    `named` are some of those in domains that the reader may see: value, and whose it is. `seen` are
    all of those, `elsewhere` the others, which stay.
    """

    attribute_id: int
    name: str
    seen: int
    elsewhere: int
    named: Sequence[Row[*tuple[Any, ...]]]


def seek(session: Session, listed: Operation) -> list[tuple[int, int]]:
    """Return account and attribute of every text of others that names somebody on this list.

    Of a few names, the database leaves out most texts. Of many, it joins the texts of many people,
    and only those are looked at one by one where something is found.
    """
    names = _names(session, listed)
    if not names:
        return []
    automaton, found = AhoCorasick(names, store_patterns=False), list[tuple[int, int]]()
    # Statements may hold a name: the cache of statements would keep it.
    options: dict[str, Any] = {"yield_per": CHUNK, "compiled_cache": None}
    texts = _texts(session, listed)
    if len(names) <= FEW:
        texts = texts.where(_may_name(session, names))
    else:
        value = func.aggregate_strings(AttributeValue.value, "\n")
        joined = texts.with_only_columns(PEOPLE, value).group_by(PEOPLE)
        rows = session.execute(joined, execution_options={"yield_per": 10})
        some = [people for people, text in rows if _named_in(automaton, text.split("\n"))]
        if not some:
            return []
        texts = texts.where(PEOPLE.in_(some))
    for part in session.execute(texts, execution_options=options).partitions():
        which = _named_in(automaton, [text for *_, text in part])
        found += [(part[each][0], part[each][1]) for each in sorted(which)]
    return found


def seek_once(session: Session, listed: Operation) -> bool:
    """Seek, unless that was done, and keep what is found with the list; tell whether it was found.

    It may take seconds, in which nobody else is kept waiting: this ends the transaction and begins
    one that writes.
    """
    if listed.mentions_sought or not TRANSITIONS[listed.verb].final:
        return False
    listed_id, places = listed.id, sorted(seek(session, listed))
    session.rollback()
    begin_writing(session)
    sought = update(Operation).where(Operation.id == listed_id, Operation.outcome == Outcome.OPEN)
    sought = sought.where(~Operation.mentions_sought).values(mentions_sought=True)
    if not affected(session, sought) or not places:
        return False
    # A text that went meanwhile is left out.
    there = select(
        literal(listed_id), AttributeValue.account_id, AttributeValue.attribute_id
    ).where(
        AttributeValue.account_id == bindparam("account"),
        AttributeValue.attribute_id == bindparam("attribute"),
    )
    columns = ["operation_id", "account_id", "attribute_id"]
    rows = [{"account": account_id, "attribute": attribute} for account_id, attribute in places]
    session.connection().execute(insert(Mention).from_select(columns, there), rows)
    return True


def shown(session: Session, listed: Operation) -> list[OfAttribute]:
    """Return what was found, by attribute: places by name where the reader may see them."""
    may_see = _may_see(listed)
    asked = _places(listed).with_only_columns(
        Attribute.id,
        Attribute.name,
        func.count().filter(may_see).label("seen"),
        func.count().filter(~may_see).label("elsewhere"),
    )
    in_order = asked.group_by(Attribute.id).order_by(Attribute.name_key)
    counts: list[tuple[int, str, int, int]] = [(*row,) for row in session.execute(in_order)]
    if not counts:
        return []
    number = func.row_number().over(partition_by=Attribute.id, order_by=Person.search_text)
    columns = (
        Attribute.id.label("attribute_id"),
        AttributeValue.value,
        Person.display_name,
        Person.user_name,
        Domain.name.label("domain"),
        number.label("number"),
    )
    ranked = _places(listed).where(may_see).with_only_columns(*columns).subquery()
    named = session.execute(select(ranked).where(ranked.c.number <= NAMED)).all()
    return [
        OfAttribute(*row, named=[each for each in named if each.attribute_id == row[0]])
        for row in counts
    ]


def perform(
    session: Session, actor_id: int, operation_id: str, at: datetime, remove: Collection[int]
) -> Operation:
    """Perform a list and, of an erasure, remove the mentions in these attributes.

    Only those go that the reader may see. The receipt says how many went and how many are left.
    """
    done = operation.perform(session, actor_id, operation_id, at)
    if done.outcome is not Outcome.PERFORMED or not TRANSITIONS[done.verb].final:
        return done
    of_list = Mention.operation_id == done.id
    every = session.scalar(select(func.count()).select_from(Mention).where(of_list)) or 0
    if not every:
        return done
    asked = _places(done).where(Attribute.id.in_(remove), _may_see(done))
    going = asked.with_only_columns(Mention.account_id, Mention.attribute_id).subquery()
    theirs = exists().where(
        going.c.account_id == AttributeValue.account_id,
        going.c.attribute_id == AttributeValue.attribute_id,
    )
    gone = affected(session, delete(AttributeValue).where(theirs))
    session.execute(delete(Mention).where(of_list))
    for kind, number in ((MENTIONS, gone), (MENTIONS_LEFT, every - gone)):
        session.add(ReceiptLine(receipt_id=done.receipt_id, kind=kind, number=number))
    return done


def _names(session: Session, listed: Operation) -> list[str]:
    """Return every name of the people on the list, folded."""
    columns = Person.user_name, Person.email, Person.display_name, Person.given_name, Person.surname
    asked = select(*columns).where(Person.account_id.in_(accounts_of(listed)))
    names = {
        searchable(name)
        for user_name, email, display_name, given, surname in session.execute(asked)
        for name in (user_name, email, display_name, f"{given} {surname}" if given else "")
    }
    return sorted(name for name in names if len(name) >= SHORTEST)


def _texts(session: Session, listed: Operation) -> Any:
    """Ask for the texts of everybody who stays, as they lie.

    An index would lead to each of them by itself, which takes many times as long.
    """
    kinds = session.scalars(select(Attribute.id).where(Attribute.kind == Kind.TEXT)).all()
    columns = AttributeValue.account_id, AttributeValue.attribute_id, AttributeValue.value
    return select(*columns).where(
        without_index(AttributeValue.attribute_id).in_(kinds),
        without_index(AttributeValue.account_id).not_in(accounts_of(listed)),
    )


def _may_name(session: Session, names: list[str]) -> ColumnElement[bool]:
    """Return the condition that a text may hold one of these names: it errs towards more.

    Texts with letters that are not ASCII are all asked for, and compared once they are folded.
    """
    value = AttributeValue.value
    sqlite = session.get_bind().dialect.name == "sqlite"
    plain = value if sqlite else func.lower(value)  # SQLite's LIKE knows no capitals
    size = func.length(cast(value, LargeBinary)) if sqlite else func.octet_length(value)
    # The longest word of each, since blanks may be several; one that holds another is found by it.
    words = {max(name.split(), key=len) for name in names if name.isascii()}
    needed = sorted(w for w in words if not any(other in w for other in words - {w}))
    return or_(size != func.length(value), *(plain.contains(w, autoescape=True) for w in needed))


def _named_in(automaton: AhoCorasick, texts: Sequence[str]) -> set[int]:
    """Return which of these texts hold a name as a whole."""
    folded = [_folded(text) for text in texts]
    together = "\n".join(folded)
    matches = automaton.find_matches_as_indexes(together, overlapping=True)
    whole = [start for _, start, end in matches if _is_whole(together, start, end)]
    if not whole:
        return set()
    starts = list(accumulate((len(text) + 1 for text in folded), initial=0))
    return {bisect_right(starts, start) - 1 for start in whole}


def _folded(text: str) -> str:
    """Fold a text as names are; most need no more than small letters."""
    plain = text.isascii() and text.isprintable() and "  " not in text
    return text.lower() if plain else searchable(text)


def _is_whole(text: str, start: int, end: int) -> bool:
    """Tell whether what stands there is no part of a longer word or address."""
    before, after = text[max(start - 2, 0) : start], text[end : end + 2]
    if before[-1:].isalnum() or after[:1].isalnum() or "@" in (before[-1:], after[:1]):
        return False
    goes_on = after[:1] in JOINS and after[1:].isalnum()
    goes_before = before[-1:] in JOINS and before[:-1].isalnum()
    return not (after and goes_on) and not (before and goes_before)


def _places(listed: Operation) -> Any:
    return (
        select(Mention)
        .join(Attribute, Attribute.id == Mention.attribute_id)
        .join(
            AttributeValue,
            (AttributeValue.account_id == Mention.account_id)
            & (AttributeValue.attribute_id == Mention.attribute_id),
        )
        .join(Person, Person.account_id == Mention.account_id)
        .join(Account, Account.id == Mention.account_id)
        .join(Domain, Domain.id == Account.domain_id)
        .where(Mention.operation_id == listed.id)
    )


def _may_see(listed: Operation) -> ColumnElement[bool]:
    return visible_to(listed.account_id, TRANSITIONS[listed.verb].permission, Account.domain_id)
