"""Names of domains, roles, attributes and users: how they are compared, and which are refused."""

from __future__ import annotations

import re
import unicodedata

from webapp.errors import Invalid

LONGEST_NAME = 200  # characters of the name of a domain, role or attribute
LONGEST_NAME_KEY = 400  # characters of the same name as it is compared, which can be longer
LONGEST_ID_KEY = 600  # characters
# Unicode's categories of characters that cannot be seen alone, and of those that no name may hold.
INVISIBLE = {"Cf", "Zs"}  # format characters and blanks
UNSHOWABLE = {"Cc", "Cs", "Zl", "Zp"}  # control characters, surrogates and line breaks

GUID = re.compile("[0-9a-f]{32}")
# Characters that change a name without being seen: control and format characters, blanks other than
# the usual one, line breaks, surrogates, and letters and marks that are drawn as nothing.
UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\xa0\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    r"\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164"
    r"\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd"
    r"\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def key_of(name: str) -> str:
    """Return a name as it is compared: without capitals, composition and outer blanks."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).strip()


def id_key_of(text: str) -> str:
    """Return an address or an id of another system as it is compared.

    That is its start, as far as PostgreSQL indexes it, and of a GUID its 32 digits alone.
    """
    key = key_of(text)[:LONGEST_ID_KEY]
    digits = key.strip("{}()").replace("-", "")
    return digits if GUID.fullmatch(digits) else key


def checked_name(name: str, what: str) -> str:
    """Return a name without outer blanks; Invalid where no `what` (domain, role…) can bear it.

    The databases do not agree on what they refuse: SQLite takes a name of any length, PostgreSQL
    none with a NUL.
    """
    name = name.strip()
    categories = {unicodedata.category(character) for character in name}
    if categories <= INVISIBLE:
        raise Invalid(f"The name of the {what} is blank.", "Give it a name that can be read.")
    if categories & UNSHOWABLE:
        raise Invalid(
            f"The name of the {what} holds a line break or another character that cannot be shown.",
            "Leave that character out.",
        )
    if len(name) > LONGEST_NAME or len(key_of(name)) > LONGEST_NAME_KEY:
        raise Invalid(
            f"The name of the {what} is longer than {LONGEST_NAME} characters.",
            "Choose a shorter one.",
        )
    return name
