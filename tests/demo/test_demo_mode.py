"""What demo mode brings into the process, and what is not there without it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from webapp.config import ROOT

PROGRAM = """
import sys
from webapp import create_app
from webapp.config import Settings

app = create_app(Settings(instance_path=sys.argv[1], demo=sys.argv[2] == "on"))
page = app.test_client().get("/sign-in").text
print("priya.contact" in page, any(name.startswith("webapp.demo") for name in sys.modules))
"""


@pytest.mark.parametrize(("mode", "told"), [("off", "False False"), ("on", "True True")])
def test_only_demo_mode_imports_the_demo(tmp_path: Path, mode: str, told: str) -> None:
    """Ask in a process of its own: this one has imported the demo for other tests."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), mode],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == (f"{told}\n", "")
