"""A person: everything personal about an account's owner. Exists until erasure."""

from __future__ import annotations

import secrets
import unicodedata

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.models.account import Account
from webapp.models.names import key_of
from webapp.models.personal import PersonalData

# Letters that people type without their stroke, which Unicode does not decompose.
STROKES = str.maketrans("ıłøđħŧ", "ilodht")
LONGEST = 1000  # characters of any one name or address


class Person(PersonalData):
    """The owner of an account. `reference` stands in URLs.

    `derived()` makes it, `user_name_key` and `search_text`.
    """

    __tablename__ = "person"
    counted_as = "Names, addresses and passwords"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id"), primary_key=True, autoincrement=False
    )
    reference: Mapped[str] = mapped_column(String(16), unique=True)
    user_name: Mapped[str] = mapped_column(String(LONGEST))
    user_name_key: Mapped[str] = mapped_column(Text, unique=True)
    display_name: Mapped[str] = mapped_column(String(LONGEST), default="")
    given_name: Mapped[str] = mapped_column(String(LONGEST), default="")
    surname: Mapped[str] = mapped_column(String(LONGEST), default="")
    email: Mapped[str] = mapped_column(String(LONGEST), default="")
    external_id: Mapped[str] = mapped_column(String(LONGEST), default="")
    phone: Mapped[str] = mapped_column(String(LONGEST), default="")
    mobile_phone: Mapped[str] = mapped_column(String(LONGEST), default="")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    search_text: Mapped[str] = mapped_column(Text)

    account: Mapped[Account] = relationship(lazy="raise")


def derived(
    *,
    user_name: str,
    display_name: str = "",
    given_name: str = "",
    surname: str = "",
    email: str = "",
) -> dict[str, str]:
    """Return the columns that follow from a person's names, and a new reference."""
    words = dict.fromkeys((display_name, given_name, surname, user_name, email))
    return {
        "user_name_key": key_of(user_name),
        "search_text": "\n".join(searchable(word) for word in words if word),
        "reference": secrets.token_hex(8),
    }


def searchable(text: str) -> str:
    """Return text as it is searched, so that *zoe* finds *Zoë*.

    It has no capitals and no accents, and one blank for any white space.
    """
    if text.isascii():  # the same, faster: most names are
        return " ".join(text.casefold().split())
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(character for character in folded if not unicodedata.combining(character))
    return " ".join(bare.translate(STROKES).split())
