"""nobody in who should not be, nobody out who should not be

Revision: 0005, after 0004.

A session says where it was opened. Of those that are open it is not known: they end, and people
sign in again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


BY = "done_by IN ('person', 'stranger', 'command line')"


def upgrade() -> None:
    op.execute("DELETE FROM sign_in_session")
    with op.batch_alter_table("sign_in_session") as session:
        session.add_column(sa.Column("reference", sa.String(16), nullable=False))
        session.add_column(sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False))
        session.add_column(sa.Column("browser", sa.String(40), nullable=False))
        session.add_column(sa.Column("address", sa.String(45), nullable=False))
        session.add_column(sa.Column("code_at", sa.DateTime(timezone=True)))
        session.create_unique_constraint(op.f("uq_sign_in_session_reference"), ["reference"])
    with op.batch_alter_table("event") as event:
        event.drop_constraint(op.f("ck_event_by"), type_="check")
        event.create_check_constraint(op.f("ck_event_by"), BY)
    with op.batch_alter_table("sign_in_failure") as failure:
        failure.alter_column("name_hash", new_column_name="what_hash")
    op.create_table(
        "second_factor",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.String(32), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["person.account_id"],
            name=op.f("fk_second_factor_account_id_person"),
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["person.account_id"],
            name=op.f("fk_recovery_code_account_id_person"),
        ),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name=op.f("pk_recovery_code")),
    )
