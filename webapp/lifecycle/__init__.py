"""The verbs: freeze a list, perform it, and what follows from it."""
