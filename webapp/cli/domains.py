"""flask domains: add and list domains."""

from __future__ import annotations

import click
from sqlalchemy import select

from webapp.access.domains import add as add_domain
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
        add_domain(session, name, now(), actor_id=None)
    click.echo("The domain has been added.")


@domains.command("list")
def list_domains() -> None:
    """List the domains by name."""
    for name in db.session.scalars(select(Domain.name).order_by(Domain.name_key)):
        click.echo(name)
