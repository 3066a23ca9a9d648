"""The command line, `flask serve|database|domains|access|…`, with the rules of the pages."""

from __future__ import annotations

from flask import Flask

from webapp.cli import access, attributes, database, demo, domains, erasure, serve, users


def install(app: Flask) -> None:
    """Add the groups of commands; all but `database` refuse a database of another revision.

    All but that and `erasure` refuse a restored backup that was not brought up to date.
    """
    app.cli.add_command(database.database)
    app.cli.add_command(serve.serve)
    erasure.erasure.callback = database.refuse_here
    app.cli.add_command(erasure.erasure)
    for group in (
        domains.domains,
        access.access,
        attributes.attributes,
        users.users,
        demo.demo,
    ):
        group.callback = database.refuse_restored
        app.cli.add_command(group)
