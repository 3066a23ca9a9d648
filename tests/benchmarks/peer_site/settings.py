"""Set up an ordinary Django project: what `startproject` writes for the admin, nothing to debug.

Its database is set like ours. django-gdpr-assist listens to every deletion and so makes Django
fetch each row first: it is installed only where it is measured.
"""

from __future__ import annotations

import os

FOLDER = os.environ["PEER_FOLDER"]
WITH_GDPR_ASSIST = bool(os.environ.get("PEER_GDPR_ASSIST"))

SECRET_KEY = "a key for benchmarks that is long enough"
ALLOWED_HOSTS = ["localhost"]
USE_TZ = True
STATIC_URL = "static/"
ROOT_URLCONF = "tests.benchmarks.peer_site.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    *(["gdpr_assist"] if WITH_GDPR_ASSIST else []),
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "tests.benchmarks.peer_site",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
CONTEXT = (
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "django.template.context_processors.request",
)
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": CONTEXT},
    }
]


def _file(name: str) -> dict[str, object]:
    like_ours = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
        "PRAGMA secure_delete=ON; PRAGMA cache_size=-32000"
    )
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": f"{FOLDER}/{name}.sqlite",
        "OPTIONS": {"init_command": like_ours},
    }


DATABASES = (
    {"default": _file("peer"), "gdpr_log": _file("peer-log")}
    if WITH_GDPR_ASSIST
    else {"default": _file("peer")}
)
DATABASE_ROUTERS = ["gdpr_assist.routers.EventLogRouter"] if WITH_GDPR_ASSIST else []
