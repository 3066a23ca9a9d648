"""The tests: real objects, real databases, no mocks. People in them have names and roles (factories.py)."""
