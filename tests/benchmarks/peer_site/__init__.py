"""The same data and work in Django: what peers.py compares with. Runs in an environment of its own, in which only Django is installed."""
