"""The data map names every table and column, and says something of each."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tests.conftest import Client, Runner
from tests.factories import Office
from tests.house.walk import all_rights
from webapp.db import Base
from webapp.evidence.data_map import data_map
from webapp.models.personal import personal_tables


def test_every_column_of_every_table_is_on_the_map() -> None:
    told = {f"{table.name}.{column.name}" for table in data_map() for column in table.columns}
    assert told == {str(c) for table in Base.metadata.sorted_tables for c in table.columns}
    assert all(column.why for table in data_map() for column in table.columns)
    assert [table for table in data_map() if not (table.erasing and table.kept)] == []


def test_the_personal_tables_are_those_that_erasing_walks() -> None:
    told = [table.name for table in data_map() if table.personal]
    assert told == sorted(model.__tablename__ for model in personal_tables())


def test_the_page_shows_it_to_readers_of_the_record_and_to_no_others(
    web: Client, session: Session, office: Office
) -> None:
    all_rights(session, office, office.priya)
    web.sign_in("priya.contact")
    page = web.get("/activity").click("What is kept", index=0)
    for table in data_map():
        assert page.html.find("h2", string=table.name), table.name
    web.reset_session_cookie()
    web.sign_in("owen.contact")
    web.get("/activity/data-map", status=403)


def test_the_command_lists_it(runner: Runner) -> None:
    said = runner.invoke(args=["erasure", "map"]).output
    assert "person (personal)" in said
    assert "erased_span (not personal)" in said
    assert "    user_name: Says something about a person." in said
