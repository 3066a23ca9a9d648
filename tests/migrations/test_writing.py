"""`make migration` writes what the models describe and the migrations do not make yet."""

from __future__ import annotations

import sys
from pathlib import Path

from sqlalchemy import create_engine

from tests.databases import Sqlite
from tests.migrations.checkout import Checkout, run, upgrade
from tests.migrations.rows import assert_kept, fill, rows_of

BIN = Path(sys.executable).parent
NICKNAME = """
from sqlalchemy import Column, String
Domain.__table__.append_column(Column("nickname", String(20), nullable=True))
"""


def test_a_new_column_is_written_as_a_migration(
    sqlite: Sqlite, checkout: Checkout, tmp_path: Path
) -> None:
    """Written with the next number and as `ruff format` would have it, and it can be run."""
    number = f"{len(checkout.revisions) + 1:04}"
    with (checkout.folder / "webapp" / "models" / "__init__.py").open("a") as models:
        models.write(NICKNAME)
    done = run(
        "make", f"BIN={BIN}", f"--old-file={BIN / 'dev.stamp'}", "migration", "NAME=call domains",
        folder=checkout.folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    written = checkout.folder / "migrations" / "versions" / f"{number}_call_domains.py"
    assert 'batch_alter_table("domain"' in written.read_text()
    formatted = run(str(BIN / "ruff"), "format", "--check", str(written), folder=checkout.folder)
    assert formatted.returncode == 0
    with sqlite.copy(tmp_path) as url:
        engine = create_engine(url)
        fill(engine)
        rows = rows_of(engine)
        with engine.connect() as connection:
            upgrade(connection, checkout.config)
        assert_kept(rows, rows_of(engine))
        assert "nickname" in rows_of(engine)["domain"][0]
        engine.dispose()
