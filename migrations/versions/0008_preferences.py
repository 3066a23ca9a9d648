"""Remember what a person chooses: time zone, rows a page, order of results

Revision: 0008, after 0007.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "preference",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("time_zone", sa.String(60), nullable=True),
        sa.Column("page_size", sa.Integer(), nullable=True),
        sa.Column("orders", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["person.account_id"], name=op.f("fk_preference_account_id_person")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_preference")),
    )


def downgrade() -> None:
    op.drop_table("preference")
