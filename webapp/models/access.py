"""Roles, grants and contacts: the facts from which webapp/permissions.py says who may do what."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.db import Base
from webapp.models.names import LONGEST_NAME, LONGEST_NAME_KEY
from webapp.models.personal import PersonalData, not_personal


class Permission(StrEnum):
    """One thing a person may do, by the name that pages show."""

    USER_MANAGEMENT = "User Management"
    ERASE_DELETED_USERS = "Erase deleted users"
    RESTORE_DELETED_USERS = "Restore deleted users"
    ADMINISTRATOR_ACTIVITY = "Administrator activity"
    MANAGEMENT_INFORMATION = "Management Information"
    BILLING = "Billing"


class Role(Base):
    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(
        String(LONGEST_NAME), info=not_personal("name of a set of permissions")
    )
    name_key: Mapped[str] = mapped_column(
        String(LONGEST_NAME_KEY), unique=True, info=not_personal("the same name, without capitals")
    )


class RolePermission(Base):
    __tablename__ = "role_permission"

    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"), primary_key=True)
    permission: Mapped[Permission] = mapped_column(
        primary_key=True, info=not_personal("one of the permissions")
    )


class Grant(PersonalData):
    """A role given to a user in a domain."""

    __tablename__ = "role_grant"
    counted_as = "Roles held"

    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"), primary_key=True)
    domain_id: Mapped[int] = mapped_column(ForeignKey("domain.id"), primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"), primary_key=True)

    __table_args__ = (Index(None, "domain_id"), Index(None, "role_id"))  # the foreign keys


class Contact(PersonalData):
    """A user named as contact of a domain, which need not be their own."""

    __tablename__ = "contact"
    counted_as = "Places as domain contact"

    account_id: Mapped[int] = mapped_column(ForeignKey("person.account_id"), primary_key=True)
    domain_id: Mapped[int] = mapped_column(ForeignKey("domain.id"), primary_key=True)
    primary: Mapped[bool] = mapped_column("is_primary", default=False)

    __table_args__ = (Index(None, "domain_id"),)  # the foreign key, and a domain's contacts
