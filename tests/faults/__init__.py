"""Faults: what nobody sends and nothing should break. `make faults` tries for longer."""
