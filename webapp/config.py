"""Every setting: its type, its default and one sentence. The README lists the same."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Any, get_type_hints
from urllib.parse import urlsplit

from webapp.errors import ConfigurationRefused
from webapp.times import zone_names

SHORTEST_SECRET = 32  # characters
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Limits:
    """The most accounts that an operation may hold, and how long it can be confirmed."""

    accounts: int
    lifetime: timedelta


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What an operator can set in the environment.

    A variable is called `CONSOLE_` and the name of the setting in capitals, but for `DATABASE_URL`.
    """

    database_url: Annotated[
        str, "Database to use; empty means the embedded SQLite file under `instance/`."
    ] = ""
    instance_path: Annotated[str, "Folder of the embedded database and the kept secret."] = str(
        ROOT / "instance"
    )
    ledger: Annotated[
        str,
        "Database of the ledger, in which erasures are written down outside of the database; "
        "empty means an SQLite file under `instance/`. Another disk or machine is better.",
    ] = ""
    backups_kept_days: Annotated[
        int,
        "Days for which any backup of the database is kept. "
        "The ledger can bring backups of that age up to date.",
    ] = 365
    secret_key: Annotated[
        str,
        "Signs cookies; 32 characters or more. Unset: made once and kept in the instance folder. "
        "Several machines need the same one.",
    ] = ""
    hosts: Annotated[
        str,
        "Names under which people reach the console, with commas; requests under others are "
        "refused. Passkeys belong to the first name.",
    ] = "localhost,127.0.0.1"
    https: Annotated[
        bool, "`1` when people reach the console over HTTPS: cookies then never travel without it."
    ] = False
    proxies: Annotated[
        int,
        "Reverse proxies in front. A visitor's address is then read from `X-Forwarded-For`, "
        "to which each of them must add one; with 0 that header is never read.",
    ] = 0
    demo: Annotated[
        bool,
        "`1` shows the demo sign-ins. "
        "Only with the embedded database, and only to the machine it runs on.",
    ] = False
    support_address: Annotated[
        str,
        "E-mail address or web address behind *Send us a message*, on the help page; unset: there "
        "is no such thing.",
    ] = ""
    time_zone: Annotated[
        str,
        "Time zone in which people read times until they choose their own, such as "
        "`Europe/Dublin`.",
    ] = "UTC"
    operation_limit: Annotated[int, "The most users that one operation may hold."] = 100_000
    operation_minutes: Annotated[int, "Minutes for which a reviewed list can be confirmed."] = 30
    recent_sign_in_minutes: Annotated[
        int, "Minutes after which erasing asks for the password again."
    ] = 15
    second_factor: Annotated[
        bool,
        "`1` when nobody may erase without a second factor. Without it, everybody can have one.",
    ] = False
    session_hours: Annotated[int, "Hours after which a sign-in ends by itself."] = 8
    idle_minutes: Annotated[int, "Minutes without a request after which a sign-in ends."] = 30

    def __post_init__(self) -> None:
        """Raise ConfigurationRefused for settings that must not be used together."""
        if self.demo and self.database_url:
            raise ConfigurationRefused(
                "Demo mode shows everyone the passwords, so it only works with the embedded "
                "database. Unset CONSOLE_DEMO, or unset DATABASE_URL."
            )
        if self.ledger_url == self.database:
            raise ConfigurationRefused(
                "The ledger must be outside of the database: CONSOLE_LEDGER and DATABASE_URL are "
                "the same. Change one of them."
            )
        if self.secret_key:
            refuse_weak(self.secret_key, variable("secret_key"))
        if self.support_address and not self.support_link:
            raise ConfigurationRefused(
                f"{variable('support_address')} must be an e-mail address, or a web address that "
                "begins with https:// or http://."
            )
        if self.time_zone not in zone_names():
            raise ConfigurationRefused(
                f"{variable('time_zone')} must be UTC or the name of a time zone, such as "
                "Europe/Dublin."
            )
        for name in (
            "backups_kept_days",
            "operation_limit",
            "operation_minutes",
            "recent_sign_in_minutes",
            "session_hours",
            "idle_minutes",
        ):
            if getattr(self, name) < 1:
                raise ConfigurationRefused(f"{variable(name)} must be 1 or more.")

    @property
    def trusted_hosts(self) -> list[str]:
        return [name.strip() for name in self.hosts.split(",")]

    @property
    def support_link(self) -> str:
        """Return where *Send us a message* leads; empty where it leads nowhere."""
        if self.support_address.startswith(("https://", "http://")):
            return self.support_address
        return f"mailto:{self.support_address}" if "@" in self.support_address else ""

    @property
    def passkeys_at(self) -> str:
        """Return the name that passkeys are bound to: the first of the hosts that is no number."""
        names = (urlsplit(f"//{name.removeprefix('.')}").hostname for name in self.trusted_hosts)
        return next((name for name in names if name and not _is_number(name)), "")

    @property
    def limits(self) -> Limits:
        return Limits(self.operation_limit, timedelta(minutes=self.operation_minutes))

    @property
    def recent_sign_in(self) -> timedelta:
        return timedelta(minutes=self.recent_sign_in_minutes)

    @property
    def session_lifetime(self) -> timedelta:
        return timedelta(hours=self.session_hours)

    @property
    def idle(self) -> timedelta:
        return timedelta(minutes=self.idle_minutes)

    @property
    def backups_kept(self) -> timedelta:
        return timedelta(days=self.backups_kept_days)

    @property
    def database(self) -> str:
        """Return the SQLAlchemy URL of the database in use."""
        return self.database_url or f"sqlite:///{Path(self.instance_path) / 'console.sqlite'}"

    @property
    def ledger_url(self) -> str:
        """Return the SQLAlchemy URL of the ledger in use."""
        return self.ledger or f"sqlite:///{Path(self.instance_path) / 'ledger.sqlite'}"


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def variable(name: str) -> str:
    """Return the environment variable that holds the setting called `name`."""
    return "DATABASE_URL" if name == "database_url" else f"CONSOLE_{name.upper()}"


def settings_from(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings in the environment; ConfigurationRefused where one cannot be read."""
    if environment.get("CONSOLE_SECRET_KEY") == "":
        raise ConfigurationRefused("CONSOLE_SECRET_KEY is empty. Set it, or unset it.")
    kinds = get_type_hints(Settings)
    given: dict[str, Any] = {
        f.name: read(variable(f.name), environment[variable(f.name)], kinds[f.name])
        for f in fields(Settings)
        if environment.get(variable(f.name))
    }
    return Settings(**given)


def read(name: str, text: str, kind: type) -> str | int | bool:
    """Read the value of one setting; ConfigurationRefused where it is not of this kind."""
    if kind is int:
        if not text.isascii() or not text.isdigit():
            raise ConfigurationRefused(f"{name} must be a whole number.")
        return int(text)
    if kind is bool:
        if text not in ("0", "1"):
            raise ConfigurationRefused(f"{name} must be 0 or 1.")
        return text == "1"
    return text


def kept_secret(settings: Settings) -> str:
    """Return the key that signs cookies; ConfigurationRefused where others know or can guess it.

    It is made on the first start, in a file that only its owner can read.
    """
    if settings.secret_key:
        return settings.secret_key
    path = Path(settings.instance_path) / "secret_key"
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent) as file:  # which only its owner can read
        file.write(secrets.token_urlsafe(32))
        file.flush()
        with suppress(FileExistsError):  # of two starts at once, the first makes it
            os.link(file.name, path)
    if path.stat().st_mode & 0o077:
        raise ConfigurationRefused(f"Others can read {path}. Say: chmod 600 {path}")
    key = path.read_text().strip()
    refuse_weak(key, str(path))
    return key


def refuse_weak(key: str, where: str) -> None:
    """Raise ConfigurationRefused for a key that can be guessed; `where` says which one."""
    if len(key) < SHORTEST_SECRET:
        raise ConfigurationRefused(
            f"{where} is shorter than {SHORTEST_SECRET} characters. Make one with: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
