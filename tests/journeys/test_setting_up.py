"""Rosa sets up roles, grants, domains, contacts and attributes on pages."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.conftest import Client
from tests.factories import ALL_OF_USERS, Office, a_role, a_user, give, many_users
from tests.journeys.browser import Browser
from webapp.models import (
    ALLOWS,
    Attribute,
    AttributeValue,
    Contact,
    Domain,
    Event,
    Grant,
    Kind,
    Permission,
    Role,
    RolePermission,
)
from webapp.permissions import permissions_of

MANAGING = ", ".join(sorted(ALL_OF_USERS))  # what Priya and Owen hold


@pytest.fixture
def rosa(browser: Browser) -> Browser:
    browser.sign_in("rosa.admin")
    return browser


def recorded(browser: Browser, what: str) -> str:
    """Return the line of Administrator activity about the newest event of this kind."""
    browser.visit(f"/activity?what={what}")
    return " ".join(browser.soup.select("tbody tr")[0].get_text(" ").split())


def test_a_role_is_added_changed_and_removed(rosa: Browser, session: Session) -> None:
    rosa.visit("/roles/")
    rosa.follow("Add a role")
    assert all(sentence in rosa.text for sentence in ALLOWS.values())
    rosa.fill(name="Auditor")
    rosa.tick("Billing", on=True)
    rosa.press("Add role")
    assert "The role has been added." in rosa.text
    rosa.follow("Auditor")
    rosa.fill(name="Inspector")
    rosa.tick("Billing", on=False)
    rosa.tick("Who may do what", on=True)
    rosa.press("Save")
    session.expire_all()
    held = select(RolePermission.permission).join(Role).where(Role.name == "Inspector")
    assert session.scalars(held).all() == [Permission.WHO_MAY_DO_WHAT]
    rosa.follow("Inspector")
    rosa.press("Remove role")
    assert "The role has been removed." in rosa.text
    assert "from Auditor: Billing to Inspector: Who may do what" in recorded(rosa, "ROLE_CHANGED")
    assert "to Auditor: Billing" in recorded(rosa, "ROLE_ADDED")
    assert "from Inspector: Who may do what" in recorded(rosa, "ROLE_REMOVED")


def test_a_name_that_is_taken_is_said_beside_it_and_nothing_is_lost(
    rosa: Browser, session: Session
) -> None:
    a_role(session, "Auditor", Permission.BILLING)
    for path, button in (("/roles/new", "Add role"), ("/domains/", "Add domain")):
        rosa.visit(path)
        rosa.fill(name="AUDITOR" if "roles" in path else "northwind LONDON")
        rosa.press(button)
        assert (rosa.status, "of this name already" in rosa.text) == (422, True)
        assert rosa.soup.select_one("#name")["value"] in ("AUDITOR", "northwind LONDON")
    rosa.visit("/roles/new")
    rosa.tick("Billing", on=True)
    rosa.press("Add role")
    assert (rosa.status, "Enter a name." in rosa.text) == (422, True)
    assert rosa.soup.select_one("[value=Billing][checked]")


def test_a_role_is_given_to_who_is_chosen_and_taken_at_once(
    rosa: Browser, web: Client, session: Session, office: Office
) -> None:
    role = a_role(session, "Auditor", Permission.BILLING)
    anna = office.live(office.london)[0]
    rosa.visit("/grants/")
    rosa.follow("Give a role")
    rosa.fill(user_name="rch")
    rosa.choose("role", str(role.id))
    rosa.choose("domain", str(office.paris.id))
    rosa.press("Give role")
    assert (rosa.status, "Choose who is meant." in rosa.text) == (422, True)
    offered = [option["value"] for option in rosa.soup.select("select[name=user] option")]
    assert offered == ["", anna.reference]
    rosa.choose("user", anna.reference)
    rosa.press("Give role")
    assert "The role has been given." in rosa.text
    assert permissions_of(session, anna.account_id) == {Permission.BILLING}
    assert "Anna Archer" in rosa.text
    assert "Gave role to Auditor Anna Archer Northwind Paris" in recorded(rosa, "GRANT_GIVEN")
    rosa.visit(f"/grants/?role={role.id}")
    rosa.press("Take")
    assert "The role has been taken." in rosa.text
    assert permissions_of(session, anna.account_id) == frozenset()
    assert "Took role from Auditor Anna Archer" in recorded(rosa, "GRANT_TAKEN")


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "Enter a user name"), ("zzz", "No live user of your domains"), ("x" * 201, "Use 200")],
)
def test_who_is_not_found_is_asked_for_again(
    rosa: Browser, session: Session, typed: str, said: str
) -> None:
    for path, button in (("/grants/give", "Give role"), ("/contacts/name", "Name contact")):
        rosa.visit(path)
        rosa.fill(user_name=typed)
        rosa.press(button)
        assert (rosa.status, said in rosa.text) == (422, True)
        assert rosa.soup.select_one("#user_name")["value"] == typed


def test_access_is_given_and_taken_on_one_user_s_page(
    rosa: Browser, session: Session, office: Office
) -> None:
    role = a_role(session, "Auditor", Permission.BILLING)
    anna = office.live(office.london)[0]
    page = f"/users/person/{anna.reference}"
    rosa.visit(page)
    assert "This user holds no role and is no contact." in rosa.text
    rosa.follow("Give a role")
    rosa.choose("role", str(role.id))
    rosa.choose("domain", str(office.dublin.id))
    rosa.press("Give role")
    assert (rosa.url, "The role has been given." in rosa.text) == (page, True)
    rosa.follow("Name as contact")
    rosa.choose("domain", str(office.dublin.id))
    rosa.press("Name contact")
    assert (rosa.url, "The contact has been named." in rosa.text) == (page, True)
    rosa.press("Make primary")
    contact = (anna.account_id, office.dublin.id)
    session.expire_all()
    assert session.get_one(Contact, contact).primary
    rosa.press("Remove")
    rosa.press("Take")
    assert (rosa.url, "This user holds no role and is no contact." in rosa.text) == (page, True)
    session.expire_all()
    assert session.get(Contact, contact) is None
    assert "Removed contact from Primary contact Anna Archer" in recorded(rosa, "CONTACT_REMOVED")


@pytest.mark.parametrize("button", ["Remove", "Make not primary"])
def test_before_nobody_could_erase_there_it_is_asked_again(
    rosa: Browser, session: Session, office: Office, button: str
) -> None:
    contact = (office.priya.account_id, office.london.id)
    rosa.visit(f"/contacts/?domains={office.london.id}")
    row = next(r for r in rosa.soup.select("tbody tr") if "Priya" in r.get_text())
    row["id"] = "hers"
    rosa.press(button, within="#hers")
    assert rosa.status == 409
    assert "nobody could erase the deleted users of Northwind London" in rosa.text
    assert session.get_one(Contact, contact).primary
    rosa.press("Remove contact" if button == "Remove" else "Make not primary", within="main")
    session.expire_all()
    left = session.get(Contact, contact)
    assert left is None if button == "Remove" else left and not left.primary
    assert rosa.url == f"/contacts/?domains={office.london.id}"


def test_a_contact_who_is_not_the_last_to_erase_is_removed_at_once(
    rosa: Browser, session: Session, office: Office
) -> None:
    session.get_one(Contact, (office.owen.account_id, office.london.id)).primary = True
    rosa.visit(f"/contacts/?domains={office.london.id}")
    rosa.press("Remove")
    assert "The contact has been removed." in rosa.text


def test_a_domain_is_added_renamed_and_removed(rosa: Browser, session: Session) -> None:
    rosa.visit("/domains/")
    rosa.fill(name="Northwind Lyon")
    rosa.press("Add domain")
    assert "The domain has been added." in rosa.text
    rosa.follow("Northwind Lyon")
    rosa.fill(name="Northwind Nice")
    rosa.press("Save")
    assert "The domain has been renamed." in rosa.text
    rosa.follow("Northwind Nice")
    assert "It is not in use." in rosa.text
    rosa.press("Remove domain")
    assert "The domain has been removed." in rosa.text
    assert session.scalars(select(Domain.id).where(Domain.name.like("%Nice"))).all() == []
    assert "from Northwind Lyon to Northwind Nice" in recorded(rosa, "DOMAIN_RENAMED")
    assert "from Northwind Nice" in recorded(rosa, "DOMAIN_REMOVED")


def test_a_domain_in_use_says_why_it_stays(rosa: Browser, office: Office) -> None:
    rosa.visit(f"/domains/{office.london.id}")
    assert "users belong to it" in rosa.text
    assert "Remove domain" not in rosa.buttons()


def test_an_attribute_is_added_changed_and_removed_with_its_values(
    rosa: Browser, session: Session, office: Office
) -> None:
    rosa.visit("/attributes/")
    rosa.fill(name="Manager")
    rosa.choose("kind", Kind.USER.value)
    rosa.press("Add attribute")
    rosa.follow("Manager")
    rosa.fill(name="Head")
    rosa.choose("kind", Kind.TEXT.value)
    rosa.press("Save")
    assert "from Manager (user) to Head (text)" in recorded(rosa, "ATTRIBUTE_CHANGED")
    values = session.scalar(select(func.count()).select_from(AttributeValue)) or 0
    rosa.visit("/attributes/")
    rosa.follow("Department")
    rosa.choose("kind", Kind.DATE.value)
    rosa.press("Save")
    assert (rosa.status, "Users have values of this attribute" in rosa.text) == (422, True)
    rosa.follow("Remove this attribute")
    assert f"The values that {values} users have of it go as well." in rosa.text
    rosa.press(f"Remove attribute and {values} values")
    assert session.scalar(select(func.count()).select_from(AttributeValue)) == 0
    assert session.scalars(select(Attribute.name)).all() == ["Head"]
    assert f"from Department (text) {values} users" in recorded(rosa, "ATTRIBUTE_REMOVED")


def test_an_attribute_of_which_more_go_than_were_shown_stays(
    rosa: Browser, session: Session, office: Office
) -> None:
    department = session.scalars(select(Attribute)).one()
    rosa.visit(f"/attributes/{department.id}/remove")
    new = AttributeValue(
        account_id=office.rosa.account_id, attribute_id=department.id, value="Board"
    )
    session.add(new)
    rosa.press("Remove attribute")
    assert (rosa.status, "has changed since you looked" in rosa.text) == (409, True)
    assert session.scalars(select(Attribute)).one()


def test_a_right_that_is_taken_ends_at_the_next_request(
    rosa: Browser, web: Client, session: Session, office: Office
) -> None:
    owen = Browser(Client(web.app, session), htmx=False)
    owen.sign_in("owen.contact")
    owen.visit("/users/")
    assert owen.status == 200
    rosa.visit(f"/grants/?domains={office.london.id}")
    row = next(r for r in rosa.soup.select("tbody tr") if "Owen" in r.get_text())
    row["id"] = "his"
    rosa.press("Take", within="#his")
    owen.visit("/users/")
    assert owen.status == 403


def test_each_domain_s_people_are_shown_to_who_sets_up_there_only(
    browser: Browser, session: Session, office: Office
) -> None:
    sol = a_user(session, office.dublin, "Sol Local", password="a password for tests")
    give(session, sol, office.dublin, Permission.GIVE_ROLES, Permission.NAME_CONTACTS)
    browser.sign_in("sol.local")
    for path in ("/grants/", "/contacts/", "/grants/give", "/contacts/name"):
        browser.visit(path)
        assert "Northwind Dublin" in browser.text
        assert "Northwind London" not in browser.text
        assert "Owen" not in browser.text
    browser.fill(user_name="anna")
    browser.press("Name contact")
    assert "No live user of your domains" in browser.text


CHANGES: dict[str, tuple[str, Mapping[str, str]]] = {
    "add a role": ("/roles/new", {"name": "Auditor", "permissions": "Billing"}),
    "change a role": ("/roles/{role}", {"name": "Clerk"}),
    "remove a role": ("/roles/{role}/remove", {}),
    "give a role": ("/grants/give", {"user": "{anna}", "role": "{role}", "domain": "{london}"}),
    "take a role": ("/grants/take", {"user": "{owen}", "role": "{held}", "domain": "{london}"}),
    "name a contact": ("/contacts/name", {"user": "{anna}", "domain": "{london}"}),
    "make primary": (
        "/contacts/change",
        {"user": "{owen}", "domain": "{london}", "primary": "1"},
    ),
    "remove a contact": ("/contacts/remove", {"user": "{owen}", "domain": "{london}"}),
    "add a domain": ("/domains/", {"name": "Northwind Lyon"}),
    "rename a domain": ("/domains/{london}", {"name": "Northwind Leeds"}),
    "remove a domain": ("/domains/{empty}/remove", {}),
    "add an attribute": ("/attributes/", {"name": "Rank", "kind": "text"}),
    "change an attribute": ("/attributes/{attribute}", {"name": "Unit", "kind": "text"}),
    "remove an attribute": ("/attributes/{attribute}/remove", {"values": "23"}),
}


@pytest.fixture
def things(session: Session, office: Office) -> dict[str, object]:
    """Return what the changes above are about."""
    empty = Domain(name="Northwind Void", name_key="northwind void")
    session.add(empty)
    session.flush()
    give(session, office.rosa, empty, *Permission)
    of_owen = select(Grant.role_id).where(Grant.account_id == office.owen.account_id)
    return {
        "role": a_role(session, "Reader", Permission.BILLING).id,
        "held": session.scalars(of_owen).one(),
        "anna": office.live(office.london)[0].reference,
        "owen": office.owen.reference,
        "london": office.london.id,
        "empty": empty.id,
        "attribute": session.scalars(select(Attribute.id)).one(),
    }


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("who", ["priya.contact", "nadia.contact", "max.reader", "rosa.admin"])
def test_each_change_is_made_by_htmx_for_rosa_and_refused_to_the_others(
    web: Client, session: Session, office: Office, things: dict[str, object], what: str, who: str
) -> None:
    web.sign_in(who)
    path, fields = CHANGES[what]
    token = str(web.get("/password").html.select_one("[name=csrf_token]")["value"])
    sent = {name: value.format(**things) for name, value in fields.items()}
    before = events(session)
    answer = web.post(
        path.format(**things),
        {"csrf_token": token, **sent},
        headers={"HX-Request": "true", "HX-Target": "main#main"},
        expect_errors=True,
    )
    if who == "rosa.admin":
        assert (answer.status_int, bool(answer.headers.get("HX-Redirect"))) == (200, True)
        assert events(session) - before == (2 if what == "add a domain" else 1)
    else:
        assert answer.status_int == 403
        keys = select(Event.key).where(Event.key != "REFUSED")
        assert session.scalars(keys).all() == []


def events(session: Session) -> int:
    session.commit()
    return session.scalar(select(func.count()).select_from(Event)) or 0


def test_lists_that_grow_have_pages(rosa: Browser, session: Session, office: Office) -> None:
    role = a_role(session, "Reader", Permission.BILLING)
    ids = many_users(session, office.london, 60)
    session.add_all(Grant(account_id=i, domain_id=office.london.id, role_id=role.id) for i in ids)
    session.add_all(Contact(account_id=i, domain_id=office.london.id) for i in ids)
    for path in ("/grants/", "/contacts/"):
        rosa.visit(path)
        assert len(rosa.soup.select("tbody tr")) == 50
        rosa.follow("Next page")
        assert 0 < len(rosa.soup.select("tbody tr")) <= 50
