"""The list that erasure walks, read aloud."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.factories import (
    ALL_OF_USERS,
    SINCE,
    Office,
    a_sign_in,
    a_user,
    give,
    make_contact,
    refer,
)
from webapp.events import Recorded, record
from webapp.models import (
    AttributeValue,
    Found,
    Meant,
    Mention,
    Operation,
    OperationAccount,
    Passkey,
    Person,
    Preference,
    Purpose,
    RecoveryCode,
    SecondFactor,
    Selection,
    SignInSession,
    State,
    Tick,
    Verb,
)
from webapp.models.personal import PersonalData, personal_tables


def test_erasing_removes_what_is_on_the_list() -> None:
    assert [(model.__tablename__, model.counted_as) for model in personal_tables()] == [
        ("selection_tick", "Places among ticks"),
        ("selection_meant", "Places meant by lists"),
        ("selection_found", "Places among users found"),
        ("operation_mention", "Places on lists of mentions"),
        ("operation_account", "Places on lists for confirmation"),
        ("attribute_reference", "Places in others’ attributes"),
        ("sign_in_session", "Open sessions"),
        ("sign_in", "Sign-ins"),
        ("selection", "Own searches"),
        ("second_factor", "Second factors"),
        ("role_grant", "Roles held"),
        ("recovery_code", "Recovery codes"),
        ("preference", "Preferences"),
        ("passkey", "Passkeys"),
        ("party", "Places in Administrator activity"),
        ("operation", "Own lists for confirmation"),
        ("contact", "Places as domain contact"),
        ("billed_span", "Billing spans, kept as numbers"),
        ("attribute_value", "Attribute values"),
        ("person", "Names, addresses and passwords"),
    ]


@pytest.fixture
def zoe(session: Session, office: Office) -> Person:
    """Make a deleted user of London who has something in every table of personal data."""
    zoe = a_user(
        session,
        office.london,
        "Zoë Quinn",
        state=State.DELETED,
        password="zoe's password",
        attributes={"Job title": "Gardener"},
    )
    give(session, zoe, office.london, *ALL_OF_USERS)
    make_contact(session, zoe, office.london)
    a_sign_in(session, zoe)
    refer(session, office.owen, "Manager", zoe)
    session.add(
        SignInSession(
            token_hash="0" * 64,
            reference="0" * 16,
            account_id=zoe.account_id,
            opened_at=SINCE,
            browser="Firefox on Linux",
            address="192.0.2.1",
            password_at=SINCE,
            expires_at=SINCE,
        )
    )
    session.add_all(
        [
            SecondFactor(account_id=zoe.account_id, secret="A" * 32),
            Preference(account_id=zoe.account_id, page_size=100),
            Passkey(
                credential_id="A" * 22,
                reference="0" * 16,
                account_id=zoe.account_id,
                name="Telephone",
                public_key="A" * 103,
                uses=1,
                added_at=SINCE,
            ),
            RecoveryCode(account_id=zoe.account_id, code_hash="0" * 64),
        ]
    )
    search = Selection(
        id="x" * 22,
        account_id=zoe.account_id,
        purpose=Purpose.MANAGE,
        words={"keyword": "anna"},
        choices={"since_from": "2025-05-01"},
        made_at=SINCE,
    )
    session.add(search)
    session.flush()
    session.add(Tick(selection_id=search.id, account_id=zoe.account_id))
    record(session, Recorded.DELETE, SINCE, actor_id=None, subject_id=zoe.account_id)
    for owner in (zoe, office.owen):
        search = Selection(
            id=owner.user_name, account_id=owner.account_id, purpose=Purpose.MANAGE, made_at=SINCE
        )
        session.add(search)
        session.flush()
        session.add(Found(selection_id=search.id, account_id=zoe.account_id))
        session.add(Tick(selection_id=search.id, account_id=zoe.account_id))
        session.add(Meant(selection_id=search.id, account_id=zoe.account_id, place=0))
        listed = Operation(
            id=owner.user_name,
            verb=Verb.RESTORE,
            account_id=owner.account_id,
            made_at=SINCE,
            expires_at=SINCE,
        )
        session.add(listed)
        session.flush()
        here = {"operation_id": listed.id, "domain_id": office.london.id, "event_bits": 1}
        session.add(OperationAccount(account_id=zoe.account_id, **here))
    of_zoe = select(AttributeValue.attribute_id).filter_by(account_id=zoe.account_id)
    mention = {"operation_id": listed.id, "attribute_id": session.scalars(of_zoe).one()}
    session.add(Mention(account_id=zoe.account_id, **mention))
    session.commit()
    return zoe


def test_rows_can_be_deleted_in_the_order_of_the_list(session: Session, zoe: Person) -> None:
    account_id = zoe.account_id
    assert all(rows_of(session, model, account_id) for model in personal_tables()), (
        "The fixture leaves a table of personal data out."
    )
    delete_rows(session, personal_tables(), account_id)
    session.commit()
    assert [rows_of(session, model, account_id) for model in personal_tables()] == [0] * len(
        personal_tables()
    )


def test_a_person_of_whom_something_is_left_cannot_be_deleted(
    session: Session, zoe: Person
) -> None:
    account_id = zoe.account_id
    for forgotten in personal_tables()[:-1]:
        others = [model for model in personal_tables() if model is not forgotten]
        with pytest.raises(IntegrityError):
            delete_and_commit(session, others, account_id)
        session.rollback()
    assert rows_of(session, Person, account_id) == 1


def delete_and_commit(
    session: Session, models: Iterable[type[PersonalData]], account_id: int
) -> None:
    """Delete and commit: one foreign key is looked at only then."""
    delete_rows(session, models, account_id)
    session.commit()


def delete_rows(session: Session, models: Iterable[type[PersonalData]], account_id: int) -> None:
    for model in models:
        session.execute(delete(model).where(model.__table__.c.account_id == account_id))


def rows_of(session: Session, model: type[PersonalData], account_id: int) -> int:
    return (
        session.scalar(
            select(func.count())
            .select_from(model)
            .where(model.__table__.c.account_id == account_id)
        )
        or 0
    )
