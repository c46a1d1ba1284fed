"""The build hook, where nothing is or can be compiled; `test_wheel` has what it compiles."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from harness.programs import need_module

ROOT = Path(__file__).parents[2]
NO_COMPILER = "/no/such/compiler"


def build(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Build the wheel into a folder, with these variables in the environment."""
    need_module("hatchling")
    others = {name: value for name, value in os.environ.items() if not name.startswith("NIMNET_")}
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        env=others | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_a_compiler_the_wheel_is_pure_and_the_build_says_why(tmp_path: Path) -> None:
    done = build(tmp_path, CC=f"{NO_COMPILER} -pthread")
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.iterdir()
    assert wheel.name.endswith("-py3-none-any.whl")
    assert "nimnet is built as pure Python" in done.stderr
    assert f"there is no C compiler ({NO_COMPILER})" in done.stderr


def test_a_compilation_that_is_demanded_is_not_left_out(tmp_path: Path) -> None:
    done = build(tmp_path, CC=NO_COMPILER, NIMNET_COMPILED="1")
    assert done.returncode == 1
    assert not list(tmp_path.iterdir())
    assert f"nimnet cannot be compiled: there is no C compiler ({NO_COMPILER})" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_compilation_that_fails_shows_what_the_compiler_said(tmp_path: Path) -> None:
    compiler = tmp_path / "cc"
    compiler.write_text("#!/bin/sh\necho 'no space left in this test' >&2\nexit 1\n")
    compiler.chmod(0o755)
    done = build(tmp_path / "dist", CC=str(compiler), NIMNET_COMPILED="1")
    assert done.returncode == 1
    assert "nimnet cannot be compiled: a tool failed" in done.stderr
    assert "no space left in this test" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("value", ["1", "yes"])
def test_a_pure_wheel_can_be_asked_for(tmp_path: Path, value: str) -> None:
    done = build(tmp_path, CC=NO_COMPILER, NIMNET_PURE=value, NIMNET_COMPILED="1")
    assert done.returncode == 0, done.stderr
    assert [wheel.name[-17:] for wheel in tmp_path.iterdir()] == ["-py3-none-any.whl"]
    assert "pure Python" not in done.stderr
