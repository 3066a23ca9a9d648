# mypy: disable-error-code="import-not-found", allow-subclassing-any, allow-untyped-decorators
# Django is not installed where types are checked
"""Show users as our page does: its columns, its search, its filters, and fifty rows."""

from __future__ import annotations

import os
from typing import ClassVar

from django.contrib import admin

from tests.benchmarks.peer_site.models import Member


@admin.register(Member)
class MemberAdmin(admin.ModelAdmin):
    list_display: ClassVar = ["display_name", "user_name", "email", "domain", "since"]
    list_filter: ClassVar = ["state", "domain"]
    list_select_related: ClassVar = ["domain"]
    search_fields: ClassVar = ["search_text"]
    list_per_page = 50
    # Counting everyone as well is what Django does unless told not to.
    show_full_result_count = not os.environ.get("PEER_LEAN")
