"""Setting up: domains, roles, grants and contacts. Pages and commands call the same functions.

Each verb checks what it is given, changes what differs and records the event under `actor_id`,
which is None for the command line. It says whether anything has changed: where nothing has, no
event is recorded. A row that is right already is left alone. Operations under way have locked the
rows that their right rests on, so that taking one waits for them; a row made anew escapes that.
"""
