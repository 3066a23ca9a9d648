"""Do the same work on the same data in Django: what peers.py compares with.

This runs in an environment of its own, in which only Django is installed.
"""
