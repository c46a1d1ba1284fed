"""A checkout of git's with other line ends than the repository's is not taken for edited files."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from harness.configuration import configure
from nimnet_gen.cli import main

ROOT = Path(__file__).parents[2]
LIGHTS = Path(__file__).parent / "good" / "lights"


def git(folder: Path, *arguments: str) -> None:
    """Run git; it has nobody's settings."""
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize("attributes", [True, False])
def test_line_ends_of_a_checkout(
    attributes: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = tmp_path / "made"
    shutil.copytree(LIGHTS, made)
    configure(made)
    assert main(["--root", str(made), "generate"]) == 0
    if attributes:
        shutil.copy(ROOT / ".gitattributes", made)
    git(made, "init", "-q")
    git(made, "add", "-A")
    git(made, "commit", "-qm", "All")
    git(tmp_path, "-c", "core.autocrlf=true", "clone", "-q", str(made), "clone")
    clone = tmp_path / "clone"
    capsys.readouterr()
    assert main(["--root", str(clone), "check"]) == (0 if attributes else 1)
    # Without them it is as it was before: that is what the file is for.
    assert ("hand-edited" in capsys.readouterr().out) is not attributes
