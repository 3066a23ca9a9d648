"""The settings of the database that the promise needs: nothing personal outlives its row."""

from __future__ import annotations

from sqlalchemy import Engine

# By name: what it must be, and why. docs/operations.md says the same.
SQLITE = {
    "secure_delete": ("1", "Deleted bytes are overwritten at once."),
    "journal_mode": ("wal", "Other journals keep what was deleted."),
}
POSTGRESQL = {
    "log_error_verbosity": ("terse", "Errors otherwise write names into the server’s log."),
    "log_parameter_max_length_on_error": ("0", "Otherwise errors log what statements were given."),
}
STATEMENTS_LOGGED = {  # what it must be unless log_parameter_max_length is 0
    "log_statement": ("none", "Statements are logged with the names that they were given."),
    "log_min_duration_statement": ("-1", "Slow statements are logged with what they were given."),
    "log_min_duration_sample": ("-1", "Some statements are logged with what they were given."),
}


def unfit_settings(engine: Engine) -> list[str]:
    """Return a sentence for each setting that is otherwise than the promise needs."""
    sqlite = engine.dialect.name == "sqlite"
    asked, needed = ("PRAGMA", SQLITE) if sqlite else ("SHOW", POSTGRESQL)
    with engine.connect() as connection:

        def value_of(name: str) -> str:
            return str(connection.exec_driver_sql(f"{asked} {name}").scalar_one())

        if not sqlite and value_of("log_parameter_max_length") != "0":
            needed = needed | STATEMENTS_LOGGED
        values = {name: value_of(name) for name in needed}
    return [
        f"{name} is {values[name]}, and should be {wanted}. {why}"
        for name, (wanted, why) in needed.items()
        if values[name] != wanted
    ]
