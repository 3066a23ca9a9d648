"""flask attributes: add, change, remove and list attributes."""

from __future__ import annotations

import click

from webapp.access import attributes as setting_up
from webapp.cli.common import Commands, writing
from webapp.db import db
from webapp.models import Kind
from webapp.times import now
from webapp.words import users

attributes = Commands("attributes", help="Set up attributes.")
KIND = click.Choice([kind.value for kind in Kind])
TEXT = Kind.TEXT.value


@attributes.command()
@click.argument("name")
@click.option("--kind", type=KIND, default=TEXT, show_default=True, help="Of its values.")
def add(name: str, kind: str) -> None:
    """Add an attribute."""
    with writing() as session:
        setting_up.add(session, name, Kind(kind), now(), actor_id=None)
    click.echo("The attribute has been added.")


@attributes.command()
@click.argument("name")
@click.argument("new_name")
@click.argument("kind", type=KIND)
def change(name: str, new_name: str, kind: str) -> None:
    """Give an attribute another name and kind, the kind only where no user has a value."""
    with writing() as session:
        setting_up.change(session, name, new_name, Kind(kind), now(), actor_id=None)
    click.echo("The attribute has been changed.")


@attributes.command()
@click.argument("name")
@click.option("--values", default=0, help="How many users have a value of it, which goes.")
def remove(name: str, values: int) -> None:
    """Remove an attribute, with its values where their number is given."""
    with writing() as session:
        _, found = setting_up.with_values(session, name)
        if found != values:
            raise click.ClickException(
                f"{users(found)} have a value of it, which would go: say --values {found}."
            )
        setting_up.remove(session, name, values, now(), actor_id=None)
    click.echo("The attribute has been removed.")


@attributes.command("list")
def list_attributes() -> None:
    """List the attributes by name, with their kinds."""
    for attribute in setting_up.every(db.session):
        click.echo(f"{attribute.name}: {attribute.kind}")
