"""Find what a verb is about: by id, as pages know it, or by name, as people type it."""

from __future__ import annotations

from typing import TypeVar

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from webapp.errors import Gone
from webapp.models import Account, Domain, Person, Role, State
from webapp.models.names import key_of

Named = TypeVar("Named", Domain, Role)


def domain(session: Session, which: int | str) -> Domain:
    """Return the domain of this id or name; Gone where there is none."""
    return _named(session, Domain, which)


def role(session: Session, which: int | str) -> Role:
    """Return the role of this id or name; Gone where there is none."""
    return _named(session, Role, which)


def live_user(session: Session, which: int | str) -> Person:
    """Return the live user of this account id or user name; Gone where there is none.

    The account stays live until the transaction ends, so that nothing is given to somebody who is
    being erased.
    """
    return _user(session, which, (State.LIVE,))


def user(session: Session, which: int | str) -> Person:
    """Return the user of this account id or user name, in any state; Gone where there is none.

    For taking away: what an archived user holds counts again once they are reactivated.
    """
    return _user(session, which, tuple(State))


def _user(session: Session, which: int | str, states: tuple[State, ...]) -> Person:
    key, value = (
        (Person.account_id, which)
        if isinstance(which, int)
        else (Person.user_name_key, key_of(which))
    )
    asked = select(Person).join(Account).where(key == bindparam("key"), Account.state.in_(states))
    # The name is passed beside the statement: the cache of statements keeps the values in them.
    person = session.scalar(asked.with_for_update(read=True, of=Account), {"key": value})
    if person is None:
        kind = "live user" if states == (State.LIVE,) else "user"
        raise Gone(f"There is no {kind} of this name.", "Check the name.", title="Not found")
    return person


def _named(session: Session, model: type[Named], which: int | str) -> Named:
    wanted = model.id == which if isinstance(which, int) else model.name_key == key_of(which)
    found = session.scalar(select(model).where(wanted))
    if found is None:
        raise Gone(
            f"There is no {model.__tablename__} of this name.",
            f"Check the name, or add the {model.__tablename__} first.",
            title="Not found",
        )
    return found
