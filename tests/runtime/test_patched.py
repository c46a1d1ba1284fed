"""Deadlines in programs that replace sockets, locks, polls and clocks, each in its own process.

What is checked, and the patches, are in `harness/patched_program.py`.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from harness import patched_program
from harness.authority import Authority, Identity
from harness.programs import need_module

WITHIN = 100
"""Seconds for a program, which ends by itself where a call of its hangs."""


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return Authority(tmp_path_factory.mktemp("authority")).issue()


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("patch", patched_program.PATCHES)
def test_every_deadline_holds(patch: str, order: str, identity: Identity) -> None:
    """Whether the patch comes before nimnet is imported or after it."""
    if patch in ("gevent", "eventlet", "socks"):
        need_module(patch)
    ran = subprocess.run(
        [
            *(sys.executable, "-W", "error::ResourceWarning", "-m", "harness.patched_program"),
            *(patch, order, identity.cert_file, identity.key_file),
        ],
        capture_output=True,
        text=True,
        timeout=WITHIN,
        cwd=Path(patched_program.__file__).parents[1],
    )
    output = ran.stdout + ran.stderr
    assert ran.returncode == 0, output
    assert ran.stdout.count(": held\n") == len(patched_program.CHECKS), output
    assert "ResourceWarning" not in ran.stderr
