"""Setting up: domains, roles, grants and contacts. Pages and commands call the same functions.

Each verb checks what it is given, changes what differs and records the event under `actor_id`,
which is None for the command line. Where nothing differs, it records nothing and returns False;
only adding a domain that is there is refused.

A row that is right already is never deleted and made anew. An operation under way has locked the
rows that its right rests on, so whoever takes the right waits for it; a new row is not locked.
"""
