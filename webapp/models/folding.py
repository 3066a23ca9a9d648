"""Search texts: how names and addresses are compared with a keyword, whatever the writing.

Both are folded alike: without capitals, accents, apostrophes, hyphens and what cannot be seen, and
with Latin letters as plain ones (`Æ` is `ae`, `Ł` is `l`). Other writings of a word stand in the
search text as well, so that each word of a keyword is looked for in one form only: Müller is kept
as `muller` and `mueller`, Mueller as `mueller` and `muller`, Орлов as `орлов` and `orlov`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise, product

from anyascii import anyascii

from webapp.models.names import UNSEEN

# What takes the place of a hyphen or an apostrophe. All dashes (category Pd) and all opening and
# closing quotation marks (Pi, Pf) are added to them.
HYPHENS = set("-\u02d7\u2043\u2212\u30fb\uff65")
LEFT_OUT = set("'`\"\u00b4\u00b7\u02b9\u02ba\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02ca\u02cb\u0384")
LEFT_OUT |= set("\u055a\u055b\u05f3\u05f4\u0640\u1fbd\u1fbf\u1ffe\u201a\u201e\u2032\u2033\u2035")
LEFT_OUT |= set("\u2036\ua78b\ua78c")
IN_ASCII = re.compile(r"['`\"\x00-\x08\x0e-\x1b\x7f]")
# Letters that are written as two as well, and the other way round.
LONG = {"ä": "ae", "æ": "ae", "ö": "oe", "ø": "oe", "œ": "oe", "ü": "ue", "å": "aa", "đ": "dj"}
SHORT = {"ae": "a", "oe": "o", "ue": "u", "aa": "a", "dj": "d"}
TWO_WAYS = re.compile("|".join((*LONG, *SHORT)))
MOST_PLACES = 3  # in a word that are written both ways independently of each other

ADDRESS = re.compile(r"<\s*([^<>\s]+@[^<>\s]+)\s*>")
BETWEEN = re.compile(r"[\s,;<>()\[\]{}\u060c\u3001]+|\b(?:mailto|smtp|sip):")
JOINT = re.compile(r"(?<=[^\W\d_]{2})-+(?=[^\W\d_]{2})")


def searched_text(*names: str, number: str = "") -> str:
    """Return what a keyword is looked for in: a line for each writing that no line before holds.

    Of a number, such as an object id, there is one writing only.
    """
    names = tuple(dict.fromkeys(names))
    words = dict.fromkeys(word for name in names for word in _composed(name).split())
    others = (other for word in words for other in _other_writings(word))
    joined = (word for name in names for word in _joined_initials(name))
    lines: list[str] = []
    for line in (*map(searchable, names), searchable(number), *others, *joined):
        if line and not any(line in earlier for earlier in lines):
            lines.append(line)
    return "\n".join(lines)


def searchable(text: str) -> str:
    """Return text as it is searched, so that *zoe* finds *Zoë*, and *obryon* finds *O’Bryon*."""
    return " ".join(_folded(text).replace("-", "").split())


def words_of(keyword: str) -> list[str]:
    """Return the words that must all be found in a search text.

    Of a person with an address, as mail programs copy them, the address is enough. A hyphen between
    parts of a name stays: there may be a blank in its place, or nothing.
    """
    text = _folded(keyword)
    addresses = ADDRESS.findall(text)
    words = BETWEEN.split(" ".join(addresses) if addresses else text)
    return [word for word in dict.fromkeys(map(_word, words)) if word]


def _word(word: str) -> str:
    if "@" in word:
        word = word.partition("?")[0].strip(".:")
    parts = JOINT.split(word)
    return "-".join(part.replace("-", "") for part in parts)


def _folded(text: str) -> str:
    """Fold every character by itself, so that a part of a text is folded to a part of it."""
    return IN_ASCII.sub("", text.lower()) if text.isascii() else "".join(map(_plain, text))


@lru_cache(4096)
def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if character.isspace():
        return " "
    if category == "Pd" or character in HYPHENS:
        return "-"
    if category in ("Pi", "Pf", "Me") or character in LEFT_OUT or UNSEEN.match(character):
        return ""
    simpler = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", character).casefold())
    if simpler != character:
        return "".join(map(_plain, simpler))
    if unicodedata.combining(character):
        return ""
    if not character.isascii() and unicodedata.name(character, "").startswith("LATIN"):
        return _folded(anyascii(character))
    return character


def _composed(text: str) -> str:
    """Return a text whose letters are one character each, `ü` among them."""
    if text.isascii():
        return text.lower()
    seen = UNSEEN.sub("", " ".join(text.split()))
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", seen).casefold())


def _other_writings(word: str) -> Iterator[str]:
    """Return a word as it is written otherwise: `ue` for `ü`, `u` for `ue`, in Latin letters.

    Where very many places can be written both ways, each is written like all the others.
    """
    plain = word if word.isascii() else searchable(word)
    if not plain.isascii() and any(map(str.isalpha, plain)):
        yield searchable(anyascii(plain))
    places = TWO_WAYS.findall(word)
    if not places:
        return
    between = [searchable(part) for part in TWO_WAYS.split(word)]
    long = [LONG.get(place, place) for place in places]
    short = [SHORT[each] for each in long]
    ways = product(*zip(long, short, strict=True)) if len(places) <= MOST_PLACES else (long, short)
    for way in ways:
        yield between[0] + "".join(a + b for a, b in zip(way, between[1:], strict=True))


def _joined_initials(name: str) -> Iterator[str]:
    """Return `obryon` of O Bryon."""
    for initial, word in pairwise(searchable(name).split()):
        if len(initial) == 1 and initial.isalpha():
            yield initial + word
