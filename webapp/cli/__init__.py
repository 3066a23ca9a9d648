"""The command line, `flask serve|database|domains|access|…`, with the rules of the pages."""

from __future__ import annotations

from flask import Flask

from webapp.cli import access, database, demo, domains, erasure, serve, users


def install(app: Flask) -> None:
    """Add the groups of commands; all but `database` refuse a database of another revision."""
    app.cli.add_command(database.database)
    app.cli.add_command(serve.serve)
    for group in (domains.domains, access.access, users.users, erasure.erasure, demo.demo):
        group.callback = database.refuse_here
        app.cli.add_command(group)
