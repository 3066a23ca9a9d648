"""Set the console up on pages: permissions for it, and events that say from and to

An administrator of an existing console is somebody whose role has every permission that there was,
in every domain. Such a role gets the new permissions, if all who hold it do so in every domain:
nobody reaches further than before. Where there is none, `flask access role` names one.

Revision: 0012, after 0011.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BEFORE = (
    "User Management",
    "Erase deleted users",
    "Restore deleted users",
    "Administrator activity",
    "Management Information",
    "Billing",
)
NEW = (
    "Set up roles",
    "Give roles",
    "Set up domains",
    "Name contacts",
    "Set up attributes",
    "Who may do what",
)


def upgrade() -> None:
    with op.batch_alter_table("role_permission") as of_role:
        of_role.drop_constraint(op.f("ck_role_permission_permission"), type_="check")
        of_role.create_check_constraint(
            op.f("ck_role_permission_permission"), f"permission IN ({quoted(BEFORE + NEW)})"
        )
    op.add_column("event", sa.Column("before", sa.Text()))
    op.add_column("event", sa.Column("after", sa.Text()))
    op.add_column("party", sa.Column("before", sa.String(200)))
    op.add_column("party", sa.Column("after", sa.String(200)))
    op.create_table(
        "first_start",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_first_start")),
    )
    for permission in NEW:
        op.execute(
            f"""
            INSERT INTO role_permission (role_id, permission)
            SELECT role.id, '{permission}' FROM role
            WHERE {len(BEFORE)} = (
                SELECT count(*) FROM role_permission AS held
                WHERE held.role_id = role.id AND held.permission IN ({quoted(BEFORE)})
            ) AND NOT EXISTS (
                SELECT 1 FROM role_grant AS here JOIN domain ON here.role_id = role.id
                WHERE NOT EXISTS (
                    SELECT 1 FROM role_grant AS there
                    WHERE there.account_id = here.account_id AND there.role_id = here.role_id
                    AND there.domain_id = domain.id
                )
            )
            """
        )


def downgrade() -> None:
    raise NotImplementedError("What was recorded since would be lost: restore a backup instead.")


def quoted(words: tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in words)
