"""Searches: what is asked for, what is ticked, and the statements that find it."""
