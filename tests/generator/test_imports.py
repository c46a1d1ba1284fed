"""Import statements stand in the order that the linter demands."""

from __future__ import annotations

import subprocess
import sys

import pytest
from nimnet_gen.plan.imports import Imports


@pytest.mark.parametrize(
    "names",
    [
        {"Bulb": "_Bulb", "BulbError": ""},
        {"a": "_a", "B": "", "C": ""},
        {"zeta": "_zeta", "Alpha": ""},
        {"Bulb": "_Bulb", "BULB": ""},
    ],
    ids=", ".join,
)
def test_names_under_other_names_stand_among_the_rest(names: dict[str, str]) -> None:
    imports = Imports()
    for name, alias in names.items():
        imports.name("bulbs", name, alias)
    used = "\n".join(f"print({alias or name})" for name, alias in names.items())
    subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "I", "-"],
        input=f"{imports.text()}\n\n{used}\n",
        text=True,
        check=True,
        capture_output=True,
    )
