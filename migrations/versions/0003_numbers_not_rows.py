"""an erased person leaves numbers, not a row

Revision: 0003, after 0002.

Accounts that were erased go. What billing counts of them is folded into numbers, and who took part
in an event becomes a personal row, for those who are still there. Lists and searches that wait for
confirmation are forgotten: people make them again. Nothing here brings a name back.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ERASED = "SELECT id FROM account WHERE state = 'erased'"
EVENT_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = "state IN ('live', 'archived', 'deleted')"
OUTCOMES = "outcome IN ('open', 'performed', 'refused')"
PURPOSES = "purpose IN ('manage', 'erase', 'restore')"
VERBS = "verb IN ('archive', 'reactivate', 'delete', 'restore', 'erase')"
SQL = {  # what the two databases write in different ways
    "sqlite": {
        "day": "date(at)",
        "days": "CAST(julianday(date(at)) - julianday('2000-01-01') AS INTEGER)",
        "bits": "(random() & 281474976710655)",
        "key": "lower(hex(randomblob(16)))",
    },
    "postgresql": {
        "day": "CAST(at AT TIME ZONE 'UTC' AS date)",
        "days": "CAST(CAST(at AT TIME ZONE 'UTC' AS date) - DATE '2000-01-01' AS bigint)",
        "bits": "('x' || left(replace(gen_random_uuid()::text, '-', ''), 12))::bit(48)::bigint",
        "key": "replace(gen_random_uuid()::text, '-', '')",
    },
}


def upgrade() -> None:
    words = SQL[op.get_bind().dialect.name]
    forget_lists()
    count_erased_spans()
    part_events_from_people(words)
    let_erased_accounts_go(words)
    op.create_table(
        "generation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generation")),
    )


def forget_lists() -> None:
    for table in ("operation_account", "operation", "selection_tick"):
        op.execute(f"DELETE FROM {table}")
    op.execute("DELETE FROM selection")
    op.drop_table("operation_account")
    op.drop_table("operation")
    op.drop_table("selection_tick")
    op.create_table(
        "operation",
        sa.Column("id", sa.String(22), nullable=False),
        sa.Column("verb", sa.String(40), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(40)),
        sa.Column("selection_id", sa.String(22)),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("receipt_id", sa.Integer()),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("forbidden", sa.Integer(), nullable=False),
        sa.CheckConstraint(OUTCOMES, name=op.f("ck_operation_outcome")),
        sa.CheckConstraint(PURPOSES, name=op.f("ck_operation_purpose")),
        sa.CheckConstraint(VERBS, name=op.f("ck_operation_verb")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["person.account_id"], name=op.f("fk_operation_account_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name=op.f("fk_operation_receipt_id_receipt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
    )
    op.create_index(op.f("ix_operation_account_id"), "operation", ["account_id"])
    op.create_table(
        "operation_account",
        sa.Column("operation_id", sa.String(22), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("domain_id", sa.Integer(), nullable=False),
        sa.Column("event_bits", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["person.account_id"],
            name=op.f("fk_operation_account_account_id_person"),
            deferrable=True,
            initially="DEFERRED",
        ),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domain.id"], name=op.f("fk_operation_account_domain_id_domain")
        ),
        sa.ForeignKeyConstraint(
            ["operation_id"],
            ["operation.id"],
            name=op.f("fk_operation_account_operation_id_operation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("operation_id", "account_id", name=op.f("pk_operation_account")),
    )
    op.create_index(op.f("ix_operation_account_account_id"), "operation_account", ["account_id"])
    op.create_table(
        "selection_tick",
        sa.Column("selection_id", sa.String(22), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["person.account_id"], name=op.f("fk_selection_tick_account_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["selection_id"],
            ["selection.id"],
            name=op.f("fk_selection_tick_selection_id_selection"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("selection_id", "account_id", name=op.f("pk_selection_tick")),
    )
    op.create_index(op.f("ix_selection_tick_account_id"), "selection_tick", ["account_id"])


def count_erased_spans() -> None:
    op.create_table(
        "erased_span",
        sa.Column("domain_id", sa.Integer(), nullable=False),
        sa.Column("first_month", sa.Date(), nullable=False),
        sa.Column("last_month", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "last_month >= first_month", name=op.f("ck_erased_span_months_in_order")
        ),
        sa.CheckConstraint("number > 0", name=op.f("ck_erased_span_some")),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domain.id"], name=op.f("fk_erased_span_domain_id_domain")
        ),
        sa.PrimaryKeyConstraint(
            "domain_id", "first_month", "last_month", name=op.f("pk_erased_span")
        ),
    )
    op.execute(
        "INSERT INTO erased_span (domain_id, first_month, last_month, number) "
        "SELECT domain_id, first_month, coalesce(last_month, first_month), count(*) "
        f"FROM billed_span WHERE account_id IN ({ERASED}) GROUP BY 1, 2, 3"
    )
    op.execute(f"DELETE FROM billed_span WHERE account_id IN ({ERASED})")
    with op.batch_alter_table("billed_span") as spans:
        spans.drop_constraint(op.f("fk_billed_span_account_id_account"), type_="foreignkey")
        spans.create_foreign_key(
            op.f("fk_billed_span_account_id_person"), "person", ["account_id"], ["account_id"]
        )


def part_events_from_people(words: dict[str, str]) -> None:
    """An event with an erased party keeps its day; a new id takes the order of time away."""
    op.execute(
        f"CREATE TABLE event_before AS SELECT ({words['days']} << 48) | {words['bits']} AS new_id, "
        f"{words['day']} AS day, event.* FROM event"
    )
    op.drop_table("event")
    op.create_table(
        "event",
        sa.Column("id", EVENT_ID, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True)),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("done_by", sa.String(40), nullable=False),
        sa.Column("about_user", sa.Boolean(), nullable=False),
        sa.Column("domain_id", sa.Integer()),
        sa.Column("receipt_id", sa.Integer()),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("done_by IN ('person', 'command line')", name=op.f("ck_event_by")),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domain.id"], name=op.f("fk_event_domain_id_domain")
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name=op.f("fk_event_receipt_id_receipt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.execute(
        "INSERT INTO event (id, day, at, key, done_by, about_user, domain_id, receipt_id, number) "
        "SELECT new_id, day, "
        f"CASE WHEN actor_id IN ({ERASED}) OR subject_id IN ({ERASED}) THEN NULL ELSE at END, key, "
        "CASE WHEN actor_id IS NULL THEN 'command line' ELSE 'person' END, "
        "subject_id IS NOT NULL, domain_id, receipt_id, number FROM event_before ORDER BY new_id"
    )
    op.create_index(op.f("ix_event_domain_id_day"), "event", ["domain_id", "day"])
    op.create_index(op.f("ix_event_day"), "event", ["day"])
    op.create_index(op.f("ix_event_receipt_id"), "event", ["receipt_id"])
    op.create_table(
        "party",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("event_id", EVENT_ID, nullable=False),
        sa.Column("part", sa.String(40), nullable=False),
        sa.CheckConstraint("part IN ('actor', 'subject')", name=op.f("ck_party_part")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["person.account_id"], name=op.f("fk_party_account_id_person")
        ),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_party_event_id_event")),
        sa.PrimaryKeyConstraint("account_id", "event_id", "part", name=op.f("pk_party")),
        sqlite_with_rowid=False,
    )
    for part in ("actor", "subject"):
        op.execute(
            f"INSERT INTO party (account_id, event_id, part) SELECT {part}_id, new_id, '{part}' "
            f"FROM event_before WHERE {part}_id IN (SELECT account_id FROM person) "
            f"AND {part}_id NOT IN ({ERASED}) "
            f"ORDER BY {part}_id, new_id"
        )
    op.create_index(op.f("ix_party_event_id_part"), "party", ["event_id", "part"])
    op.drop_table("event_before")
    with op.batch_alter_table("receipt") as receipt:  # its events say when, and who
        receipt.drop_constraint(op.f("fk_receipt_actor_id_account"), type_="foreignkey")
        receipt.drop_column("actor_id")
        receipt.drop_column("at")


def let_erased_accounts_go(words: dict[str, str]) -> None:
    for table in ("attribute_value", "contact", "role_grant", "sign_in", "sign_in_session"):
        op.execute(f"DELETE FROM {table} WHERE account_id IN ({ERASED})")  # there should be none
    op.execute(f"DELETE FROM person WHERE account_id IN ({ERASED})")
    op.execute(f"DELETE FROM account WHERE id IN ({ERASED})")
    op.add_column("account", sa.Column("key", sa.String(32)))
    op.execute(f"UPDATE account SET key = {words['key']}")
    with op.batch_alter_table("account") as account:
        account.drop_constraint(op.f("ck_account_state"), type_="check")
        account.create_check_constraint(op.f("ck_account_state"), STATES)
        account.alter_column("key", existing_type=sa.String(32), nullable=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no table can be altered with checks to come


def downgrade() -> None:
    raise NotImplementedError("Erased people do not come back: restore a backup instead.")
