"""What a person chooses is found again: time zone, rows a page, order, the current selection."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office, a_sign_in, a_user, many_users
from tests.journeys.browser import Browser
from webapp.config import Settings
from webapp.errors import ConfigurationRefused
from webapp.models import Preference, State

ERASE, MANAGE = "/users/erase-deleted/", "/users/"
MIDNIGHT = datetime(2025, 1, 5, 23, 30, tzinfo=UTC)


def search(browser: Browser, path: str = ERASE, **fields: str) -> None:
    browser.visit(path)
    browser.fill(**fields)
    browser.press("Search for")


def names(browser: Browser) -> list[str]:
    return [name.get_text() for name in browser.soup.select("#results th .written")]


def test_times_are_read_in_the_zone_that_was_chosen(
    browser: Browser, session: Session, office: Office
) -> None:
    a_sign_in(session, office.owen, MIDNIGHT)
    browser.sign_in("rosa.admin")
    browser.visit("/reports/sign-ins")
    assert "5 Jan 2025, 23:30" in browser.text
    assert "Times are in UTC." in browser.text
    browser.visit("/you")
    browser.choose("time_zone", "Asia/Tokyo")
    browser.press("Keep")
    assert "What you chose has been kept." in browser.text
    browser.visit("/reports/sign-ins")
    assert "6 Jan 2025, 08:30" in browser.text
    assert "Times are in Asia/Tokyo; a day alone is a day in UTC." in browser.text


def test_an_unknown_zone_is_refused_and_nothing_is_kept(browser: Browser, session: Session) -> None:
    browser.sign_in("priya.contact")
    browser.visit("/you")
    option = browser.soup.select_one("[name=time_zone] option")
    option["value"] = "Europe/Nowhere"
    browser.choose("time_zone", "Europe/Nowhere")
    browser.press("Keep")
    assert browser.status == 422
    assert session.scalars(select(Preference)).all() == []


def test_rows_a_page_and_order_are_found_again(
    browser: Browser, session: Session, office: Office
) -> None:
    many_users(session, office.london, 120, State.DELETED)
    browser.sign_in("priya.contact")
    search(browser, keyword="number")
    assert len(names(browser)) == 50
    browser.press("100 rows a page")
    assert len(names(browser)) == 100
    browser.press("Name")
    in_order = names(browser)
    assert in_order == sorted(in_order)
    browser.press("Last")
    assert "Page 2 of 2" in browser.text
    browser.press("First")
    assert "Page 1 of 2" in browser.text
    search(browser, keyword="number")
    assert names(browser) == in_order
    search(browser, "/users/restore-deleted/", keyword="number")
    assert len(names(browser)) == 100
    assert names(browser) != in_order  # the order of the other page is another one


def test_a_search_is_said_in_a_sentence_and_changed_without_typing_it_again(
    browser: Browser, office: Office
) -> None:
    browser.sign_in("priya.contact")
    browser.visit(ERASE)
    browser.fill(keyword="walsh", since_from="2025-05-01")
    browser.tick("Northwind Dublin", on=True)
    browser.press("Search for deleted users")
    said = browser.soup.select_one("main .asked").get_text(" ", strip=True)
    assert "date deleted from 1 May 2025 · keyword “walsh” · Northwind Dublin" in said
    assert browser.soup.select_one("#search") is None
    browser.follow("Change search")
    assert browser.soup.select_one("#keyword")["value"] == "walsh"
    assert browser.soup.select_one("#since_from")["value"] == "2025-05-01"
    browser.fill(keyword="doyle")
    browser.press("Search for deleted users")
    assert names(browser) == ["Pádraig Doyle"]


def test_the_selection_is_called_after_its_search_until_it_is_cleared(
    browser: Browser, session: Session, office: Office
) -> None:
    a_user(session, office.london, "Anna Other")
    browser.sign_in("owen.contact")
    search(browser, MANAGE, keyword="anna")
    browser.tick("Anna Other", on=False)
    browser.press("Create new selection")
    assert "1 user selected keyword “anna”" in browser.text
    browser.visit(MANAGE)
    assert "1 user selected keyword “anna”" in browser.text
    browser.press("Clear", within="#selection")
    assert "None yet." in browser.text
    assert browser.ticked() == ["Anna Archer"]


def test_the_home_page_says_how_many_wait_and_for_how_long(
    browser: Browser, session: Session, office: Office
) -> None:
    a_user(session, office.dublin, "Long Gone", state=State.DELETED, since=MIDNIGHT)
    browser.sign_in("priya.contact")
    assert "8 deleted users The oldest since 5 Jan 2025." in browser.text
    browser.follow("Erase deleted users", within="main")
    assert browser.url == ERASE


def test_the_home_page_says_nothing_of_areas_that_are_closed(web: Client, office: Office) -> None:
    home = web.sign_in("max.reader").html.main.get_text(" ", strip=True)
    assert "accounts live today" in home
    assert "User Management" not in home
    assert "Erase" not in home


def test_receipts_of_one_s_own_erasures_are_found_again(browser: Browser, office: Office) -> None:
    browser.sign_in("priya.contact")
    browser.visit("/receipts")
    assert "You have erased nobody yet." in browser.text
    search(browser, keyword="walsh")
    browser.press("Erase", within="#results")
    browser.press("Erase 1 user", within="#popup")
    browser.follow("Your erasures")
    browser.follow("Read the receipt")
    assert "1 user was erased" in browser.text
    browser.sign_in("owen.contact")
    browser.visit("/receipts")
    assert "You have erased nobody yet." in browser.text


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("", None),
        ("help@example.org", "mailto:help@example.org"),
        ("https://help.example.org/", "https://help.example.org/"),
    ],
)
def test_send_us_a_message_leads_where_the_setting_says(
    anew: Callable[..., Flask], address: str, leads_to: str | None
) -> None:
    help_page = anew(support_address=address).test_client().get("/help").text
    link: Any = BeautifulSoup(help_page, "html.parser").find("a", string="Send us a message")
    assert (link["href"] if link else None) == leads_to


@pytest.mark.parametrize(
    "wrong", [{"support_address": "call us"}, {"time_zone": "Middle Earth"}], ids=str
)
def test_settings_that_lead_nowhere_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigurationRefused):
        Settings(**wrong)  # type: ignore[arg-type]  # all of them are text
