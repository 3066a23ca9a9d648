"""Every table: what it may hold, and that the migrations make what the models describe."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Engine,
    Integer,
    Table,
    UniqueConstraint,
    inspect,
    text,
)

from webapp import models  # noqa: F401  # so that the metadata is complete
from webapp.config import ROOT
from webapp.db import Base, Moment
from webapp.models.personal import personal_tables

TABLES = Base.metadata.sorted_tables
PERSONAL = [model.__table__ for model in personal_tables()]
TELLS_NOTHING = (Integer, Boolean, Date, Moment)  # every other type can hold someone's words

SELDOM_DELETED = (
    "receipts are never deleted and domains hardly ever, and no page asks by this column"
)
WITHOUT_INDEX = {
    "attribute_reference.attribute_id": "is in the primary key, behind holder_id of the same key",
    "operation.receipt_id": SELDOM_DELETED,
    "operation_account.domain_id": SELDOM_DELETED,
    "receipt_line.domain_id": SELDOM_DELETED,
}


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_every_column_is_personal_or_says_why_it_is_not(table: Table) -> None:
    if table in PERSONAL:
        return
    silent = [
        str(column)
        for column in table.columns
        if not isinstance(column.type, TELLS_NOTHING)
        and not column.info.get("not_personal", "").strip()
    ]
    assert not silent, (
        f"{', '.join(silent)} in {file_of(table)}: derive the table from PersonalData, "
        "or say in the column's `info` why it is never personal."
    )


def file_of(table: Table) -> str:
    """Return the file of the model that describes this table."""
    (model,) = (each.class_ for each in Base.registry.mappers if each.local_table is table)
    return f"{model.__module__.replace('.', '/')}.py"


@pytest.mark.parametrize("table", PERSONAL, ids=str)
def test_a_table_of_personal_data_belongs_to_an_account_and_does_not_cascade(table: Table) -> None:
    (key,) = table.c.account_id.foreign_keys
    assert key.target_fullname == ("account.id" if table.name == "person" else "person.account_id")
    assert (key.ondelete, key.onupdate) == (None, None)


def test_only_tables_of_personal_data_refer_to_persons() -> None:
    assert [
        table.name
        for table in TABLES
        if any(key.column.table.name == "person" for key in table.foreign_keys)
        and table not in PERSONAL
    ] == []


def test_every_kind_of_personal_data_has_a_name_of_its_own_on_the_receipt() -> None:
    names = [model.counted_as for model in personal_tables()]
    assert len(set(names)) == len(names)


def test_migrations_make_what_the_models_describe(engine: Engine) -> None:
    config = Config(toml_file=ROOT / "pyproject.toml", stdout=sys.stderr)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.check(config)


def test_migrations_make_the_checks_that_the_models_describe(engine: Engine) -> None:
    """Make the tables once more, from the models, and compare.

    Alembic does not see CHECK constraints.
    """
    migrated = set(checks(engine))
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    described = set(checks(engine))
    assert migrated == described
    assert len(described) > 5


def checks(engine: Engine) -> Iterator[tuple[str, str | None, str]]:
    """Return table, name and text of every CHECK, as the database says them."""
    for table in TABLES:
        for check in inspect(engine).get_check_constraints(table.name):
            yield table.name, check["name"], check["sqltext"]


def test_every_foreign_key_has_an_index_or_a_reason() -> None:
    bare = {
        str(key.parent)
        for table in TABLES
        for key in table.foreign_keys
        if key.parent not in set(first_columns(table))
    }
    assert bare == set(WITHOUT_INDEX)


def first_columns(table: Table) -> Iterator[Column[object]]:
    """Return the first column of every index, those of keys included."""
    yield next(iter(table.primary_key.columns))
    yield from (
        next(iter(constraint.columns))
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    )
    yield from (next(iter(index.columns)) for index in table.indexes)


def test_postgresql_keeps_no_samples_of_personal_columns(engine: Engine) -> None:
    """Look at its statistics: values of personal columns there would outlive the person."""
    if engine.dialect.name != "postgresql":
        return
    asked = text(
        "SELECT relname || '.' || attname "
        "FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
        "WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' "
        "AND attnum > 0 AND attstattarget = 0 AND NOT attisdropped"
    )
    with engine.connect() as connection:
        silenced = set(connection.scalars(asked))
    told = (column for table in PERSONAL for column in table.columns if not column.foreign_keys)
    assert silenced == {f"{column.table.name}.{column.name}" for column in told}
