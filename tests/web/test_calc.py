"""What LibreOffice Calc makes of a download, at every separator it may be set to."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.web.test_csv import FORMULAS, sent

SOFFICE = shutil.which("soffice")
pytestmark = pytest.mark.skipif(SOFFICE is None, reason="libreoffice-calc-nogui is not installed")
SEPARATORS = {",": 44, ";": 59, "\t": 9}
ENGLISH, GERMAN = 1033, 1031
BEFORE = (
    "",
    "x;",
    "x,",
    "x\t",
    "x\n",
    "x\r",
    "x\r\n",
    'x;"',
    'x";',
    "x; ",
    "x;\u00a0",
    "x;'",
    "x; \"'",
)
CELLS = [
    before + formula + after for before in BEFORE for formula in FORMULAS for after in ("", ";y")
]


def formulas_in(path: Path, separator: str, language: int) -> int:
    """Let Calc open a CSV, with formulas evaluated as they are only where that is asked for."""
    options = f"{SEPARATORS[separator]},34,76,1,,{language},false,true,false,false,false,-1,true"
    read = f"Text - txt - csv (StarCalc):{options}"
    made = path.with_suffix(".fods")
    made.unlink(missing_ok=True)
    home = f"-env:UserInstallation=file://{path.parent}/calc"
    command = [SOFFICE or "", home, "--headless", f"--infilter={read}", "--convert-to", "fods"]
    subprocess.run([*command, "--outdir", path.parent, path], check=True, capture_output=True)
    return made.read_text(encoding="utf-8").count("table:formula=")


@pytest.mark.parametrize("language", [ENGLISH, GERMAN])
@pytest.mark.parametrize("separator", SEPARATORS)
def test_no_cell_is_executed(tmp_path: Path, separator: str, language: int) -> None:
    path = tmp_path / "users.csv"
    path.write_text(sent(["Value"], [[cell, cell] for cell in CELLS]), encoding="utf-8", newline="")
    assert formulas_in(path, separator, language) == 0


def test_calc_would_execute_them(tmp_path: Path) -> None:
    path = tmp_path / "users.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([cell, cell] for cell in CELLS)
    assert formulas_in(path, ";", GERMAN) > 0
