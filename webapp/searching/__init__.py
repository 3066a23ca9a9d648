"""Searches: what can be asked for, what is kept and ticked, and the statements that find it."""
