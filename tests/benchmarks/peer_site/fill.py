# mypy: disable-error-code="import-not-found"
# Django is not installed where types are checked
"""Copy a platform of ours into the tables of the Django project, set-based."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection

COPIED = (
    "INSERT INTO peer_site_domain (id, name) SELECT id, name FROM world.domain",
    """
    INSERT INTO peer_site_member (id, domain_id, state, created_at, since, user_name, display_name,
        given_name, surname, email, search_text)
    SELECT a.id, a.domain_id, a.state, a.created_at, a.since, p.user_name, p.display_name,
        p.given_name, p.surname, p.email, p.search_text
    FROM world.account a JOIN world.person p ON p.account_id = a.id""",
    """
    INSERT INTO peer_site_value (member_id, attribute_id, value)
    SELECT account_id, attribute_id, value FROM world.attribute_value""",
    """
    INSERT INTO peer_site_signin (id, member_id, at)
    SELECT id, account_id, at FROM world.sign_in""",
    """
    INSERT INTO peer_site_entry (id, at, key, actor_id, subject_id, domain_id)
    SELECT e.id, e.at, e.key, a.account_id, s.account_id, e.domain_id FROM world.event e
    LEFT JOIN world.party a ON a.event_id = e.id AND a.part = 'actor'
    LEFT JOIN world.party s ON s.event_id = e.id AND s.part = 'subject'""",
)


def fill(world: str) -> None:
    """Make every table, copy the file `world` into them, and add a superuser.

    Indexes are made when the rows are there.
    """
    for name in settings.DATABASES:
        call_command("migrate", database=name, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ATTACH %s AS world", [world])
    with connection.schema_editor() as editor:
        for model in apps.get_app_config("peer_site").get_models():
            editor.create_model(model)
        for statement in COPIED:
            editor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("DETACH world")
        cursor.execute("ANALYZE")
    User.objects.create_superuser("admin", password=None)
