"""What a type checker says of the generated typing files: nothing, or exactly what they expect.

mypy runs once for the whole test session, whatever the number of workers: the first one that needs
the answer holds a lock while it gets it, and leaves it where the others find it.
"""

from __future__ import annotations

import fcntl
import json
from pathlib import Path

import pytest
from nimnet_gen.testing.typed_calls import (
    Error,
    Expectation,
    complaint,
    errors_by_file,
    expectations,
    run_mypy,
    unexpected,
)

ROOT = Path(__file__).parents[2]
CONFORMANCE = ROOT / "generated" / "conformance"
REJECTED = sorted(CONFORMANCE.glob("typing_rejected_*.py"))
ACCEPTED = sorted(CONFORMANCE.glob("typing_accepted_*.py"))
EXPECTED = [(path, expected) for path in REJECTED for expected in expectations(path)]


@pytest.fixture(scope="session")
def errors(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> dict[str, list[Error]]:
    """What mypy says of every typing file, by the file's name."""
    shared = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        shared = shared.parent
    answer = shared / "mypy-answer.json"
    files = (*REJECTED, *ACCEPTED)
    with (shared / "mypy.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not answer.exists():
            lines = run_mypy(files, ROOT / "pyproject.toml", shared / "mypy-cache")
            answer.write_text(json.dumps(lines), encoding="utf-8")
    return errors_by_file(files, json.loads(answer.read_text(encoding="utf-8")))


def test_there_are_files_to_check() -> None:
    assert len(EXPECTED) > 100
    assert [path.name.replace("rejected", "accepted") for path in REJECTED] == [
        path.name for path in ACCEPTED
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param(path, expected, id=f"{path.stem}-{expected.first}")
        for path, expected in EXPECTED
    ],
)
def test_call_is_rejected(
    path: Path, expected: Expectation, errors: dict[str, list[Error]]
) -> None:
    assert complaint(expected, errors[path.name]) == ""


@pytest.mark.parametrize("path", REJECTED, ids=lambda path: path.stem)
def test_nothing_else_is_rejected(path: Path, errors: dict[str, list[Error]]) -> None:
    expected = [one for where, one in EXPECTED if where == path]
    assert unexpected(expected, errors[path.name]) == []


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_everything_is_accepted(path: Path, errors: dict[str, list[Error]]) -> None:
    assert errors[path.name] == []


def test_the_package_itself_is_clean(errors: dict[str, list[Error]]) -> None:
    ours = {path.name for path in (*REJECTED, *ACCEPTED)}
    assert {name: found for name, found in errors.items() if name not in ours} == {}
