"""flask access …: roles, grants, contacts and passwords."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy import delete, select

from webapp.cli.common import domain_named, permission_named, person_named, role_named, writing
from webapp.db import db
from webapp.events import Recorded, record
from webapp.identity import sessions
from webapp.models import Contact, Grant, Role, RolePermission
from webapp.models.person import key_of
from webapp.times import now

access = AppGroup("access", help="Set up roles, grants, contacts and passwords.")


@access.command()
@click.argument("name")
@click.option(
    "--permission",
    "names",
    multiple=True,
    required=True,
    help="A permission, by its name on pages; repeat for several.",
)
def role(name: str, names: tuple[str, ...]) -> None:
    """Make a role, or give an existing one exactly these permissions."""
    permissions = {permission_named(each) for each in names}
    with writing() as session:
        found = session.scalar(select(Role).where(Role.name_key == key_of(name)))
        what = Recorded.ROLE_CHANGED if found else Recorded.ROLE_ADDED
        found = found or Role(name=name.strip(), name_key=key_of(name))
        session.add(found)
        session.flush()
        # What stays is left alone: an erasure holds on to the rows of its right, and one that is made anew could not be held.
        held = set(
            session.scalars(
                select(RolePermission.permission).where(RolePermission.role_id == found.id)
            )
        )
        session.execute(
            delete(RolePermission).where(
                RolePermission.role_id == found.id, RolePermission.permission.not_in(permissions)
            )
        )
        session.add_all(
            RolePermission(role_id=found.id, permission=each) for each in permissions - held
        )
        record(session, what, now(), actor_id=None)
    click.echo("The role has been set up.")


@access.command()
def roles() -> None:
    """List the roles with their permissions."""
    for name, permission in db.session.execute(
        select(Role.name, RolePermission.permission).join(RolePermission).order_by(Role.name_key)
    ):
        click.echo(f"{name}: {permission}")


@access.command()
@click.argument("user_name")
@click.argument("role_name")
@click.argument("domain_name")
def grant(user_name: str, role_name: str, domain_name: str) -> None:
    """Give a user a role in a domain."""
    with writing() as session:
        person, role, domain = (
            person_named(session, user_name),
            role_named(session, role_name),
            domain_named(session, domain_name),
        )
        if session.get(Grant, (person.account_id, domain.id, role.id)) is None:
            session.add(Grant(account_id=person.account_id, role_id=role.id, domain_id=domain.id))
            record(
                session,
                Recorded.GRANT_GIVEN,
                now(),
                actor_id=None,
                subject_id=person.account_id,
                domain_id=domain.id,
            )
    click.echo("The user holds this role in this domain.")


@access.command()
@click.argument("user_name")
@click.argument("role_name")
@click.argument("domain_name")
def revoke(user_name: str, role_name: str, domain_name: str) -> None:
    """Take a role in a domain from a user."""
    with writing() as session:
        person, role, domain = (
            person_named(session, user_name),
            role_named(session, role_name),
            domain_named(session, domain_name),
        )
        held = session.get(Grant, (person.account_id, domain.id, role.id))
        if held is not None:
            session.delete(held)
            record(
                session,
                Recorded.GRANT_TAKEN,
                now(),
                actor_id=None,
                subject_id=person.account_id,
                domain_id=domain.id,
            )
    click.echo("The user does not hold this role in this domain.")


@access.command()
@click.argument("user_name")
@click.argument("domain_name")
@click.option(
    "--primary/--not-primary",
    default=False,
    help="Whether a primary contact, who may erase with the permission for it.",
)
@click.option("--remove", is_flag=True, help="Remove the contact instead.")
def contact(user_name: str, domain_name: str, primary: bool, remove: bool) -> None:
    """Name a user as contact of a domain, or remove them."""
    with writing() as session:
        person, domain = person_named(session, user_name), domain_named(session, domain_name)
        named = session.get(Contact, (person.account_id, domain.id))
        if remove and named:
            session.delete(named)
            record(
                session,
                Recorded.CONTACT_REMOVED,
                now(),
                actor_id=None,
                subject_id=person.account_id,
                domain_id=domain.id,
            )
        if not remove and (named is None or named.primary != primary):
            session.merge(
                Contact(account_id=person.account_id, domain_id=domain.id, primary=primary)
            )
            record(
                session,
                Recorded.CONTACT_NAMED,
                now(),
                actor_id=None,
                subject_id=person.account_id,
                domain_id=domain.id,
            )
    click.echo("The contact has been removed." if remove else "The contact has been named.")


@access.command()
@click.argument("user_name")
@click.password_option(help="The new password; asked for where it is not given.")
def password(user_name: str, password: str) -> None:
    """Set a user's password and end their sessions."""
    if len(password) < sessions.SHORTEST_PASSWORD:
        raise click.ClickException(f"Use {sessions.SHORTEST_PASSWORD} characters or more.")
    new = sessions.hasher.hash(password)
    with writing() as session:
        sessions.set_password(
            session, person_named(session, user_name).account_id, new, now(), actor_id=None
        )
    click.echo("The password has been set.")
