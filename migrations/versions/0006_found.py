"""Keep whom a search found, so that a list that is reviewed never grows

Searches are kept for a day only, so those that are there are forgotten, not searched again.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM selection_tick")
    op.execute("DELETE FROM selection")
    with op.batch_alter_table("selection") as selection:
        selection.add_column(sa.Column("words_forgotten", sa.Boolean(), nullable=False))
        selection.add_column(sa.Column("found", sa.Integer(), nullable=True))
        selection.add_column(sa.Column("newest_id", sa.Integer(), nullable=False))
    op.create_table(
        "selection_found",
        sa.Column("selection_id", sa.String(22), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["person.account_id"],
            name=op.f("fk_selection_found_account_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["selection_id"],
            ["selection.id"],
            name=op.f("fk_selection_found_selection_id_selection"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("selection_id", "account_id", name=op.f("pk_selection_found")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_selection_found_account_id"), "selection_found", ["account_id"])


def downgrade() -> None:
    op.drop_table("selection_found")
    op.execute("DELETE FROM selection_tick")
    op.execute("DELETE FROM selection")
    with op.batch_alter_table("selection") as selection:
        selection.drop_column("newest_id")
        selection.drop_column("found")
        selection.drop_column("words_forgotten")
