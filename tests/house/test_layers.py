"""Imports point down: the contracts stand in pyproject.toml."""

from __future__ import annotations

from importlinter import cli


def test_imports_point_down() -> None:
    assert cli.lint_imports(no_cache=True) == cli.EXIT_STATUS_SUCCESS
