"""Who may do what, against the rule written out in plain words."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.factories import a_domain, a_user, give, make_contact
from webapp.models import Account, Domain, Permission, Person, State, Verb
from webapp.permissions import domain_ids_of, permissions_of
from webapp.states import TRANSITIONS, allowed, verbs_for

DOMAINS = 2
ASKED = (
    Permission.USER_MANAGEMENT,
    Permission.ERASE_DELETED_USERS,
    Permission.RESTORE_DELETED_USERS,
)
on_one_database = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@dataclass(frozen=True)
class Actor:
    """Says what a person's state is, what they hold where, and where they are a contact.

    True means a primary contact.
    """

    state: State
    granted: dict[int, set[Permission]] = field(default_factory=dict)
    contact: dict[int, bool] = field(default_factory=dict)

    def holds(self, permission: Permission, domain: int) -> bool:
        """Say the rule in plain words.

        Live, granted it there, and for erasing a primary contact there.
        """
        if self.state is not State.LIVE or permission not in self.granted.get(domain, set()):
            return False
        return permission is not Permission.ERASE_DELETED_USERS or self.contact.get(domain, False)


domains = st.integers(0, DOMAINS - 1)
actors = st.builds(
    Actor,
    st.sampled_from([State.LIVE, State.LIVE, State.ARCHIVED, State.DELETED]),
    st.dictionaries(domains, st.sets(st.sampled_from(ASKED), min_size=1)),
    st.dictionaries(domains, st.booleans()),
)


@given(actor=actors)
@on_one_database
def test_the_rule_in_sql_is_the_rule_in_words(session: Session, actor: Actor) -> None:
    session.rollback()  # what the example before has left, also where it failed
    places = [a_domain(session, f"Domain {number}") for number in range(DOMAINS)]
    person = made(session, places, actor)
    others = {
        (number, state): a_user(session, place, f"User {number} {state}", state=state)
        for number, place in enumerate(places)
        for state in State
    }
    for permission in Permission:
        held = {place.id for number, place in enumerate(places) if actor.holds(permission, number)}
        assert set(domain_ids_of(session, person.account_id, permission)) == held
        assert (permission in permissions_of(session, person.account_id)) == bool(held)
    for (number, state), other in others.items():
        expected = [
            verb
            for verb in Verb
            if TRANSITIONS[verb].before is state
            and actor.holds(TRANSITIONS[verb].permission, number)
        ]
        assert verbs_for(session, person.account_id, other.account_id) == expected
    assert all(person.account_id not in reach(session, person, verb) for verb in Verb)


def made(session: Session, places: list[Domain], actor: Actor) -> Person:
    person = a_user(session, places[0], "The Actor", state=actor.state)
    for number, permissions in actor.granted.items():
        give(session, person, places[number], *permissions)
    for number, primary in actor.contact.items():
        make_contact(session, person, places[number], primary=primary)
    return person


def reach(session: Session, person: Person, verb: Verb) -> set[int]:
    """Return the accounts that this person may do this to."""
    return set(session.scalars(select(Account.id).where(allowed(person.account_id, verb))))


def test_only_the_table_of_transitions_says_what_follows_what() -> None:
    assert {(rule.before, verb, rule.after) for verb, rule in TRANSITIONS.items()} == {
        (State.LIVE, Verb.ARCHIVE, State.ARCHIVED),
        (State.ARCHIVED, Verb.REACTIVATE, State.LIVE),
        (State.ARCHIVED, Verb.DELETE, State.DELETED),
        (State.DELETED, Verb.RESTORE, State.ARCHIVED),
        (State.DELETED, Verb.ERASE, None),
    }
    assert [verb for verb, rule in TRANSITIONS.items() if rule.final] == [Verb.ERASE]
