"""What the documents say is true of the code."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import get_type_hints

from webapp.config import ROOT, Settings, variable

DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_readme_lists_every_setting_with_its_sentence() -> None:
    told = dict(
        re.findall(
            r"^\| `(\w+)` \| [^|]+ \| (.+) \|$", (ROOT / "README.md").read_text(), re.MULTILINE
        )
    )
    hints = get_type_hints(Settings, include_extras=True)
    assert told == {
        variable(field.name): hints[field.name].__metadata__[0] for field in fields(Settings)
    }


def test_every_file_named_is_there() -> None:
    named = {
        path
        for document in DOCUMENTS
        for path in re.findall(
            r"`((?:webapp|templates|static|tests|docs)/[\w./]+\.\w+)`", document.read_text()
        )
    }
    assert len(named) > 5
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_link_to_a_document_leads_somewhere() -> None:
    for document in DOCUMENTS:
        for link in re.findall(r"\]\(([^)#]+)\)", document.read_text()):
            assert link.startswith("http") or (document.parent / link).exists(), (
                f"{document.name}: {link}"
            )
