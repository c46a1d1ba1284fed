"""What `import nimnet` loads, in an interpreter that nothing else has loaded anything into."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nimnet
import nimnet_runtime

SLOW = {"typing", "ssl", "OpenSSL", "cryptography", "dataclasses", "ipaddress", "inspect"} | {
    *("socket", "importlib.util", "contextlib", "weakref")
}


def loaded_by(statement: str) -> set[str]:
    """Returns which of `SLOW` a statement loads; -S and -E keep what a site adds out of it."""
    paths = [str(Path(package.__file__ or "").parents[1]) for package in (nimnet_runtime, nimnet)]
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
    told = "nimnet._overloads.written(nimnet.Socket.recv)"  # where it is not compiled: itself
    code = f"import typing, nimnet; assert len(typing.get_overloads({told})) == 4"
    assert "typing" in loaded_by(code)
