"""Keep when receipts were scrubbed, when drills passed, and who mentions whom before confirming

Revision: 0011, after 0010.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("receipt") as receipt:
        receipt.add_column(sa.Column("scrubbed_on", sa.Date(), nullable=True))
    with op.batch_alter_table("operation") as operation:
        operation.add_column(
            sa.Column("mentions_sought", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("operation") as operation:
        operation.alter_column("mentions_sought", server_default=None)
    op.create_table(
        "drill",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.Integer(), nullable=False),
        sa.Column("remains", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drill")),
    )
    op.create_table(
        "operation_mention",
        sa.Column("operation_id", sa.String(22), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("attribute_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation_id"],
            ["operation.id"],
            name=op.f("fk_operation_mention_operation_id_operation"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["person.account_id"],
            name=op.f("fk_operation_mention_account_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["attribute_id"],
            ["attribute.id"],
            name=op.f("fk_operation_mention_attribute_id_attribute"),
        ),
        sa.PrimaryKeyConstraint(
            "operation_id", "account_id", "attribute_id", name=op.f("pk_operation_mention")
        ),
    )
    for column in ("account_id", "attribute_id"):
        op.create_index(op.f(f"ix_operation_mention_{column}"), "operation_mention", [column])


def downgrade() -> None:
    op.drop_table("operation_mention")
    op.drop_table("drill")
    with op.batch_alter_table("operation") as operation:
        operation.drop_column("mentions_sought")
    with op.batch_alter_table("receipt") as receipt:
        receipt.drop_column("scrubbed_on")
