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
    SET_UP_ROLES = "Set up roles"
    GIVE_ROLES = "Give roles"
    SET_UP_DOMAINS = "Set up domains"
    NAME_CONTACTS = "Name contacts"
    SET_UP_ATTRIBUTES = "Set up attributes"
    WHO_MAY_DO_WHAT = "Who may do what"


ALLOWS: dict[Permission, str] = {
    Permission.USER_MANAGEMENT: "Find the live and archived users of the domain, look at them, "
    "archive, reactivate and delete them.",
    Permission.ERASE_DELETED_USERS: "Erase the deleted users of the domain for good. "
    "It counts for primary contacts of the domain only.",
    Permission.RESTORE_DELETED_USERS: "Find and restore the deleted users of the domain.",
    Permission.ADMINISTRATOR_ACTIVITY: "Read what was done in the domain, by whom and to whom, "
    "and what was done to roles and attributes.",
    Permission.MANAGEMENT_INFORMATION: "Read and download the reports on the users of the domain "
    "and on their sign-ins.",
    Permission.BILLING: "Read how many accounts of the domain are billed, and which.",
    Permission.SET_UP_ROLES: "Make, change and remove roles, for all domains. "
    "Whoever holds it decides what everybody may do.",
    Permission.GIVE_ROLES: "Give roles in the domain, and take them. "
    "Whoever holds it is an administrator: there is always one.",
    Permission.SET_UP_DOMAINS: "Rename and remove the domain, and add others.",
    Permission.NAME_CONTACTS: "Name and remove the contacts of the domain, "
    "and say which of them are primary.",
    Permission.SET_UP_ATTRIBUTES: "Add, change and remove attributes, for all domains.",
    Permission.WHO_MAY_DO_WHAT: "Read and download who may do what in the domain.",
}


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
