"""Find people whatever the writing, and by lists of addresses, user names and object ids

Every search text is folded anew, which Python does, and the keys of addresses and ids are written
beside it.

Revision: 0007, after 0006.
"""

import sqlalchemy as sa
from alembic import op

from webapp.models.person import derived

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NAMES = ("user_name", "display_name", "given_name", "surname", "email", "external_id")
MADE = ("email_key", "external_id_key", "search_text")
CHUNK = 5_000  # people at a time

person = sa.table("person", *map(sa.column, ("account_id", *NAMES, *MADE)))


def upgrade() -> None:
    for name in ("email_key", "external_id_key"):
        op.add_column("person", sa.Column(name, sa.Text(), server_default="", nullable=False))
    fold_anew(op.get_bind())
    for name in ("email_key", "external_id_key"):
        op.create_index(op.f(f"ix_person_{name}"), "person", [name])
    op.create_table(
        "selection_meant",
        sa.Column("selection_id", sa.String(22), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["person.account_id"],
            name=op.f("fk_selection_meant_account_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["selection_id"],
            ["selection.id"],
            name=op.f("fk_selection_meant_selection_id_selection"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "selection_id", "account_id", "place", name=op.f("pk_selection_meant")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_selection_meant_account_id"), "selection_meant", ["account_id"])


def fold_anew(connection: sa.Connection) -> None:
    account_id = person.c.account_id
    asked = sa.select(account_id, *(person.c[name] for name in NAMES)).order_by(account_id)
    change = sa.update(person).where(account_id == sa.bindparam("of"))
    change = change.values({name: sa.bindparam(f"new_{name}") for name in MADE})
    last = -1
    while rows := connection.execute(asked.where(account_id > last).limit(CHUNK)).all():
        made = ((of, derived(**dict(zip(NAMES, names, strict=True)))) for of, *names in rows)
        connection.execute(
            change, [{"of": of} | {f"new_{name}": new[name] for name in MADE} for of, new in made]
        )
        last = rows[-1].account_id
