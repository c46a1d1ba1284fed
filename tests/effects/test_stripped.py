"""Bodies that mypy left out, as it parses modules whose errors nobody is to see."""

from __future__ import annotations

from pathlib import Path

import pytest
from mypy.errors import Errors
from mypy.nodes import MypyFile
from mypy.options import Options
from mypy.parse import parse
from nimnet_effects import stripped

KINDS = {
    "function": "def f():\n    work()\n",
    "method": "class C:\n    def f(self):\n        work()\n",
    "decorated": "@wrapped\ndef f():\n    work()\n",
    "overloaded": (
        "from typing import overload\n@overload\ndef f(x: int): ...\n@overload\n"
        "def f(x: str): ...\ndef f(x):\n    work()\n"
    ),
    "branch": "if flag:\n    pass\nelse:\n    def f():\n        work()\n",
    "try": "try:\n    def f():\n        work()\nexcept OSError:\n    pass\n",
    "with": "with manager:\n    def f():\n        work()\n",
}


def parsed(path: Path, options: Options) -> MypyFile:
    """A module as mypy parses it at first."""
    return parse(path.read_bytes(), str(path), path.stem, Errors(options), options, eager=True)


def bodies(tree: MypyFile) -> str:
    return str(tree)


@pytest.mark.parametrize("comment", ["", "# mypy: ignore-errors\n"])
@pytest.mark.parametrize("kind", KINDS)
def test_bodies_come_back(tmp_path: Path, kind: str, comment: str) -> None:
    source = tmp_path / "shop.py"
    source.write_text(KINDS[kind])
    shown = parsed(source, Options())
    assert not stripped.is_stripped(shown)
    source.write_text(comment + KINDS[kind])
    silent = Options()
    silent.ignore_errors = True
    tree = parsed(source, silent)
    assert stripped.is_stripped(tree)
    assert "work" not in bodies(tree)
    stripped.restore(tree, silent)
    assert not stripped.is_stripped(tree)
    assert "work" in bodies(tree)


def test_a_stub_has_no_bodies_to_begin_with(tmp_path: Path) -> None:
    stub = tmp_path / "shop.pyi"
    stub.write_text("def f(): ...\n")
    silent = Options()
    silent.ignore_errors = True
    assert not stripped.is_stripped(parsed(stub, silent))
