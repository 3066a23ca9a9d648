"""Made-up people: names, addresses and attributes."""

from __future__ import annotations

import random
import unicodedata
import uuid
from collections import Counter
from dataclasses import dataclass

from webapp.demo.domains import DemoDomain
from webapp.demo.names import CULTURES, DEPARTMENTS, JOB_TITLES
from webapp.demo.people import DemoPerson
from webapp.models.person import derived

PLAIN = str.maketrans(
    {"ł": "l", "đ": "d", "ı": "i", "ß": "ss", "ø": "o", "’": "", "'": "", " ": ""}
)
POOLS = {key: culture.pools() for key, culture in CULTURES.items()}


@dataclass(frozen=True)
class Made:
    """The columns of `person` without the account, and the attributes by name."""

    columns: dict[str, str]
    attributes: dict[str, str]


def made_up(chance: random.Random, domain: DemoDomain, taken: Counter[str]) -> Made:
    """Make somebody new; `taken` counts how often a user name has been wanted."""
    key = chance.choice(domain.cultures) if chance.random() < 0.6 else chance.choice(list(CULTURES))
    given, surname = (chance.choice(pool) for pool in POOLS[key])
    user_name = _user_name(given, surname, domain.host, taken)
    columns = {
        "user_name": user_name,
        "display_name": _display_name(chance, given, surname, CULTURES[key].family_first),
        "given_name": given,
        "surname": surname,
        "email": user_name if chance.random() < 0.92 else "",
        "phone": f"+44 20 7946 0{chance.randrange(1000):03}" if chance.random() < 0.3 else "",
        "mobile_phone": f"+44 7700 900{chance.randrange(1000):03}" if chance.random() < 0.6 else "",
    }
    attributes = {
        "Department": chance.choice(DEPARTMENTS) if chance.random() < 0.9 else "",
        "Job title": chance.choice(JOB_TITLES) if chance.random() < 0.75 else "",
        "Country": CULTURES[key].country if chance.random() < 0.95 else "",
    }
    return Made(
        columns | _rest(chance, columns),
        {name: value for name, value in attributes.items() if value},
    )


def demo_person(chance: random.Random, person: DemoPerson, domain: DemoDomain) -> Made:
    """Make one of the demo people, whose user name is not an address."""
    given, _, surname = person.display_name.partition(" ")
    names = {
        "user_name": person.user_name,
        "display_name": person.display_name,
        "given_name": given,
        "surname": surname,
    }
    columns = names | {
        "email": f"{person.user_name}@{domain.host}",
        "phone": "",
        "mobile_phone": "",
    }
    return Made(
        columns | _rest(chance, columns), {"Department": "People", "Country": "United Kingdom"}
    )


def _user_name(given: str, surname: str, host: str, taken: Counter[str]) -> str:
    plain = f"{_plain(given)}.{_plain(surname)}"
    wanted = f"{plain if plain.isascii() else 'user'}@{host}"
    taken[wanted] += 1
    number = str(taken[wanted]) if taken[wanted] > 1 or not plain.isascii() else ""
    return wanted.replace("@", f"{number}@")


def _plain(name: str) -> str:
    bare = unicodedata.normalize("NFKD", name.casefold().translate(PLAIN))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def _display_name(chance: random.Random, given: str, surname: str, family_first: bool) -> str:
    if family_first:
        return f"{surname} {given}"
    return f"{surname}, {given}" if chance.random() < 0.1 else f"{given} {surname}"


def _rest(chance: random.Random, columns: dict[str, str]) -> dict[str, str]:
    """Make the other columns, with a reference that is the same every time."""
    searched = {
        field: columns[field]
        for field in ("user_name", "display_name", "given_name", "surname", "email")
    }
    external_id = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    return derived(**searched, external_id=external_id) | {
        "reference": f"{chance.getrandbits(64):016x}",
        "external_id": external_id,
    }
