"""Setting up: domains, roles, grants and contacts."""
