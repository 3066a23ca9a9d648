"""nobody in who should not be, nobody out who should not be

Revision: 0010, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sign_in_failure") as failure:
        failure.alter_column("name_hash", new_column_name="what_hash")
