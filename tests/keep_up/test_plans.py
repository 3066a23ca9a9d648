"""No statement of the main pages reads a big table from end to end, but for those listed here, each with its reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from tests.benchmarks.visitor import Visitor
from tests.benchmarks.world import ACTOR, COMMON
from tests.keep_up.conftest import World
from tests.keep_up.plans import listening, scanned
from webapp.config import Settings
from webapp.db import begin_writing, db, now
from webapp.lifecycle import operation
from webapp.models import Purpose, Selection, Verb

ADDRESSES = {Purpose.MANAGE: "/users/", Purpose.ERASE: "/users/erase-deleted/", Purpose.RESTORE: "/users/restore-deleted/"}
SEARCHES = [
    pytest.param(purpose, keyword, domain_ids, id=f"{purpose}-{where}-{words}")
    for purpose in Purpose
    for where, domain_ids in (("one-domain", (7,)), ("all-domains", ()))
    for words, keyword in (("keyword", COMMON), ("everyone", ""))
]


def of_app(visitor: Visitor) -> Engine:
    with visitor.app.app_context():
        return db.engine
