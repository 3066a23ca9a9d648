"""The Management Console. create_app() is its table of contents."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import Any

from flask import Flask, Response, current_app
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from webapp import cli
from webapp.activity.views import activity
from webapp.attributes.views import attributes
from webapp.billing.views import billing
from webapp.config import ROOT, Settings, kept_secret, settings_from
from webapp.console.views import console
from webapp.contacts.views import contacts
from webapp.db import db
from webapp.domains.views import domains
from webapp.evidence.ledger import LEDGERS, Ledger
from webapp.evidence.replay import Watch
from webapp.first_start.views import first_start
from webapp.grants.views import grants
from webapp.identity import generation
from webapp.operations.views import operations
from webapp.reports.views import reports
from webapp.rights.views import rights
from webapp.roles.views import roles
from webapp.second_factor.views import blueprint as second_factor
from webapp.sign_in.views import blueprint as sign_in
from webapp.users.views import erase, manage, people, restore
from webapp.web import converters, error_pages, filters, guard, headers, menu

LONGEST_FORM = 2 * 1024 * 1024  # bytes; a list of 10,000 users takes about a quarter


class Console(Flask):
    """Flask, but for what it logs of an error that no handler met: its text can hold a name."""

    def log_exception(self, exc_info: Any) -> None:
        error_pages.note(exc_info[1])


def create_app(settings: Settings | None = None) -> Flask:
    """The application for these settings, or for those in the environment."""
    settings = settings or settings_from()
    app = Console("webapp", root_path=str(ROOT), instance_path=settings.instance_path)
    app.config.update(configuration(settings))
    db.init_app(app)
    app.teardown_appcontext_funcs[:] = [
        closing for closing in app.teardown_appcontext_funcs if not iscoroutinefunction(closing)
    ]  # none is opened
    with app.app_context():
        LEDGERS[db.engine] = Ledger(settings.ledger_url, settings.backups_kept)
        app.extensions["watch"] = Watch(db.engine, LEDGERS[db.engine])
    app.before_request(guard.refuse_restored)
    app.before_request(guard.refuse_unreadable)  # before anything reads a form
    CSRFProtect(app)
    converters.install(app)
    app.jinja_env.globals.update(settings=settings, areas=(*menu.AREAS, menu.OWN))
    filters.install(app)  # macros see the globals that there are by now

    app.register_blueprint(console)
    app.register_blueprint(sign_in)
    app.register_blueprint(second_factor)
    app.register_blueprint(manage, url_prefix="/users")
    app.register_blueprint(erase, url_prefix="/users/erase-deleted")
    app.register_blueprint(restore, url_prefix="/users/restore-deleted")
    app.register_blueprint(people, url_prefix="/users/person")
    app.register_blueprint(operations)
    app.register_blueprint(activity)
    app.register_blueprint(reports)
    app.register_blueprint(billing)
    for setting_up in (first_start, roles, grants, domains, contacts, attributes, rights):
        app.register_blueprint(setting_up)
    cli.install(app)

    app.wsgi_app = ProxyFix(app.wsgi_app, settings.proxies, x_proto=0)  # type: ignore[method-assign]  # where WSGI middleware is put in
    headers.install(app)
    app.after_request(
        commit
    )  # the last one named is the first one done: its error, too, gets the headers
    error_pages.install(app)
    guard.install(app)
    return app


def configuration(settings: Settings) -> dict[str, object]:
    """What Flask and its extensions are told."""
    prefix = "__Host-" if settings.https else ""  # browsers then take it from this host only
    return {
        "SETTINGS": settings,
        "SECRET_KEY": kept_secret(settings),
        "TRUSTED_HOSTS": settings.trusted_hosts,
        "SQLALCHEMY_ENGINES": {"default": settings.database},
        "SESSION_COOKIE_NAME": f"{prefix}console",
        "KNOWN_COOKIE_NAME": f"{prefix}console-known",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.https,
        "WTF_CSRF_TIME_LIMIT": None,  # a token lives as long as the session it belongs to
        "MAX_CONTENT_LENGTH": LONGEST_FORM,
        "MAX_FORM_MEMORY_SIZE": LONGEST_FORM,
        "SEND_FILE_MAX_AGE_DEFAULT": 31536000,  # seconds: the URL of a file changes with the file
    }


def commit(response: Response) -> Response:
    """Commit what a view has done before its answer leaves; an error has rolled back by now.

    An error at the commit answers as any other.
    """
    try:
        db.session.commit()
        generation.keep(db.session, current_app.instance_path)
    except Exception as error:
        return current_app.make_response(current_app.handle_user_exception(error))
    return response
