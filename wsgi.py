"""The application that a WSGI server loads, and the `flask` command."""

import os

from webapp import create_app
from webapp.schema import refuse_other_revision

app = create_app()
if os.environ.get("FLASK_RUN_FROM_CLI") != "true":  # set by `flask`, which may be here to upgrade
    refuse_other_revision(app.config["SETTINGS"].database)
