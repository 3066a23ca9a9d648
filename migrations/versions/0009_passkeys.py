"""Passkeys beside the codes of an app

Revision: 0009, after 0008.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sign_in_session") as session:
        session.add_column(sa.Column("challenge", sa.String(86), nullable=True))
        session.add_column(sa.Column("challenge_at", sa.DateTime(timezone=True), nullable=True))
        session.add_column(sa.Column("adding", sa.String(60), nullable=True))
    op.create_table(
        "passkey",
        sa.Column("credential_id", sa.String(1364), nullable=False),
        sa.Column("reference", sa.String(16), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["person.account_id"], name=op.f("fk_passkey_account_id_person")
        ),
        sa.PrimaryKeyConstraint("credential_id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("reference", name=op.f("uq_passkey_reference")),
    )
    op.create_index(op.f("ix_passkey_account_id"), "passkey", ["account_id"])


def downgrade() -> None:
    op.drop_table("passkey")
    with op.batch_alter_table("sign_in_session") as session:
        session.drop_column("adding")
        session.drop_column("challenge_at")
        session.drop_column("challenge")
