"""The commands: `flask database|domains|access|users|demo`. Same functions and rules as pages."""

from __future__ import annotations

from flask import Flask

from webapp.cli import access, database, demo, domains, users


def install(app: Flask) -> None:
    for group in (database.database, domains.domains, access.access, users.users, demo.demo):
        app.cli.add_command(group)
