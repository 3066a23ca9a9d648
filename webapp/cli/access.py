"""flask access: set up roles, grants, contacts and passwords."""

from __future__ import annotations

import click
from sqlalchemy import select

from webapp.access import contacts, find, grants, roles
from webapp.cli.common import Commands, writing
from webapp.db import db
from webapp.identity import passwords, second_factor
from webapp.models import Role, RolePermission
from webapp.times import now

access = Commands("access", help="Set up roles, grants, contacts and passwords.")


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
    permissions = {roles.permission_named(each) for each in names}
    with writing() as session:
        roles.set_up(session, name, permissions, now(), actor_id=None)
    click.echo("The role has been set up.")


@access.command("remove-role")
@click.argument("name")
def remove_role(name: str) -> None:
    """Remove a role that nobody holds."""
    with writing() as session:
        roles.remove(session, name, now(), actor_id=None)
    click.echo("The role has been removed.")


@access.command("roles")
def list_roles() -> None:
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
        grants.give(session, user_name, role_name, domain_name, now(), actor_id=None)
    click.echo("The user holds this role in this domain.")


@access.command()
@click.argument("user_name")
def rights(user_name: str) -> None:
    """List what a user holds, in whatever state they are."""
    account_id = find.user(db.session, user_name).account_id
    for role_name, domain_name, *_ in grants.of_user(db.session, account_id):
        click.echo(f"{role_name} in {domain_name}")
    for domain_name, primary, *_ in contacts.of_user(db.session, account_id):
        click.echo(f"{'Primary contact' if primary else 'Contact'} of {domain_name}")


@access.command()
@click.argument("user_name")
@click.argument("role_name")
@click.argument("domain_name")
def revoke(user_name: str, role_name: str, domain_name: str) -> None:
    """Take a role in a domain from a user, in whatever state they are."""
    with writing() as session:
        held = grants.take(session, user_name, role_name, domain_name, now(), actor_id=None)
    click.echo(
        "The user no longer holds this role in this domain."
        if held
        else "The user did not hold this role in this domain."
    )


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
        if remove:
            removed = contacts.remove(session, user_name, domain_name, now(), actor_id=None)
            happened = (
                "The contact has been removed."
                if removed
                else "The user was not a contact of this domain."
            )
        else:
            contacts.name(session, user_name, domain_name, now(), primary=primary, actor_id=None)
            happened = "The contact has been named."
        if not contacts.can_erase(session, find.domain(session, domain_name).id):
            happened += " Nobody can erase in this domain."
    click.echo(happened)


@access.command("remove-second-factor")
@click.argument("user_name")
def remove_second_factor(user_name: str) -> None:
    """Take a user's second factors away, for instance when the telephone and the codes are lost."""
    with writing() as session:
        account_id = find.user(session, user_name).account_id
        removed = second_factor.remove_all(session, account_id, now())
    click.echo(
        "The second factors have been removed." if removed else "The user had no second factor."
    )


@access.command()
@click.argument("user_name")
@click.password_option(help="The new password; asked for where it is not given.")
def password(user_name: str, password: str) -> None:
    """Set a user's password and end their sessions."""
    password_hash = passwords.hashed(password, user_name)
    with writing() as session:
        account_id = find.live_user(session, user_name).account_id
        passwords.set_password(session, account_id, password_hash, now(), actor_id=None)
    click.echo("The password has been set.")
