"""Files with calls that mypy must accept, or reject as their comments say."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_EXPECTATION = re.compile(r'^ *# expect: (?P<code>[\w-]+) "(?P<word>[^"]+)"$')
_ERROR = re.compile(r"^(?P<file>.+?):(?P<line>\d+): error: (?P<message>.*)  \[(?P<code>[\w-]+)\]$")


@dataclass(frozen=True)
class Expectation:
    """An error that must be there: which, and the lines of the statement that must have it."""

    code: str
    word: str
    first: int
    last: int


@dataclass(frozen=True)
class Error:
    """An error that mypy found."""

    line: int
    code: str
    message: str


def expectations(path: Path) -> Iterator[Expectation]:
    """Yield what a file expects: each comment is about the statement that follows it."""
    source = path.read_text(encoding="utf-8")
    statements = sorted(
        (node.lineno, node.end_lineno or node.lineno)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.stmt) and not isinstance(node, ast.FunctionDef)
    )
    for number, line in enumerate(source.splitlines(), start=1):
        if found := _EXPECTATION.match(line):
            first, last = next(span for span in statements if span[0] > number)
            yield Expectation(found["code"], found["word"], first, last)


def run_mypy(files: Sequence[Path], config: Path, cache: Path) -> list[str]:
    """Return the lines of mypy's output that are not mere notes."""
    command = [sys.executable, "-m", "mypy", "--config-file", str(config)]
    command += ["--cache-dir", str(cache), "--no-error-summary", "--no-pretty"]
    command += ["--hide-error-context", "--show-error-codes", *map(str, files)]
    ran = subprocess.run(command, cwd=config.parent, capture_output=True, text=True, check=False)
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    return [line for line in ran.stdout.splitlines() if ": note: " not in line]


def errors_by_file(files: Iterable[Path], lines: Iterable[str]) -> dict[str, list[Error]]:
    """Return the errors in mypy's output, by the name of the file; an empty list for none."""
    found: dict[str, list[Error]] = {path.name: [] for path in files}
    for line in lines:
        match = _ERROR.match(line)
        assert match is not None, f"mypy failed: {line}"
        error = Error(int(match["line"]), match["code"], match["message"])
        found.setdefault(Path(match["file"]).name, []).append(error)
    return found


def complaint(expected: Expectation, errors: Iterable[Error]) -> str:
    """Return what is wrong with the errors of a statement; nothing if it has the expected one."""
    found = [error for error in errors if expected.first <= error.line <= expected.last]
    # Of an unknown keyword for an overloaded function mypy complains twice, in the same words.
    as_expected = {error.code for error in found} == {expected.code} and all(
        expected.word in error.message for error in found
    )
    said = "; ".join(f"{error.message} [{error.code}]" for error in found) or "none"
    return "" if as_expected else f"an error [{expected.code}] about {expected.word}, not {said}"


def unexpected(expected: Sequence[Expectation], errors: Iterable[Error]) -> list[Error]:
    """Return the errors outside the statements that must have one."""
    lines = {line for one in expected for line in range(one.first, one.last + 1)}
    return [error for error in errors if error.line not in lines]


def faults(folder: Path, config: Path, cache: Path) -> list[str]:
    """Return what a type checker says of generated calls otherwise than it must.

    Args:
        folder: Where the files `typing_accepted_*.py` and `typing_rejected_*.py` are.
        config: The configuration of mypy, in the root of the project.
        cache: A folder for what mypy keeps between its runs.

    Raises:
        FileNotFoundError: There are none, so that nothing would be looked at.
    """
    files = sorted(folder.glob("typing_*.py"))
    if not files:
        raise FileNotFoundError(f"there are no typing_*.py in {folder}")
    wrong: list[str] = []
    for name, errors in errors_by_file(files, run_mypy(files, config, cache)).items():
        demanded = list(expectations(folder / name)) if (folder / name) in files else []
        wrong += [
            f"{name}:{one.first}: must have {said}"
            for one in demanded
            if (said := complaint(one, errors))
        ]
        wrong += [
            f"{name}:{error.line}: {error.message} [{error.code}]"
            for error in unexpected(demanded, errors)
        ]
    return wrong
