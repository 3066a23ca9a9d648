"""The opening comment of every template ends with what the template needs, by name."""

from __future__ import annotations

import re
from pathlib import Path

from jinja2 import Environment, meta

from webapp import create_app
from webapp.config import ROOT, Settings


def test_opening_comments_say_exactly_what_templates_need(tmp_path: Path) -> None:
    jinja = create_app(
        Settings(instance_path=str(tmp_path), secret_key="a key for tests that is long enough")
    ).jinja_env
    wrong = [
        f"{name} must end its opening comment: Needs {', '.join(sorted(needs))}."
        for name in jinja.list_templates()
        if said(name) != (needs := needed(jinja, name))
    ]
    assert not wrong, "\n".join(wrong)


def said(template: str) -> set[str]:
    """Return the names in the last sentence of the opening comment, `Needs …`; none without one."""
    comment = re.match(r"{#(.+?)#}", (ROOT / "templates" / template).read_text(), re.DOTALL)
    assert comment, f"{template} does not open with a comment."
    names = re.search(r"\bNeeds ([\w,\s]+)\.\s*$", comment[1])
    return set(re.split(r",\s+", names[1])) if names else set()


def needed(jinja: Environment, template: str) -> set[str]:
    """Return what must be passed to a template and its blocks, and to the template it extends."""
    tree = jinja.parse((ROOT / "templates" / template).read_text())
    of_parents = [needed(jinja, str(name)) for name in meta.find_referenced_templates(tree)]
    return meta.find_undeclared_variables(tree).union(*of_parents)
