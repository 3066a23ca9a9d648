"""Cells: make text harmless that a spreadsheet would take for a formula, and undo that again.

A spreadsheet that splits at another separator than the file was written with begins a cell in the
middle of a value. So an apostrophe stands in front of a formula there, too.
"""

from __future__ import annotations

import re

EXECUTED = "=+\\-@＝＋－＠"
BEFORE = "(?:[^\\S\\t\\r\\n]|[\"'])*"  # blanks and quotation marks, which spreadsheets take away
AT_START = "(?:^|(?<=[;,\\t\\r\\n]))"
EXECUTABLE = re.compile(
    f"{AT_START}(?={BEFORE}[{EXECUTED}])|^(?={BEFORE}[\\t\\r\\n])",
)
MADE_HARMLESS = re.compile(
    f"{AT_START}'(?={BEFORE}[{EXECUTED}])|^'(?={BEFORE}[\\t\\r\\n])",
)


def harmless(text: str) -> str:
    """Put an apostrophe in front of whatever a spreadsheet would execute."""
    return EXECUTABLE.sub("'", text)


def as_it_was(text: str) -> str:
    """Return what `harmless` was given."""
    return MADE_HARMLESS.sub("", text)
