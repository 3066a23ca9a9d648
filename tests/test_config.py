"""Settings are read from the environment, and refused where they contradict each other."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import get_type_hints

import pytest

from webapp.config import Settings, kept_secret, settings_from, variable
from webapp.errors import ConfigurationRefused

SECRET = "s3cret" * 6

READ = [
    ("DATABASE_URL", "postgresql://db/console", "database_url", "postgresql://db/console"),
    ("CONSOLE_INSTANCE_PATH", "/srv/console", "instance_path", "/srv/console"),
    ("CONSOLE_LEDGER", "postgresql://vault/ledger", "ledger", "postgresql://vault/ledger"),
    ("CONSOLE_BACKUPS_KEPT_DAYS", "40", "backups_kept_days", 40),
    ("CONSOLE_SECRET_KEY", SECRET, "secret_key", SECRET),
    ("CONSOLE_HOSTS", "a.example", "hosts", "a.example"),
    ("CONSOLE_HTTPS", "1", "https", True),
    ("CONSOLE_HTTPS", "0", "https", False),
    ("CONSOLE_PROXIES", "2", "proxies", 2),
    ("CONSOLE_DEMO", "1", "demo", True),
    ("CONSOLE_SUPPORT_ADDRESS", "help@example.org", "support_address", "help@example.org"),
    ("CONSOLE_TIME_ZONE", "Europe/Dublin", "time_zone", "Europe/Dublin"),
    ("CONSOLE_OPERATION_LIMIT", "5", "operation_limit", 5),
    ("CONSOLE_OPERATION_MINUTES", "7", "operation_minutes", 7),
    ("CONSOLE_RECENT_SIGN_IN_MINUTES", "9", "recent_sign_in_minutes", 9),
    ("CONSOLE_SECOND_FACTOR", "1", "second_factor", True),
    ("CONSOLE_SESSION_HOURS", "2", "session_hours", 2),
    ("CONSOLE_IDLE_MINUTES", "3", "idle_minutes", 3),
]


@pytest.mark.parametrize(("name", "text", "field", "value"), READ)
def test_a_setting_is_read_from_its_variable(
    name: str, text: str, field: str, value: object
) -> None:
    assert getattr(settings_from({name: text}), field) == value


def test_every_setting_is_read_above() -> None:
    assert {variable(field.name) for field in fields(Settings)} == {name for name, *_ in READ}


def test_every_setting_says_in_a_sentence_what_it_is_for() -> None:
    hints = get_type_hints(Settings, include_extras=True)
    assert [
        field.name
        for field in fields(Settings)
        if not hints[field.name].__metadata__[0].endswith(".")
    ] == []


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert settings_from({"CONSOLE_OPERATION_LIMIT": "", "DATABASE_URL": ""}) == settings_from({})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CONSOLE_HTTPS", "yes"),
        ("CONSOLE_DEMO", "true"),
        ("CONSOLE_OPERATION_LIMIT", "many"),
        ("CONSOLE_SESSION_HOURS", "-1"),
        ("CONSOLE_SESSION_HOURS", "²"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(ConfigurationRefused, match=name):
        settings_from({name: text})


@pytest.mark.parametrize(
    "field",
    [
        "operation_limit",
        "operation_minutes",
        "recent_sign_in_minutes",
        "session_hours",
        "idle_minutes",
    ],
)
def test_no_limit_and_no_time_is_nothing(field: str) -> None:
    with pytest.raises(ConfigurationRefused, match=variable(field)):
        settings_from({variable(field): "0"})


def test_demo_mode_is_refused_with_a_database_that_others_may_use() -> None:
    with pytest.raises(ConfigurationRefused, match="CONSOLE_DEMO"):
        settings_from({"CONSOLE_DEMO": "1", "DATABASE_URL": "postgresql://db/console"})


def test_the_ledger_is_outside_of_the_database() -> None:
    with pytest.raises(ConfigurationRefused, match="outside of the database"):
        Settings(database_url="sqlite:////srv/one.sqlite", ledger="sqlite:////srv/one.sqlite")
    with pytest.raises(ConfigurationRefused, match="outside of the database"):
        Settings(instance_path="/srv", ledger="sqlite:////srv/console.sqlite")
    assert Settings(instance_path="/srv").ledger_url == "sqlite:////srv/ledger.sqlite"


def test_demo_mode_is_off_unless_asked_for() -> None:
    assert not settings_from({}).demo


def test_limits_and_times_are_in_the_units_of_their_names() -> None:
    settings = Settings(
        operation_limit=5, operation_minutes=7, recent_sign_in_minutes=9, session_hours=2
    )
    assert (settings.limits.accounts, settings.limits.lifetime) == (5, timedelta(minutes=7))
    assert (settings.recent_sign_in, settings.session_lifetime) == (
        timedelta(minutes=9),
        timedelta(hours=2),
    )


def test_the_embedded_database_lies_in_the_instance_folder() -> None:
    assert (
        Settings(instance_path="/srv/console").database == "sqlite:////srv/console/console.sqlite"
    )
    assert Settings(database_url="postgresql://db/console").database == "postgresql://db/console"


def test_a_secret_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    settings = Settings(instance_path=str(tmp_path / "instance"))
    made = kept_secret(settings)
    assert len(made) >= 32
    assert kept_secret(settings) == made
    assert (tmp_path / "instance" / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_secret_that_is_set_is_not_kept(tmp_path: Path) -> None:
    settings = Settings(instance_path=str(tmp_path), secret_key=SECRET)
    assert kept_secret(settings) == SECRET
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["", "x" * 31])
def test_a_secret_that_can_be_guessed_is_refused(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigurationRefused, match="CONSOLE_SECRET_KEY"):
        settings_from({"CONSOLE_SECRET_KEY": key})
    (tmp_path / "secret_key").write_text(key + "\n")
    (tmp_path / "secret_key").chmod(0o600)
    with pytest.raises(ConfigurationRefused, match="shorter than 32 characters"):
        kept_secret(Settings(instance_path=str(tmp_path)))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_secret_that_others_can_read_or_change_is_refused(tmp_path: Path, mode: int) -> None:
    settings = Settings(instance_path=str(tmp_path))
    kept_secret(settings)
    (tmp_path / "secret_key").chmod(mode)
    with pytest.raises(ConfigurationRefused, match="chmod 600"):
        kept_secret(settings)
    assert [each.name for each in tmp_path.iterdir()] == ["secret_key"]


def test_hosts_are_names_with_commas() -> None:
    assert Settings(hosts="a.example, b.example").trusted_hosts == ["a.example", "b.example"]
    assert Settings().trusted_hosts == ["localhost", "127.0.0.1"]
