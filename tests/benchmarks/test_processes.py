"""A worker that fails ends its own measurement, with a reason, and holds up nothing."""

from __future__ import annotations

import sys

import pytest

from benchmarks import processes
from benchmarks.processes import Ended, spoken_with


def test_a_process_that_has_ended_is_told() -> None:
    with spoken_with("the worker", [sys.executable, "-c", "print('ready')"]) as process:
        assert process.hear() == "ready"
        with pytest.raises(Ended, match="the worker has ended"):
            process.ask("1")


def test_a_process_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PATIENCE", 0.05)
    silent = [sys.executable, "-c", "import sys; sys.stdin.read(); sys.stdin.read()"]
    with (
        spoken_with("the worker", silent) as process,
        pytest.raises(Ended, match="said nothing"),
    ):
        process.hear()
