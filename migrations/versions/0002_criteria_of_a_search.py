"""Keep the criteria of a search as words and choices, not in a column each

Searches are kept for a day only, so those that are there are forgotten, not converted.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM selection_tick")
    op.execute("DELETE FROM selection_domain")
    op.execute("DELETE FROM selection")
    op.drop_table("selection_domain")
    with op.batch_alter_table("selection") as selection:
        selection.add_column(sa.Column("words", sa.JSON(), nullable=True))
        selection.add_column(sa.Column("choices", sa.JSON(), nullable=False))
        selection.drop_constraint(op.f("ck_selection_state"), type_="check")
        selection.drop_column("keyword")
        selection.drop_column("state")
        selection.drop_column("since_from")
        selection.drop_column("since_to")
        selection.drop_column("some_domains")


def downgrade() -> None:
    op.execute("DELETE FROM selection_tick")
    op.execute("DELETE FROM selection")
    with op.batch_alter_table("selection") as selection:
        selection.add_column(sa.Column("keyword", sa.String(length=200), nullable=False))
        selection.add_column(sa.Column("state", sa.String(length=40), nullable=True))
        selection.add_column(sa.Column("since_from", sa.Date(), nullable=True))
        selection.add_column(sa.Column("since_to", sa.Date(), nullable=True))
        selection.add_column(sa.Column("some_domains", sa.Boolean(), nullable=False))
        selection.create_check_constraint(
            op.f("ck_selection_state"), "state IN ('live', 'archived', 'deleted', 'erased')"
        )
        selection.drop_column("words")
        selection.drop_column("choices")
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
