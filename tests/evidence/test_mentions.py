"""Texts about others that name somebody on an erasure's list are found, shown and decided about."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import Office, give_attribute, many_users
from tests.journeys.browser import Browser
from webapp.lifecycle.erase import MENTIONS, MENTIONS_LEFT
from webapp.models import Attribute, AttributeValue, Kind, Person, ReceiptLine

FARAH = "farah.حداد"


def note(session: Session, person: Person, text: str, name: str = "Note") -> None:
    give_attribute(session, person, name, text)
    session.commit()


def pop_up(web: Client, keyword: str, *, htmx: bool = False) -> Browser:
    browser = Browser(web, htmx=htmx)
    browser.sign_in("priya.contact")
    browser.visit("/users/erase-deleted/")
    browser.fill(keyword=keyword)
    browser.press("Search for deleted users")
    browser.press("Erase", within="#results")
    return browser


def shown(browser: Browser) -> str:
    found = browser.soup.select_one("#popup fieldset")
    return " ".join(found.text.split()) if found else ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Stands in for İpek Yıldız until May", True),
        ("ask IPEK  YILDIZ", True),
        ("ipek yildiz.", True),
        ("(i̇pek.yıldız@example.org)", True),
        ("see i̇pek.yıldız", True),
        ("İpek Yıldızoğlu", False),
        ("xipek yildiz", False),
        ("İpek Yıldız-Kaya", False),
        ("İpek", False),
    ],
)
def test_whole_names_and_addresses_are_found_folded(
    web: Client, session: Session, office: Office, text: str, found: bool
) -> None:
    note(session, office.live(office.london)[0], text)
    assert (" ".join(text.split()) in shown(pop_up(web, "ipek"))) is found


def test_who_is_not_on_the_list_and_other_kinds_are_left_alone(
    web: Client, session: Session, office: Office
) -> None:
    kept, gone = office.deleted(office.london)[1], office.deleted(office.london)[0]
    note(session, office.live(office.london)[0], f"Works with {kept.display_name}")
    note(session, gone, f"I am {gone.display_name}")  # goes with its owner
    assert shown(pop_up(web, "farah")) == ""


@pytest.mark.parametrize("htmx", [False, True])
def test_what_is_ticked_is_removed_and_the_rest_is_on_the_receipt(
    web: Client, session: Session, office: Office, htmx: bool
) -> None:
    farah, anna = office.deleted(office.london)[0], office.live(office.london)[0]
    note(session, anna, f"Stands in for {farah.display_name}")
    note(session, anna, f"Was told by {farah.email}", "History")
    browser = pop_up(web, "farah", htmx=htmx)
    assert "Remove 1 value of History Anna Archer, Northwind London: Was told by" in shown(browser)
    browser.tick("Remove 1 value of Note", on=True)
    browser.press("Erase 1 user", within="#popup")
    assert "1 user has been erased." in browser.text
    session.rollback()
    values = select(AttributeValue.value).filter_by(account_id=anna.account_id)
    assert sorted(session.scalars(values)) == [
        f"Team of {anna.display_name}",
        f"Was told by {FARAH}@example.org",
    ]
    kinds = ReceiptLine.kind.in_([MENTIONS, MENTIONS_LEFT])
    counted = select(ReceiptLine.kind, ReceiptLine.number).where(kinds)
    assert dict(session.execute(counted).all()) == {MENTIONS: 1, MENTIONS_LEFT: 1}
    browser.follow("Read the receipt")
    assert "1 value in others’ attributes still mentions them" in browser.text


def test_places_in_domains_that_the_reader_may_not_see_are_a_number_and_stay(
    web: Client, session: Session, office: Office
) -> None:
    farah, quentin = office.deleted(office.london)[0], office.live(office.paris)[0]
    text = f"Knows {farah.display_name}"
    note(session, quentin, text)
    browser = pop_up(web, "farah")
    assert "1 value of Note in domains that you may not see: it stays." in shown(browser)
    assert "Quentin" not in browser.text
    browser.press("Erase 1 user", within="#popup")
    session.rollback()
    assert text in session.scalars(select(AttributeValue.value)).all()


def test_names_of_many_are_found_in_texts_that_are_joined(
    web: Client, session: Session, office: Office
) -> None:
    """See that of many people's texts those are named, and no others."""
    many_users(session, office.london, 20)
    anna, bjorn, chloe = office.live(office.london)
    note(session, anna, "Knows user.000041@example.org and\nothers")
    note(session, bjorn, "Knows user.00004")
    note(session, chloe, "Ask User  Number 000042, ÄÖÜ")
    found = shown(pop_up(web, "user number"))
    assert "Remove 2 values of Note Anna Archer, Northwind London: Knows user.000041@" in found
    assert "Ask User Number 000042" in found
    assert "Björn" not in found


def test_what_is_written_after_the_list_was_shown_stays(
    web: Client, session: Session, office: Office
) -> None:
    """Do exactly what was shown."""
    browser = pop_up(web, "farah")
    assert shown(browser) == ""
    note(session, office.live(office.london)[0], "Stands in for Farah حداد")
    browser.press("Erase 1 user", within="#popup")
    assert "1 user has been erased." in browser.text


def test_values_that_mean_users_are_a_matter_of_their_own(
    web: Client, session: Session, office: Office
) -> None:
    note(session, office.live(office.london)[0], "Farah حداد", "Manager")
    session.get_one(Attribute, attribute_of(session, "Manager")).kind = Kind.USER
    session.commit()
    assert shown(pop_up(web, "farah")) == ""


def attribute_of(session: Session, name: str) -> int:
    return session.scalars(select(Attribute.id).filter_by(name=name)).one()
