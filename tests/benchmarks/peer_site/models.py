# mypy: disable-error-code="import-not-found", allow-subclassing-any
# Django is not installed where types are checked
"""Describe the users of the platform as one would in Django.

Their names are in the table of users, and everything else refers to it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Domain(models.Model):
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return str(self.name)


class Member(models.Model):
    """A user; with an index for the page of deleted users, as ours has."""

    domain = models.ForeignKey(Domain, on_delete=models.PROTECT)
    state = models.CharField(
        max_length=8,
        choices=[(state, state.capitalize()) for state in ("live", "archived", "deleted")],
    )
    created_at = models.DateTimeField()
    since = models.DateTimeField()
    user_name = models.CharField(max_length=1000, unique=True)
    display_name = models.CharField(max_length=1000, blank=True)
    given_name = models.CharField(max_length=1000, blank=True)
    surname = models.CharField(max_length=1000, blank=True)
    email = models.CharField(max_length=1000, blank=True)
    search_text = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["-since", "-id"]
        indexes: ClassVar = [models.Index(fields=["state", "domain", "since", "id"])]

    class PrivacyMeta:
        """What django-gdpr-assist overwrites."""

        fields: ClassVar = [
            "user_name",
            "display_name",
            "given_name",
            "surname",
            "email",
            "search_text",
        ]


class Value(models.Model):
    """A value of one of three attributes."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE)
    attribute_id = models.IntegerField()
    value = models.CharField(max_length=1000, blank=True)

    class PrivacyMeta:
        fields: ClassVar = ["value"]


class SignIn(models.Model):
    member = models.ForeignKey(Member, on_delete=models.CASCADE)
    at = models.DateTimeField(db_index=True)


class Entry(models.Model):
    """A line of the log. It stays, as ours does, and forgets who it was about."""

    at = models.DateTimeField(db_index=True)
    key = models.CharField(max_length=40)
    actor = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    subject = models.ForeignKey(Member, null=True, on_delete=models.SET_NULL, related_name="+")
    domain = models.ForeignKey(Domain, null=True, on_delete=models.SET_NULL)
