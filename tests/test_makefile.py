"""The Makefile removes its own results alone, whatever it is told."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from harness.programs import find

ROOT = Path(__file__).parents[1]


def planned(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Return what make would do; it does nothing."""
    return subprocess.run(
        [find("make"), "--dry-run", *arguments],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("target", ["clean", "conformance"])
def test_what_is_removed_is_fixed(target: str) -> None:
    usual, told = planned(target), planned(target, "REFERENCE=", "RESULTS=/")
    assert usual.returncode == told.returncode == 0, usual.stderr + told.stderr
    assert "rm -rf " in usual.stdout
    assert told.stdout == usual.stdout


@pytest.mark.parametrize("environment", ["", "two words"])
def test_an_environment_that_make_cannot_have_is_refused(environment: str) -> None:
    done = planned("install", f"VENV={environment}")
    assert done.returncode == 2
    assert f"VENV is '{environment}', but make needs one path without spaces" in done.stderr


def test_an_interpreter_can_be_anywhere() -> None:
    done = planned("--always-make", "install", "PYTHON=/with a space/python3", "VENV=build/other")
    assert done.returncode == 0, done.stderr
    assert '"/with a space/python3" -m venv --clear build/other' in done.stdout
