"""flask domains …"""

from __future__ import annotations

import click
from flask.cli import AppGroup

from webapp.cli.common import one_domain, writing
from webapp.db import db
from webapp.events import Recorded, record
from webapp.models import Domain
from webapp.models.person import key_of
from webapp.times import now

domains = AppGroup("domains", help="Set up domains.")


@domains.command()
@click.argument("name")
def add(name: str) -> None:
    """Add a domain."""
    with writing() as session:
        if one_domain(session, name) is not None:
            raise click.ClickException("There is a domain of this name already.")
        domain = Domain(name=name.strip(), name_key=key_of(name))
        session.add(domain)
        session.flush()
        record(session, Recorded.DOMAIN_ADDED, now(), actor_id=None, domain_id=domain.id)
    click.echo("The domain has been added.")


@domains.command("list")
def list_domains() -> None:
    """List the domains by name."""
    for domain in db.session.query(Domain).order_by(Domain.name_key):
        click.echo(domain.name)
