"""A person: everything personal about an account's owner. Exists until erasure."""

from __future__ import annotations

import secrets

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.models.account import Account
from webapp.models.folding import searched_text
from webapp.models.names import id_key_of, key_of
from webapp.models.personal import PersonalData

LONGEST = 1000  # characters of any one name or address


class Person(PersonalData):
    """The owner of an account. `reference` stands in URLs.

    `derived()` makes it, the keys and `search_text`.
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
    email_key: Mapped[str] = mapped_column(Text, server_default="")
    external_id: Mapped[str] = mapped_column(String(LONGEST), default="")
    external_id_key: Mapped[str] = mapped_column(Text, server_default="")
    phone: Mapped[str] = mapped_column(String(LONGEST), default="")
    mobile_phone: Mapped[str] = mapped_column(String(LONGEST), default="")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    search_text: Mapped[str] = mapped_column(Text)

    account: Mapped[Account] = relationship(lazy="raise")

    __table_args__ = (Index(None, "email_key"), Index(None, "external_id_key"))  # lists of users


def derived(
    *,
    user_name: str,
    display_name: str = "",
    given_name: str = "",
    surname: str = "",
    email: str = "",
    external_id: str = "",
) -> dict[str, str]:
    """Return the columns that follow from a person's names and ids, and a new reference."""
    names = (display_name, given_name, surname, user_name, email)
    return {
        "user_name_key": key_of(user_name),
        "email_key": id_key_of(email),
        "external_id_key": id_key_of(external_id),
        "search_text": searched_text(*names, number=external_id),
        "reference": secrets.token_hex(8),
    }
