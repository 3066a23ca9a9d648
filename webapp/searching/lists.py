"""Lists of users, pasted or typed: e-mail addresses, user names and object ids.

They stand one a line, or with a comma, a semicolon or a tab between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from webapp.models.names import UNSEEN, id_key_of, key_of

MOST = 10_000  # entries of a list
MOST_PARTS = 5 * MOST  # what is looked at, since many may be empty or the same
BETWEEN = re.compile(r"[;\t\uff1b]")  # and at the ends of lines
COMMA = re.compile(r"[,\uff0c\u3001\u060c]")
ADDRESS = re.compile(r"<([^<>]*@[^<>]*)>")  # of `Archer, Anna <anna@example.org>`
BEFORE = re.compile(r"(?:mailto|smtp|sip):", re.IGNORECASE)
OBJECT_ID = re.compile("[0-9a-f]{32}(?=[^@]+@)")  # in front of a deleted user's name
AROUND = " '\"\u2018\u2019\u201c\u201d<>()[]"  # what is typed around an entry, and no part of it
STRAIGHT = str.maketrans("\u2018\u2019\u02bc\u2010\u2011\u2012\u2013\u2212", "'''-----")


@dataclass(frozen=True)
class Entry:
    """One user of a list: as typed, and each form in which a name, address or id may be kept."""

    text: str
    keys: tuple[str, ...]


def is_too_long(text: str) -> bool:
    """Tell whether a list has more entries than are searched for; quickly, however long it is."""
    lines = text.splitlines()
    parts = len(lines) + len(BETWEEN.findall(text)) + len(COMMA.findall(text))
    return parts > MOST_PARTS or len(entries(text)) > MOST


def entries(text: str) -> list[Entry]:
    """Return the users of a list in its order, each of them once."""
    parts = (part for line in text.splitlines() for part in BETWEEN.split(line))
    texts = (_cleaned(each) for part in parts for each in _entries_in(part))
    found: dict[str, Entry] = {}
    for each in filter(None, texts):
        entry = Entry(each, _keys(each))
        found.setdefault(entry.keys[0], entry)
    return list(found.values())


def _entries_in(part: str) -> Iterator[str]:
    addresses = ADDRESS.findall(part)
    if len(addresses) == 1 and part.count("@") == addresses[0].count("@"):
        yield addresses[0]  # the comma is one of a name
        return
    for each in COMMA.split(part):
        yield from ADDRESS.findall(each) or [each]


def _cleaned(text: str) -> str:
    seen = UNSEEN.sub("", " ".join(text.split())).strip(AROUND)
    bare = BEFORE.sub("", seen, count=1) if BEFORE.match(seen) else seen
    return bare.rstrip(".") if "@" in bare else bare


def _keys(text: str) -> tuple[str, ...]:
    straight = text.translate(STRAIGHT)
    key = key_of(text)
    keys = (key, id_key_of(text), key_of(straight), id_key_of(straight), OBJECT_ID.sub("", key))
    return tuple(dict.fromkeys(keys))
