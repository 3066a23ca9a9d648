"""Several people do everything to users, in any order: what is erased stays erased, and more."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import create_engine, delete, select, update
from sqlalchemy.orm import Session

from tests.conftest import DATABASES, WANTED
from tests.databases import PostgreSQL, Sqlite
from tests.evidence.backups import Restore, backed_up
from tests.factories import Office, a_search, a_user, domains_searched, give, the_office
from webapp.config import Settings
from webapp.db import Base, begin_writing
from webapp.errors import Refused
from webapp.evidence.ledger import LEDGERS, Ledger
from webapp.evidence.replay import replay, standing
from webapp.evidence.verify import verify
from webapp.lifecycle import operation
from webapp.models import (
    Account,
    BilledSpan,
    Contact,
    ErasedSpan,
    Grant,
    Operation,
    Outcome,
    Permission,
    Person,
    State,
    Verb,
)
from webapp.models.personal import personal_tables
from webapp.searching import selection
from webapp.states import TRANSITIONS
from webapp.times import month_of, now

EVERYWHERE = "FAULTS" in os.environ  # as `make faults` sets it
RUNS, STEPS = (125, 50) if EVERYWHERE else (2, 20)  # on each database
ACTORS = st.sampled_from(("priya", "owen", "nadia", "rosa"))
KEYWORDS = st.sampled_from(("", "a", "northwind", "farah", "user", "i", "contact"))
# What a refusal may leave: the list that was refused, and what was looked for.
PASSING = {"operation", "operation_account", "selection", "selection_found", "selection_tick"}


class Verbs(RuleBasedStateMachine):
    """The office, in which anybody tries anything. The server of databases is set below."""

    server: Sqlite | PostgreSQL

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.folder = Path(self.open.enter_context(tempfile.TemporaryDirectory()))
        url = self.open.enter_context(self.server.copy(self.folder, office=True))
        self.engine = create_engine(url, hide_parameters=True)
        self.ledger = Ledger(f"sqlite:///{self.folder / 'ledger.sqlite'}", timedelta(days=9))
        LEDGERS[self.engine] = self.ledger
        self.session = Session(self.engine)
        self.office: Office = the_office(self.session)
        people = ("priya", "owen", "nadia", "rosa")
        self.ids = {name: getattr(self.office, name).account_id for name in people}
        self.places = [self.office.london, self.office.dublin, self.office.paris]
        self.lists: list[tuple[str, str]] = []  # whose, and which
        self.erased: set[str] = set()  # keys
        self.past = self.billed_before()
        self.made = 0
        self.backup: tuple[Restore, Any] | None = None
        self.session.commit()

    def teardown(self) -> None:
        self.session.close()
        self.engine.dispose()
        self.open.close()

    def billed_before(self) -> Counter[Any]:
        """Count what was billed for all months but this one, by domain and end of the span."""
        this, counts = month_of(now()), Counter[Any]()
        spans = select(BilledSpan.domain_id, BilledSpan.first_month, BilledSpan.last_month)
        for domain_id, first, last in self.session.execute(spans):
            counts[domain_id, first] += first < this
            counts[domain_id, "until", last or this] -= (last or this) < this
        gone = select(ErasedSpan)
        for each in self.session.scalars(gone):
            counts[each.domain_id, each.first_month] += each.number * (each.first_month < this)
            counts[each.domain_id, "until", each.last_month] -= each.number * (
                each.last_month < this
            )
        self.session.commit()
        return Counter({what: number for what, number in counts.items() if number})

    def kept(self) -> dict[str, list[str]]:
        """Return every row but those that a refusal may leave."""
        tables = [table for table in Base.metadata.sorted_tables if table.name not in PASSING]
        rows = {t.name: sorted(map(repr, self.session.execute(select(t)))) for t in tables}
        self.session.commit()
        return rows

    def keys(self) -> set[str]:
        keys = set(self.session.scalars(select(Account.key)))
        self.session.commit()
        return keys

    @rule(who=ACTORS, verb=st.sampled_from(list(Verb)), keyword=KEYWORDS, untick=st.booleans())
    def review(self, who: str, verb: Verb, keyword: str, untick: bool) -> None:
        """Search, perhaps untick the first user found, and freeze a list."""
        self.session.commit()
        before = self.kept()
        begin_writing(self.session)
        try:
            purpose = TRANSITIONS[verb].offered
            asked = {"keyword": keyword} if keyword else {}
            found = a_search(self.session, self.ids[who], purpose, asked)
            domains = domains_searched(self.session, found)
            if untick:
                first = select(Person.reference).join(Account).where(Account.domain_id.in_(domains))
                references = self.session.scalars(first.order_by(Person.reference).limit(1))
                selection.save_ticks(self.session, found, domains, dict.fromkeys(references, False))
            limits = Settings().limits
            made = operation.freeze(self.session, verb, found, domains, now(), limits)
            self.lists.append((who, made.id))
            self.session.commit()
        except Refused:
            self.session.rollback()
        assert self.kept() == before

    @precondition(lambda self: self.lists)
    @rule(which=st.integers(0, 1000), thief=st.none() | ACTORS)
    def confirm(self, which: int, thief: str | None) -> None:
        """Confirm a list, one's own or somebody else's, again or for the first time."""
        who, list_id = self.lists[which % len(self.lists)]
        before, keys = self.kept(), self.keys()
        begin_writing(self.session)
        try:
            actor_id = self.ids[thief or who]
            was = self.session.scalar(select(Operation.outcome).where(Operation.id == list_id))
            done = operation.perform(self.session, actor_id, list_id, now())
            outcome, verb = done.outcome, done.verb
            self.session.commit()
        except Refused:
            self.session.rollback()
            assert self.kept() == before
            return
        assert thief in (None, who)
        if outcome is Outcome.REFUSED or was is Outcome.PERFORMED:
            assert self.kept() == before
        elif verb is Verb.ERASE:
            self.erased |= keys - self.keys()
        else:
            assert self.keys() == keys

    @rule(who=ACTORS, place=st.integers(0, 2), primary=st.booleans(), gone=st.booleans())
    def appoint(self, who: str, place: int, primary: bool, gone: bool) -> None:
        """Name a contact, change what kind they are, or remove them."""
        if self.session.get(Person, self.ids[who]) is None:
            self.session.commit()
            return
        key = {"account_id": self.ids[who], "domain_id": self.places[place].id}
        self.session.execute(delete(Contact).filter_by(**key))
        if not gone:
            self.session.add(Contact(**key, primary=primary))
        self.session.commit()

    @rule(who=ACTORS, place=st.integers(0, 2), gone=st.booleans())
    def grant(self, who: str, place: int, gone: bool) -> None:
        """Give somebody every permission in a domain, or take all of them."""
        person, domain = self.session.get(Person, self.ids[who]), self.places[place]
        if person:
            key = {"account_id": person.account_id, "domain_id": domain.id}
            self.session.execute(delete(Grant).filter_by(**key))
            if not gone:
                give(self.session, person, domain, *Permission)
        self.session.commit()

    @rule(place=st.integers(0, 2), state=st.sampled_from(list(State)))
    def come(self, place: int, state: State) -> None:
        self.made += 1
        a_user(self.session, self.places[place], f"User {self.made}", state=state)
        self.session.commit()
        self.past = self.billed_before()

    @rule(which=st.integers(0, 1000), place=st.integers(0, 2))
    def move(self, which: int, place: int) -> None:
        """Move an account to another domain, as an update of a list does."""
        ids = self.session.scalars(select(Account.id).order_by(Account.id)).all()
        moved = Account.id == ids[which % len(ids)]
        self.session.execute(update(Account).where(moved).values(domain_id=self.places[place].id))
        self.session.commit()

    @rule()
    def back_up(self) -> None:
        if not isinstance(self.server, Sqlite):
            return  # PostgreSQL's are tested elsewhere: they take long
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        self.session.commit()
        self.backup = backed_up("a copy", self.engine, folder, None), self.past

    @precondition(lambda self: self.backup)
    @rule()
    def restore(self) -> None:
        """Restore the backup, and erase again who was erased since."""
        assert self.backup
        restore, _ = self.backup
        self.session.rollback()
        restore()
        self.session.expire_all()
        begin_writing(self.session)
        replay(self.session, self.ledger, now())
        self.session.commit()
        self.past = self.billed_before()

    @invariant()
    def what_is_erased_stays_erased(self) -> None:
        assert self.keys() & self.erased == set()

    @invariant()
    def billing_of_earlier_months_is_what_it_was(self) -> None:
        assert self.billed_before() == self.past

    @invariant()
    def nothing_personal_is_there_without_its_person(self) -> None:
        people = select(Person.account_id)
        for model in personal_tables():
            owner = model.__table__.c.account_id
            assert self.session.execute(select(owner).where(owner.not_in(people))).all() == []
        assert self.session.execute(select(Account.id).where(Account.id.not_in(people))).all() == []
        self.session.commit()

    @invariant()
    def the_ledger_agrees(self) -> None:
        found = standing(self.engine, self.ledger)
        assert (found.missing, found.doubtful) == ([], [])
        verify(self.session, self.ledger)
        self.session.commit()


@pytest.mark.parametrize("kind", [kind for kind in DATABASES if kind in WANTED])
def test_whatever_several_people_do(request: pytest.FixtureRequest, kind: str) -> None:
    class Here(Verbs):
        server = request.getfixturevalue(kind)

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not EVERYWHERE,
            suppress_health_check=list(HealthCheck),
        ),
    )
