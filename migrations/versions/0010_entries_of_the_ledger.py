"""Know which entries of the ledger have been performed

Revision: 0010, after 0009.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "performed_entry",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry_hash", sa.String(length=64), nullable=False),
        sa.Column("receipt_id", sa.Integer(), nullable=True),
        sa.Column("repeated", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name=op.f("fk_performed_entry_receipt_id_receipt")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_performed_entry")),
    )
    op.create_index(op.f("ix_performed_entry_receipt_id"), "performed_entry", ["receipt_id"])


def downgrade() -> None:
    op.drop_table("performed_entry")
