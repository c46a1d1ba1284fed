"""What `import nimnet` loads, in an interpreter that nothing else has loaded anything into."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SLOW = {"typing", "ssl", "OpenSSL", "cryptography", "dataclasses", "ipaddress", "inspect"}


def loaded_by(statement: str) -> set[str]:
    """Returns which of `SLOW` a statement loads; -S and -E keep what a site adds out of it."""
    paths = [str(ROOT / folder) for folder in ("runtime", "generated")]
    code = f"import sys; sys.path[:0] = {paths}; {statement}; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-S", "-E", "-c", code], capture_output=True, text=True, check=True
    )
    return SLOW.intersection(ran.stdout.split())


def test_nothing_that_is_slow_to_load() -> None:
    assert loaded_by("import nimnet") == set()


def test_an_address_is_converted_where_ipaddress_was_not_loaded() -> None:
    assert loaded_by("import nimnet; nimnet.ipv4_any().to_ipaddress()") == {"ipaddress"}


def test_where_typing_is_loaded_the_overloads_can_be_asked_for() -> None:
    code = "import typing, nimnet; assert len(typing.get_overloads(nimnet.Socket.recv)) == 4"
    assert "typing" in loaded_by(code)
