"""The application that a WSGI server loads."""

from webapp import create_app

app = create_app()
