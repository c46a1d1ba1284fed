"""What the tests with real programs rest on: they are found, waited for and always ended."""

from __future__ import annotations

import contextlib
import re
import signal
import time
from pathlib import Path

import pytest
from harness.programs import Program, find, need_module, run, running, started, wait_until


@pytest.fixture
def shell() -> str:
    return find("sh")


def test_missing_peer_is_a_skip_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIMNET_REQUIRE_PEERS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="the program no-such is not installed"):
        find("no-such")
    with pytest.raises(pytest.skip.Exception, match="the Python module no_such is not installed"):
        need_module("no_such")


def test_missing_peer_is_a_failure_where_it_is_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIMNET_REQUIRE_PEERS", "1")
    with pytest.raises(pytest.fail.Exception, match="the program no-such is not installed, and"):
        find("no-such")


def test_no_test_here_decides_that_for_itself() -> None:
    """A skip of its own would stay a skip where peers are promised."""
    skip = re.compile(r"pytest\.(mark\.skipif|importorskip|skip)\(")
    sources = sorted(Path(__file__).parent.glob("*.py"))
    assert [path.name for path in sources if skip.search(path.read_text(encoding="utf-8"))] == []


def test_program_that_ends_early_shows_why(shell: str, tmp_path: Path) -> None:
    with (
        started([shell, "-c", "echo no memory >&2; exit 3"], tmp_path) as program,
        pytest.raises(AssertionError, match=r"sh ended with 3:\nno memory"),
    ):
        wait_until(program, lambda: False)
    with pytest.raises(AssertionError, match=r"ended with 4 instead of 0:\nwrong"):
        run([shell, "-c", "echo wrong; exit 4"])


def test_program_is_ended_with_what_it_started(shell: str, tmp_path: Path) -> None:
    with started([shell, "-c", "sleep 1000 & echo ready; wait"], tmp_path) as program:
        wait_until(program, lambda: "ready" in program.output())
        assert program in running
        assert members(program)
    assert program not in running
    assert program.process.returncode == -signal.SIGTERM
    wait_for_end(program)


def test_program_is_ended_when_the_test_fails_while_it_is_paused(
    shell: str, tmp_path: Path
) -> None:
    def fail() -> None:
        # exec: a shell that is about to start a child cannot be stopped before that has begun.
        with started([shell, "-c", "exec sleep 1000"], tmp_path) as program, program.paused():
            started_here.append(program)
            raise ZeroDivisionError

    started_here: list[Program] = []
    with pytest.raises(ZeroDivisionError):
        fail()
    assert started_here[0].process.returncode == -signal.SIGTERM
    wait_for_end(started_here[0])


def test_program_that_will_not_end_is_killed(
    shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.programs.GRACE", 0.1)
    script = "trap '' TERM; echo ready; while :; do sleep 1000; done"
    with started([shell, "-c", script], tmp_path) as program:
        wait_until(program, lambda: "ready" in program.output())
    assert program.process.returncode == -signal.SIGKILL
    wait_for_end(program)


def wait_for_end(program: Program) -> None:
    """Wait until nothing of a program runs: a signal that has been sent takes a moment."""
    end = time.monotonic() + 10
    while left := members(program):
        assert time.monotonic() < end, left
        time.sleep(0.01)


def members(program: Program) -> list[str]:
    """Return the processes of a program that run, without those that wait to be reaped."""
    found: list[str] = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            line = status.read_text()
            state, _, group = line.rpartition(")")[2].split()[:3]
            if int(group) == program.process.pid and state != "Z":
                found.append(line)
    return found
