"""Headings: THE table of what other systems call the columns, and where in a file they stand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webapp.errors import Refused
from webapp.models.names import key_of

# The report on users of this console. A CSV of it is read back as it was before it was made safe.
OWN_EXPORT = (
    "Name",
    "User name",
    "E-mail",
    "Domain",
    "State",
    "Since (UTC)",
    "Last sign-in (UTC)",
)

# Newer names first. Capitals, blanks and marks make no difference: `Object Id` is `objectId`.
KNOWN: dict[str, tuple[str, ...]] = {
    # Entra ID and Graph; Microsoft 365; Keycloak and SCIM; Okta; Google Workspace; this console
    "user_name": (
        "userPrincipalName",
        "userName",
        "login",
        "Email Address [Required]",
    ),
    "display_name": ("displayName",),
    "given_name": ("givenName", "firstName", "name.givenName", "First Name [Required]"),
    "surname": ("surname", "lastName", "name.familyName", "familyName", "Last Name [Required]"),
    "email": (
        "mail",
        "email",
        "emails.value",
        "emails[0].value",
        'emails[type eq "work"].value',
        "emails",
        "Email Address [Required]",
    ),
    "external_id": ("id", "objectId", "externalId", "User Id"),
    "phone": (
        "telephoneNumber",
        "businessPhones",
        "Phone number",
        "primaryPhone",
        "phoneNumbers[0].value",
        "Work Phone",
    ),
    "mobile_phone": ("mobilePhone", "mobile"),
    "domain": ("companyName",),
    "enabled": ("accountEnabled", "active", "enabled", "status", "Status [READ ONLY]"),
    "blocked": ("Block credential",),
    "state": (),
    "created": ("createdDateTime", "When created", "meta.created", "created", "createdTimestamp"),
    "deleted": (
        "deletedDateTime",
        "deletionTimestamp",
        "Soft deletion time stamp",
    ),
}
OWN = ("display_name", "user_name", "email", "domain", "state", "since")
OF_PERSON = tuple(KNOWN)[:8]
MAPPED = tuple(KNOWN)  # what --column can name
MOST_NAMED = 40  # headings named in a message


@dataclass(frozen=True)
class Layout:
    """Where in a row things stand; what the file does not have is not in it."""

    heading: list[str]
    places: Mapping[str, int]  # by field
    attributes: Mapping[str, int]  # by the name that was asked for
    own_export: bool

    @property
    def width(self) -> int:
        return len(self.heading)

    def text(self, row: list[str], field: str) -> str:
        place = self.places.get(field)
        return "" if place is None else row[place]

    def called(self, field: str) -> str:
        """Return what the file, or else Entra ID, calls this field."""
        place = self.places.get(field)
        return KNOWN[field][0] if place is None else self.heading[place].strip()


def layout_of(
    heading: list[str],
    columns: Mapping[str, str],
    *,
    attributes: Sequence[str],
    needed: Sequence[str],
) -> Layout:
    """Find the columns; `columns` names some by hand. Refused where a needed one is missing."""
    own_export = tuple(name.strip() for name in heading[: len(OWN_EXPORT)]) == OWN_EXPORT
    found = {field: _place(heading, names) for field, names in KNOWN.items() if not own_export}
    places = {field: place for field, place in found.items() if place is not None}
    if own_export:
        places |= {field: place for place, field in enumerate(OWN)}
    places |= {field: _needed(heading, name) for field, name in columns.items()}
    for field in needed:
        if field not in places and not (own_export and field == "deleted"):
            raise _missing(heading, field)
    first = len(OWN_EXPORT) if own_export else 0  # an attribute may be called like one of ours
    values = {name: first + _needed(heading[first:], name) for name in attributes}
    return Layout(heading, places, values, own_export)


def _needed(heading: list[str], name: str) -> int:
    keys = [key_of(each) for each in heading]
    place = keys.index(key_of(name)) if keys.count(key_of(name)) == 1 else _place(heading, (name,))
    if place is None:
        raise Refused(f"The file has no column {name}.", f"{_found(heading)}Name one of them.")
    return place


def _place(heading: list[str], names: Sequence[str]) -> int | None:
    """Return where the first of these names stands. Refused where it stands there twice."""
    bare = [_bare(each) for each in heading]
    for name in names:
        if bare.count(_bare(name)) > 1:
            raise Refused(
                f"The file has more than one column {name}.",
                "Rename or remove all but one of them.",
            )
        if _bare(name) in bare:
            return bare.index(_bare(name))
    return None


def _bare(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold() or name.strip()


def _missing(heading: list[str], field: str) -> Refused:
    """Say which headings there are, and what is most likely wrong."""
    if not _known(heading):
        cause = (
            "Its first line must name the columns: perhaps the headings are missing, "
            "or are in another language. Name a column by hand with --column."
        )
    elif field == "domain":
        cause = (
            "Older lists have none. Say with --domain-column which column names the domain, "
            "for instance --domain-column department, or with --domain that all are of one."
        )
    elif field == "deleted":
        cause = "Perhaps this is a list of users that are not deleted: leave --state out."
    else:
        cause = f'Perhaps it is called something else: --column {field}="…" says what.'
    return Refused(f"The file has no column {KNOWN[field][0]}.", f"{_found(heading)}{cause}")


def _found(heading: list[str]) -> str:
    """Name the headings, where the line is one of headings; a person must not be quoted."""
    if not _known(heading):
        return ""
    names = ", ".join(name.strip() for name in heading[:MOST_NAMED])
    more = ", …" if len(heading) > MOST_NAMED else ""
    return f"Its columns are {names}{more}. "


def _known(heading: list[str]) -> bool:
    """Tell whether this is a line of headings, and not one that describes a person."""
    known = {_bare(name) for names in (*KNOWN.values(), OWN_EXPORT) for name in names}
    found = {_bare(name) for name in heading} & known - {"active", "enabled"}
    return bool(found) and "@" not in "".join(heading)
