"""What is observed of programs that wait, run for ever, crash, or talk nonsense."""

from __future__ import annotations

from pathlib import Path

import pytest
from nimnet_gen.testing.oracle.cells import Cell, Run
from nimnet_gen.testing.oracle.conversation import AGREES, THE_PEER_FAILS, Observation
from nimnet_gen.testing.oracle.conversation import observed as observed_with
from nimnet_gen.testing.oracle.program import ProgramFaultError
from oracle.peers import ScriptedPeer

CELL = Cell(
    Run(
        given="connection",
        proc="any",
        settings={"certificate": "valid"},
        script=[{"expect": "x"}],
        patience=[],
    ),
    "tcp",
    {"buffered": True},
)
NOTHING = Cell(
    Run(given="nothing", proc="any", settings={"certificate": "valid"}, script=[], patience=[])
)


def observed(program: Path, cell: Cell, *, leisure: float = 1.0) -> Observation:
    return observed_with(program, cell, ScriptedPeer(cell), leisure=leisure)


def program(folder: Path, body: str) -> Path:
    """A program in place of the compiled one."""
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("body", "observation"),
    [
        ("echo step 1; echo agrees; cat", AGREES),
        ("echo differs step 2 returns 3; cat", "step 2 returns 3"),
        ("echo step 2; kill -SEGV $$", "step 2 crashes SIGSEGV"),
        ("echo step 3; exec sleep 60", "step 3 waits"),
        ("echo step 4; while :; do :; done", "step 4 waits"),
        (
            "echo ask system ECONNRESET; read n; test $n = 313034 && echo step 1; kill -TERM $$",
            "step 1 crashes SIGTERM",
        ),
    ],
)
def test_observations(tmp_path: Path, body: str, observation: str) -> None:
    assert observed(program(tmp_path, body), NOTHING).words == observation


def test_a_peer_that_misses_something(tmp_path: Path) -> None:
    silent = program(tmp_path, "echo agrees; cat")
    seen = observed(silent, CELL)
    assert seen.words == THE_PEER_FAILS
    assert "still to come: Expect(b'x')" in seen.peer


@pytest.mark.parametrize(
    ("body", "observation"),
    [
        ("echo awaken go; echo step 2; sleep 2; echo agrees; cat", AGREES),
        ("echo awaken go; echo step 2; echo agrees; cat", THE_PEER_FAILS),
    ],
    ids=["waits", "does not wait"],
)
def test_a_signal_for_a_program_that_waits(tmp_path: Path, body: str, observation: str) -> None:
    run = Run(
        given="client",
        proc="any",
        settings={"certificate": "valid"},
        script=[{"wait_for": "go"}],
        patience=[],
    )
    seen = observed(program(tmp_path, body), Cell(run, "tcp", {"buffered": True}), leisure=5)
    assert seen.words == observation


@pytest.mark.parametrize("body", ["echo nonsense; cat", "exit 3"])
def test_a_defect_of_the_oracle_is_no_observation(tmp_path: Path, body: str) -> None:
    with pytest.raises(ProgramFaultError):
        observed(program(tmp_path, body), NOTHING)


def test_a_program_that_is_not_there_is_no_observation(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        observed(tmp_path / "program", NOTHING)
