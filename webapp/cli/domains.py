"""flask domains: add, rename, remove and list domains."""

from __future__ import annotations

import click
from sqlalchemy import select

from webapp.access import domains as setting_up
from webapp.cli.common import Commands, writing
from webapp.db import db
from webapp.models import Domain
from webapp.times import now

domains = Commands("domains", help="Set up domains.")


@domains.command()
@click.argument("name")
def add(name: str) -> None:
    """Add a domain."""
    with writing() as session:
        setting_up.add(session, name, now(), actor_id=None)
    click.echo("The domain has been added.")


@domains.command()
@click.argument("name")
@click.argument("new_name")
def rename(name: str, new_name: str) -> None:
    """Give a domain another name."""
    with writing() as session:
        setting_up.rename(session, name, new_name, now(), actor_id=None)
    click.echo("The domain has been renamed.")


@domains.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove a domain that is not in use."""
    with writing() as session:
        setting_up.remove(session, name, now(), actor_id=None)
    click.echo("The domain has been removed.")


@domains.command("list")
def list_domains() -> None:
    """List the domains by name."""
    for name in db.session.scalars(select(Domain.name).order_by(Domain.name_key)):
        click.echo(name)
