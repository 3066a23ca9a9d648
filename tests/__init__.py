"""The tests: real objects and real databases, no mocks.

People in them have names and roles (factories.py).
"""
