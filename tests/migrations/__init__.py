"""Migrations on filled databases, and which database the console starts with."""
