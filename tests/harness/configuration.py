"""Projects that tests make: the table that tells the generator where their parts are."""

from __future__ import annotations

import json
from pathlib import Path


def configure(root: Path, **keys: str | list[str]) -> Path:
    """Write the `pyproject.toml` of a project, with these keys in its table; return the root."""
    # What JSON writes of a text or a list of texts is TOML as well.
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in keys.items()]
    (root / "pyproject.toml").write_text("[tool.nimnet-gen]\n" + "".join(lines), encoding="utf-8")
    return root
