"""Find what a verb is about: by id, as pages know it, or by name, as people type it."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp.errors import Gone
from webapp.models import Account, Attribute, Domain, Person, Role, State
from webapp.models.names import key_of

Named = TypeVar("Named", Attribute, Domain, Role)


def domain(session: Session, which: int | str, *, changing: bool = False) -> Domain:
    """Return the domain of this id or name; Gone where there is none.

    It stays there until the transaction ends. Where it is `changing`, nobody else may use it.
    """
    return _named(session, Domain, which, changing)


def role(session: Session, which: int | str, *, changing: bool = False) -> Role:
    """Return the role of this id or name, as `domain` does."""
    return _named(session, Role, which, changing)


def attribute(session: Session, which: int | str, *, changing: bool = False) -> Attribute:
    """Return the attribute of this id or name, as `domain` does."""
    return _named(session, Attribute, which, changing)


def live_user(session: Session, which: int | str) -> Person:
    """Return the live user of this account id or user name; Gone where there is none.

    The account stays live until the transaction ends, so that nothing is given to somebody who is
    being erased.
    """
    return _user(session, which, (State.LIVE,))


def user(session: Session, which: int | str, *, locked: bool = True) -> Person:
    """Return the user of this account id or user name, in any state; Gone where there is none.

    For taking away: what an archived user holds counts again once they are reactivated.
    """
    return _user(session, which, tuple(State), locked=locked)


def _user(
    session: Session, which: int | str, states: tuple[State, ...], *, locked: bool = True
) -> Person:
    key, value = (
        (Person.account_id, which)
        if isinstance(which, int)
        else (Person.user_name_key, key_of(which))
    )
    asked = select(Person).join(Account).where(key == bindparam("key"), Account.state.in_(states))
    # The name is passed beside the statement: the cache of statements keeps the values in them.
    if locked:
        asked = asked.with_for_update(read=True, of=Account)
    person = session.scalar(asked, {"key": value})
    if person is None:
        kind = "live user" if states == (State.LIVE,) else "user"
        raise Gone(f"There is no {kind} of this name.", "Check the name.", title="Not found")
    return person


def referred_to(session: Session, reference: str) -> Person:
    """Return the user whose page has this reference, in any state; Gone where there is none."""
    found = session.scalar(select(Person).where(Person.reference == reference))
    if found is None:
        raise Gone("There is no such user, or not any more.", "Search for the user again.")
    return found


def _named(session: Session, model: type[Named], which: int | str, changing: bool) -> Named:
    wanted = model.id == which if isinstance(which, int) else model.name_key == key_of(which)
    asked = select(model).where(wanted)
    found = session.scalar(asked.with_for_update(read=not changing, key_share=not changing))
    if found is None:
        raise Gone(
            f"There is no {model.__tablename__} of this name.",
            f"Check the name, or add the {model.__tablename__} first.",
            title="Not found",
        )
    return found
