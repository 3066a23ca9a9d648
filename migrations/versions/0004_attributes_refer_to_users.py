"""attributes refer to users

Revision: 0004, after 0003.

Values that are there already stay text: which of them are names of people, nobody can say here.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("attribute") as attribute:
        kind = sa.Column("kind", sa.String(40), nullable=False, server_default="text")
        attribute.add_column(kind)
        attribute.create_check_constraint(
            op.f("ck_attribute_kind"), "kind IN ('text', 'date', 'choice', 'user')"
        )
    with op.batch_alter_table("attribute") as attribute:
        attribute.alter_column("kind", existing_type=sa.String(40), server_default=None)
    op.add_column("attribute_value", sa.Column("value_key", sa.Text()))
    op.create_index(op.f("ix_attribute_value_value_key"), "attribute_value", ["value_key"])
    op.create_table(
        "attribute_reference",
        sa.Column("holder_id", sa.Integer(), nullable=False),
        sa.Column("attribute_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["person.account_id"],
            name=op.f("fk_attribute_reference_account_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["holder_id", "attribute_id"],
            ["attribute_value.account_id", "attribute_value.attribute_id"],
            name=op.f("fk_attribute_reference_holder_id_attribute_id_attribute_value"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("holder_id", "attribute_id", name=op.f("pk_attribute_reference")),
    )
    op.create_index(
        op.f("ix_attribute_reference_account_id"), "attribute_reference", ["account_id"]
    )


def downgrade() -> None:
    raise NotImplementedError("Whom an attribute means would be lost: restore a backup instead.")
