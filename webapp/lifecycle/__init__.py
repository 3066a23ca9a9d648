"""The verbs, without Flask."""
