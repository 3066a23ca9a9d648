"""Setting up: domains, roles, grants, contacts, attributes. Pages and commands call the same.

Each verb asks whether the actor may do it here, checks what it is given, changes what differs and
records the event, from and to, under `actor_id`, which is None for the command line. Where nothing
differs, it records nothing and returns False; only a name that is taken is refused.

A row that is right already is never deleted and made anew. An operation under way has locked the
rows that its right rests on, so whoever takes the right waits for it; a new row is not locked.
"""
