"""Where several people hold several roles, nothing of one is lent to another.

No half of a right is a right.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tests.factories import Office, a_domain, a_user, give, make_contact
from webapp.models import Account, Permission, Person, Role, RolePermission, State, Verb
from webapp.models.names import key_of
from webapp.models.personal import personal_tables
from webapp.permissions import domain_ids_of, permissions_of
from webapp.states import allowed

PEOPLE, DOMAINS = 3, 2
NEEDED = {
    Verb.ARCHIVE: (State.LIVE, Permission.USER_MANAGEMENT),
    Verb.REACTIVATE: (State.ARCHIVED, Permission.USER_MANAGEMENT),
    Verb.DELETE: (State.ARCHIVED, Permission.USER_MANAGEMENT),
    Verb.RESTORE: (State.DELETED, Permission.RESTORE_DELETED_USERS),
    Verb.ERASE: (State.DELETED, Permission.ERASE_DELETED_USERS),
}
on_one_database = settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

people, places = st.integers(0, PEOPLE - 1), st.integers(0, DOMAINS - 1)


@dataclass(frozen=True)
class World:
    """Says who is in which state and domain, holds what where, and is which kind of contact.

    Everything is said by number.
    """

    accounts: list[tuple[State, int]]
    grants: set[tuple[int, int, Permission]] = field(default_factory=set)
    contacts: dict[tuple[int, int], bool] = field(default_factory=dict)

    def may(self, actor: int, verb: Verb, subject: int) -> bool:
        """Say section 3 of the design in plain words."""
        (actor_state, _), (state, domain) = self.accounts[actor], self.accounts[subject]
        before, permission = NEEDED[verb]
        if actor == subject or actor_state is not State.LIVE or state is not before:
            return False
        if (actor, domain, permission) not in self.grants:
            return False
        return verb is not Verb.ERASE or self.contacts.get((actor, domain)) is True


worlds = st.builds(
    World,
    st.lists(
        st.tuples(st.sampled_from([State.LIVE, State.LIVE, State.ARCHIVED, State.DELETED]), places),
        min_size=PEOPLE,
        max_size=PEOPLE,
    ),
    st.sets(st.tuples(people, places, st.sampled_from(Permission)), max_size=12),
    st.dictionaries(st.tuples(people, places), st.booleans()),
)


@given(world=worlds)
@on_one_database
def test_what_several_people_may_do_to_each_other_is_the_rule_in_words(
    session: Session, world: World
) -> None:
    session.rollback()  # what the example before has left, also where it failed
    made = populate(session, world)
    numbers = {person.account_id: number for number, person in enumerate(made)}
    for actor, person in enumerate(made):
        for verb in Verb:
            reached = {
                numbers[i]
                for i in session.scalars(select(Account.id).where(allowed(person.account_id, verb)))
            }
            assert reached == {
                subject for subject in range(PEOPLE) if world.may(actor, verb, subject)
            }


def populate(session: Session, world: World) -> list[Person]:
    domains = [a_domain(session, f"Domain {number}") for number in range(DOMAINS)]
    made = [
        a_user(session, domains[place], f"Person {number}", state=state)
        for number, (state, place) in enumerate(world.accounts)
    ]
    for actor, place, permission in sorted(world.grants):
        give(session, made[actor], domains[place], permission)
    for (actor, place), primary in world.contacts.items():
        make_contact(session, made[actor], domains[place], primary=primary)
    return made


def test_a_primary_contact_without_a_role_may_nothing(session: Session, office: Office) -> None:
    contact = a_user(session, office.london, "Zoë Quinn")
    make_contact(session, contact, office.london)
    assert permissions_of(session, contact.account_id) == frozenset()
    assert may_reach(session, contact, *Verb) == set()


def test_a_role_in_one_domain_and_the_contact_in_another_do_not_add_up(
    session: Session, office: Office
) -> None:
    split = a_user(session, office.london, "Zoë Quinn")
    give(session, split, office.london, Permission.ERASE_DELETED_USERS)
    make_contact(session, split, office.dublin)
    assert permissions_of(session, split.account_id) == frozenset()
    assert may_reach(session, split, *Verb) == set()


def test_a_role_that_nobody_was_given_somewhere_gives_nothing(
    session: Session, office: Office
) -> None:
    role = Role(name="Everything", name_key=key_of("Everything"))
    session.add(role)
    session.flush()
    session.add_all(
        [RolePermission(role_id=role.id, permission=permission) for permission in Permission]
    )
    anna = office.live(office.london)[0]
    assert permissions_of(session, anna.account_id) == frozenset()


def test_an_erased_actor_and_an_unknown_one_may_nothing(session: Session, office: Office) -> None:
    priya = office.priya.account_id
    assert permissions_of(session, priya)
    for model in personal_tables():
        session.execute(delete(model).where(model.__table__.c.account_id == priya))
    session.execute(delete(Account).where(Account.id == priya))
    for actor_id in (priya, 0, -1, 10**6):
        assert permissions_of(session, actor_id) == frozenset()
        assert not any(domain_ids_of(session, actor_id, permission) for permission in Permission)


def may_reach(session: Session, person: Person, *verbs: Verb) -> set[int]:
    return {
        i
        for verb in verbs
        for i in session.scalars(select(Account.id).where(allowed(person.account_id, verb)))
    }
