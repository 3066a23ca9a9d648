# mypy: disable-error-code="import-not-found"
# Django is not installed where types are checked
"""Fill the tables, or do what is asked for, a line of JSON each.

The answer is the seconds taken and a number: of rows, or of users. What is done to users is rolled
back.
"""

from __future__ import annotations

import gc
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.benchmarks.peer_site.settings"
django.setup()

from django.conf import settings  # noqa: E402  # only now can Django be used
from django.contrib import auth  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import transaction  # noqa: E402

from tests.benchmarks.peer_site.fill import fill  # noqa: E402
from tests.benchmarks.peer_site.models import Member, Value  # noqa: E402


def main() -> None:
    if len(sys.argv) > 1:
        fill(sys.argv[1])
        return
    does: dict[str, Callable[..., int]] = {
        "page": page(),
        "delete": delete,
        "anonymise": anonymise,
        "anonymise_all": anonymise_all,
    }
    for line in sys.stdin:
        what, argument = json.loads(line)
        with undone() if what != "page" else timed() as took:
            number = does[what](argument)
        print(json.dumps([took[0], number]), flush=True)


@contextmanager
def timed() -> Iterator[list[float]]:
    """Give a list that holds the seconds taken, once it is over."""
    took: list[float] = []
    gc.collect()
    gc.disable()
    start = perf_counter()
    yield took
    took.append(perf_counter() - start)
    gc.enable()


@contextmanager
def undone() -> Iterator[list[float]]:
    """Do the same in one transaction that is rolled back, within the time, as ours is."""
    with timed() as took:
        for name in settings.DATABASES:
            transaction.set_autocommit(False, using=name)
        yield took
        for name in settings.DATABASES:
            transaction.rollback(using=name)
            transaction.set_autocommit(True, using=name)


def page() -> Callable[[str], int]:
    """Visit as the superuser, with the whole of WSGI and nothing else between."""
    user, session = User.objects.get(), SessionStore()
    session.update(
        {
            auth.SESSION_KEY: str(user.pk),
            auth.BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            auth.HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
    )
    session.save()
    application, cookie = (
        get_wsgi_application(),
        f"{settings.SESSION_COOKIE_NAME}={session.session_key}",
    )

    def visit(query: str) -> int:
        answered: list[str] = []
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": "/admin/peer_site/member/",
            "QUERY_STRING": query, "SERVER_NAME": "localhost", "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_COOKIE": cookie, "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0), "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(),
        }  # fmt: skip
        answer = application(environ, lambda status, _headers, _exc=None: answered.append(status))
        body = b"".join(answer)
        answer.close()
        assert answered == ["200 OK"], answered
        return int(body.count(b'name="_selected_action"'))

    return visit


def listed(last: int) -> dict[str, object]:
    """Ask for the first deleted users: each tenth account is one."""
    return {"state": "deleted", "id__lte": last}


def delete(last: int) -> int:
    """Delete users with QuerySet.delete(), and what Django does to the rows that refer to them."""
    members = Member.objects.filter(**listed(last))
    number: int = members.count()
    members.delete()  # django-gdpr-assist's does not say how many
    assert not members.exists()
    return number


def anonymise(last: int) -> int:
    """Anonymise users with django-gdpr-assist; rows that refer to them stay as they are."""
    members = Member.objects.filter(**listed(last))
    members.anonymise()
    return len(members)


def anonymise_all(last: int) -> int:
    """Do the same, also with their attribute values."""
    Value.objects.filter(member__in=Member.objects.filter(**listed(last))).anonymise()
    return anonymise(last)


if __name__ == "__main__":
    main()
