"""What EXCEPTIONS.md shows is what mypy says: its files are written, its commands are run.

With NIMNET_ACCEPT=1 the page is given what they print. Read it before you commit it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.checked_project import CheckedProject

PAGE = Path(__file__).resolve().parent.parent / "EXCEPTIONS.md"
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.S | re.M)


def printed(project: CheckedProject, line: str) -> str:
    """What a command of the page prints."""
    program, *arguments = line.split()
    module = ["-m", "mypy"] if program == "mypy" else []
    done = project.python(*module, *arguments)
    assert done.stderr == ""
    assert done.returncode in (0, 1)
    return done.stdout


def played(page: str, project: CheckedProject) -> Iterator[tuple[re.Match[str], str]]:
    """Writes the files of a page and runs its commands, in order; yields what is to be shown."""
    for block in BLOCK.finditer(page):
        text = block["text"]
        first, _, _ = text.partition("\n")
        if block["language"] == "console":
            assert first.startswith("$ "), first
            yield block, f"{first}\n{printed(project, first.removeprefix('$ '))}"
        else:
            assert first.startswith("# "), first
            # The line with the name is a part of the file: readers count the lines that they see.
            project.write({first.removeprefix("# "): text})


@pytest.mark.timeout(400)
def test_the_page_shows_what_mypy_says(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    shown = list(played(page, CheckedProject(tmp_path)))
    assert len(shown) > 12
    if os.environ.get("NIMNET_ACCEPT") == "1":
        for block, text in reversed(shown):
            page = page[: block.start("text")] + text + page[block.end("text") :]
        PAGE.write_text(page, encoding="utf-8")
        return
    assert [block["text"] for block, _ in shown] == [text for _, text in shown]
