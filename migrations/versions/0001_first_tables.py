"""first tables

Revision: 0001, after .
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attribute",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attribute")),
        sa.UniqueConstraint("name_key", name=op.f("uq_attribute_name_key")),
    )
    op.create_table(
        "domain",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_domain")),
        sa.UniqueConstraint("name_key", name=op.f("uq_domain_name_key")),
    )
    op.create_table(
        "role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint("name_key", name=op.f("uq_role_name_key")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("name_hash", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name_hash", name=op.f("pk_sign_in_failure")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("domain_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('live', 'archived', 'deleted', 'erased')", name=op.f("ck_account_state")
        ),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domain.id"], name=op.f("fk_account_domain_id_domain")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_index(
        op.f("ix_account_domain_id_state_id"), "account", ["domain_id", "state", "id"], unique=False
    )
    op.create_index(
        op.f("ix_account_state_domain_id_since_id"),
        "account",
        ["state", "domain_id", "since", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_account_state_since_id"), "account", ["state", "since", "id"], unique=False
    )
    op.create_table(
        "role_permission",
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("permission", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "permission IN ('User Management', 'Erase deleted users', 'Restore deleted users', "
            "'Administrator activity', 'Management Information', 'Billing')",
            name=op.f("ck_role_permission_permission"),
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["role.id"], name=op.f("fk_role_permission_role_id_role")
        ),
        sa.PrimaryKeyConstraint("role_id", "permission", name=op.f("pk_role_permission")),
    )
    op.create_table(
        "billed_span",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("domain_id", sa.Integer(), nullable=False),
        sa.Column("first_month", sa.Date(), nullable=False),
        sa.Column("last_month", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "last_month IS NULL OR last_month >= first_month",
            name=op.f("ck_billed_span_months_in_order"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_billed_span_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domain.id"], name=op.f("fk_billed_span_domain_id_domain")
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "domain_id", "first_month", name=op.f("pk_billed_span")
        ),
    )
    op.create_index(
        op.f("ix_billed_span_domain_id_first_month"),
        "billed_span",
        ["domain_id", "first_month"],
        unique=False,
    )
    op.create_index(
        op.f("ix_billed_span_domain_id_last_month"),
        "billed_span",
        ["domain_id", "last_month"],
        unique=False,
    )
    op.create_table(
        "person",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("user_name", sa.String(length=1000), nullable=False),
        sa.Column("user_name_key", sa.Text(), nullable=False),
        sa.Column("display_name", sa.String(length=1000), nullable=False),
        sa.Column("given_name", sa.String(length=1000), nullable=False),
        sa.Column("surname", sa.String(length=1000), nullable=False),
        sa.Column("email", sa.String(length=1000), nullable=False),
        sa.Column("external_id", sa.String(length=1000), nullable=False),
        sa.Column("phone", sa.String(length=1000), nullable=False),
        sa.Column("mobile_phone", sa.String(length=1000), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_person_account_id_account")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_person")),
        sa.UniqueConstraint("reference", name=op.f("uq_person_reference")),
        sa.UniqueConstraint("user_name_key", name=op.f("uq_person_user_name_key")),
        info={"personal": True},
    )
    op.create_table(
        "receipt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=22), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["account.id"], name=op.f("fk_receipt_actor_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("reference", name=op.f("uq_receipt_reference")),
    )
    op.create_table(
        "attribute_value",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("attribute_id", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["person.account_id"], name=op.f("fk_attribute_value_account_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["attribute_id"],
            ["attribute.id"],
            name=op.f("fk_attribute_value_attribute_id_attribute"),
        ),
        sa.PrimaryKeyConstraint("account_id", "attribute_id", name=op.f("pk_attribute_value")),
        info={"personal": True},
    )
    op.create_index(
        op.f("ix_attribute_value_attribute_id"), "attribute_value", ["attribute_id"], unique=False
    )
    op.create_table(
        "contact",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("domain_id", sa.Integer(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["person.account_id"], name=op.f("fk_contact_account_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domain.id"], name=op.f("fk_contact_domain_id_domain")
        ),
        sa.PrimaryKeyConstraint("account_id", "domain_id", name=op.f("pk_contact")),
        info={"personal": True},
    )
    op.create_index(op.f("ix_contact_domain_id"), "contact", ["domain_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("domain_id", sa.Integer(), nullable=True),
        sa.Column("receipt_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["account.id"], name=op.f("fk_event_actor_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domain.id"], name=op.f("fk_event_domain_id_domain")
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name=op.f("fk_event_receipt_id_receipt")
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["account.id"], name=op.f("fk_event_subject_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index(op.f("ix_event_at_id"), "event", ["at", "id"], unique=False)
    op.create_index(
        op.f("ix_event_domain_id_at_id"), "event", ["domain_id", "at", "id"], unique=False
    )
    op.create_table(
        "operation",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("verb", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=True),
        sa.Column("selection_id", sa.String(length=22), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt_id", sa.Integer(), nullable=True),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("forbidden", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('open', 'performed', 'refused')", name=op.f("ck_operation_outcome")
        ),
        sa.CheckConstraint(
            "purpose IN ('manage', 'erase', 'restore')", name=op.f("ck_operation_purpose")
        ),
        sa.CheckConstraint(
            "verb IN ('archive', 'reactivate', 'delete', 'restore', 'erase')",
            name=op.f("ck_operation_verb"),
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["account.id"], name=op.f("fk_operation_actor_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name=op.f("fk_operation_receipt_id_receipt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operation")),
    )
    op.create_index(op.f("ix_operation_actor_id"), "operation", ["actor_id"], unique=False)
    op.create_table(
        "receipt_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receipt_id", sa.Integer(), nullable=False),
        sa.Column("domain_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domain.id"], name=op.f("fk_receipt_line_domain_id_domain")
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name=op.f("fk_receipt_line_receipt_id_receipt")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_line")),
    )
    op.create_index(
        op.f("ix_receipt_line_receipt_id"), "receipt_line", ["receipt_id"], unique=False
    )
    op.create_table(
        "role_grant",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("domain_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["person.account_id"], name=op.f("fk_role_grant_account_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domain.id"], name=op.f("fk_role_grant_domain_id_domain")
        ),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_role_grant_role_id_role")),
        sa.PrimaryKeyConstraint("account_id", "domain_id", "role_id", name=op.f("pk_role_grant")),
        info={"personal": True},
    )
    op.create_index(op.f("ix_role_grant_domain_id"), "role_grant", ["domain_id"], unique=False)
    op.create_index(op.f("ix_role_grant_role_id"), "role_grant", ["role_id"], unique=False)
    op.create_table(
        "selection",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("keyword", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=True),
        sa.Column("since_from", sa.Date(), nullable=True),
        sa.Column("since_to", sa.Date(), nullable=True),
        sa.Column("sort_order", sa.String(length=20), nullable=False),
        sa.Column("some_domains", sa.Boolean(), nullable=False),
        sa.Column("all_ticked", sa.Boolean(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('manage', 'erase', 'restore')", name=op.f("ck_selection_purpose")
        ),
        sa.CheckConstraint(
            "state IN ('live', 'archived', 'deleted', 'erased')", name=op.f("ck_selection_state")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["person.account_id"], name=op.f("fk_selection_account_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_selection")),
        info={"personal": True},
    )
    op.create_index(op.f("ix_selection_account_id"), "selection", ["account_id"], unique=False)
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["person.account_id"], name=op.f("fk_sign_in_account_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        info={"personal": True},
    )
    op.create_index(op.f("ix_sign_in_account_id_at"), "sign_in", ["account_id", "at"], unique=False)
    op.create_index(op.f("ix_sign_in_at_id"), "sign_in", ["at", "id"], unique=False)
    op.create_table(
        "sign_in_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("password_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["person.account_id"], name=op.f("fk_sign_in_session_account_id_person")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in_session")),
        info={"personal": True},
    )
    op.create_index(
        op.f("ix_sign_in_session_account_id"), "sign_in_session", ["account_id"], unique=False
    )
    op.create_table(
        "operation_account",
        sa.Column("operation_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("domain_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_operation_account_account_id_account")
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
    op.create_index(
        op.f("ix_operation_account_account_id"), "operation_account", ["account_id"], unique=False
    )
    op.create_table(
        "selection_domain",
        sa.Column("selection_id", sa.String(length=22), nullable=False),
        sa.Column("domain_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["domain.id"], name=op.f("fk_selection_domain_domain_id_domain")
        ),
        sa.ForeignKeyConstraint(
            ["selection_id"],
            ["selection.id"],
            name=op.f("fk_selection_domain_selection_id_selection"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("selection_id", "domain_id", name=op.f("pk_selection_domain")),
    )
    op.create_table(
        "selection_tick",
        sa.Column("selection_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_selection_tick_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["selection_id"],
            ["selection.id"],
            name=op.f("fk_selection_tick_selection_id_selection"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("selection_id", "account_id", name=op.f("pk_selection_tick")),
    )
    op.create_index(
        op.f("ix_selection_tick_account_id"), "selection_tick", ["account_id"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_selection_tick_account_id"), table_name="selection_tick")
    op.drop_table("selection_tick")
    op.drop_table("selection_domain")
    op.drop_index(op.f("ix_operation_account_account_id"), table_name="operation_account")
    op.drop_table("operation_account")
    op.drop_index(op.f("ix_sign_in_session_account_id"), table_name="sign_in_session")
    op.drop_table("sign_in_session")
    op.drop_index(op.f("ix_sign_in_at_id"), table_name="sign_in")
    op.drop_index(op.f("ix_sign_in_account_id_at"), table_name="sign_in")
    op.drop_table("sign_in")
    op.drop_index(op.f("ix_selection_account_id"), table_name="selection")
    op.drop_table("selection")
    op.drop_index(op.f("ix_role_grant_role_id"), table_name="role_grant")
    op.drop_index(op.f("ix_role_grant_domain_id"), table_name="role_grant")
    op.drop_table("role_grant")
    op.drop_index(op.f("ix_receipt_line_receipt_id"), table_name="receipt_line")
    op.drop_table("receipt_line")
    op.drop_index(op.f("ix_operation_actor_id"), table_name="operation")
    op.drop_table("operation")
    op.drop_index(op.f("ix_event_domain_id_at_id"), table_name="event")
    op.drop_index(op.f("ix_event_at_id"), table_name="event")
    op.drop_table("event")
    op.drop_index(op.f("ix_contact_domain_id"), table_name="contact")
    op.drop_table("contact")
    op.drop_index(op.f("ix_attribute_value_attribute_id"), table_name="attribute_value")
    op.drop_table("attribute_value")
    op.drop_table("receipt")
    op.drop_table("person")
    op.drop_index(op.f("ix_billed_span_domain_id_last_month"), table_name="billed_span")
    op.drop_index(op.f("ix_billed_span_domain_id_first_month"), table_name="billed_span")
    op.drop_table("billed_span")
    op.drop_table("role_permission")
    op.drop_index(op.f("ix_account_state_since_id"), table_name="account")
    op.drop_index(op.f("ix_account_state_domain_id_since_id"), table_name="account")
    op.drop_index(op.f("ix_account_domain_id_state_id"), table_name="account")
    op.drop_table("account")
    op.drop_table("sign_in_failure")
    op.drop_table("role")
    op.drop_table("domain")
    op.drop_table("attribute")
