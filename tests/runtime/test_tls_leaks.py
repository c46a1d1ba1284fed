"""Handshakes that fail leave nothing behind: no descriptor, no object, no memory."""

from pathlib import Path

import pytest
from harness.authority import Authority
from harness.failing import WAYS, Left, failures, resident

_ROUNDS = 60

if not Path("/proc/self/fd").exists():
    pytest.skip("needs /proc/self", allow_module_level=True)


@pytest.mark.parametrize("way", WAYS)
def test_failed_handshakes_leave_nothing(way: str, tmp_path: Path) -> None:
    fail, said = failures(Authority(tmp_path))[way]
    for _ in range(10):
        assert said in fail()
    before, memory = Left.now(), resident()
    for _ in range(_ROUNDS):
        assert said in fail()
    assert Left.now() == before
    assert resident() - memory < 4 << 20
