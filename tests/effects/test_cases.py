"""Every construct of Python, by cases that were written from what Python does.

A case is a module below `cases/`, or a folder of modules, which says in comments what the plugin
must report in which line, and is as much about all lines in which it must report nothing:

    read()  # E: "read" may raise "OSError"       an error: this is part of its text
    def f() -> None:  # N: declares "OSError"     a note
    read()  # E before: ...                       only before the edit of the case
    read()  # E after: ...                        only after it
    read()  # E: "a"  # E: "b" ... "c"            two errors; `...` stands for any text

A folder with an edit has, beside a file, what it becomes: `helper.after.py` beside `helper.py`.
All cases are one project, so that mypy runs once for all of them: cold, from its cache, after the
edits, and the same under its daemon. `NIMNET_EFFECTS_PYTHON` names an interpreter with another
mypy.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
from harness.checked_project import CheckedProject

FOLDER = Path(__file__).parent / "cases"
# Whichever test comes first waits for the runs that it shares with many, and the others for it.
pytestmark = pytest.mark.timeout(900)
RUN_WITHIN = 200.0

CONFIGURATION = "configuration.toml"
SHARED = ("calls.py", "effects.toml")
AFTER = ".after"
PLAIN = ("--config-file=", "--strict", "--no-warn-unused-ignores", "--cache-dir=plain")
MARK = re.compile(r"# ([EN])( before| after)?: (.*?)(?=\s+# [EN](?: before| after)?: |$)")
SAID = re.compile(r"(?P<path>[^:]+):(?P<line>\d+): (?P<kind>error|note): (?P<text>.*)")
# After an edit, mypy's daemon says this only of modules whose own source changed.
FORGOTTEN = 'Unused "type: ignore'
# What follows in the text of an error that names more exceptions than were expected.
MORE = re.compile(r'" and "|", "')


class Mark(NamedTuple):
    """What is expected, or was said, in one line of a file."""

    path: str
    line: int
    kind: str
    text: str

    def covers(self, said: Mark) -> bool:
        """Whether it was this that was expected."""
        if self[:3] != said[:3]:
            return False
        pattern = ".*?".join(re.escape(part.strip()) for part in self.text.split(" ... "))
        found = re.search(pattern, said.text)
        return found is not None and not (
            self.text.endswith('"') and MORE.match(said.text, found.end() - 1)
        )


def _cases() -> dict[str, list[Path]]:
    """The files of each case, by its name: those of the folder that names the construct, or one."""
    found: dict[str, list[Path]] = {}
    for construct in sorted(path for path in FOLDER.iterdir() if path.is_dir()):
        for path in sorted(construct.iterdir()):
            if path.name.startswith(("_", ".")):
                continue
            files = sorted(path.rglob("*.*")) if path.is_dir() else [path]
            name = f"{construct.name}/{path.name.partition('.')[0]}"
            found[name] = [file for file in files if "__pycache__" not in file.parts]
    return found


CASES = _cases()
EDITED = [name for name, files in CASES.items() if any(AFTER in file.suffixes for file in files)]
CONTRACTS_EDITED = [
    name for name in EDITED if any(file.suffixes == [AFTER, ".toml"] for file in CASES[name])
]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _place(path: Path) -> str:
    """Where in the project a file of a case is, or what a file of a case becomes."""
    return f"cases/{path.relative_to(FOLDER).as_posix()}".replace(AFTER, "")


def _before() -> dict[str, str]:
    """The project as it is first, with packages for folders."""
    files = [file for case in CASES.values() for file in case if AFTER not in file.suffixes]
    found = {_place(file): _text(file) for file in [*(FOLDER / name for name in SHARED), *files]}
    for name in list(found):
        for folder in Path(name).parents[:-1]:
            found.setdefault(f"{folder.as_posix()}/__init__.py", "")
    return found


def _edits(suffix: str) -> dict[str, str]:
    """What files with the suffix become."""
    return {
        _place(file): _text(file)
        for case in CASES.values()
        for file in case
        if AFTER in file.suffixes and file.suffix == suffix
    }


def _expected(case: str, when: str) -> list[Mark]:
    """What a case expects ` before` its edit, or ` after` it."""
    texts: dict[str, str] = {}
    for file in CASES[case]:
        if AFTER not in file.suffixes:
            texts.setdefault(_place(file), _text(file))
        elif when == " after":
            texts[_place(file)] = _text(file)
    return [
        Mark(path, number, "error" if kind == "E" else "note", text)
        for path, content in texts.items()
        if path.endswith(".py")
        for number, line in enumerate(content.splitlines(), 1)
        for kind, restricted, text in MARK.findall(line)
        if restricted in ("", when)
    ]


class Runs:
    """What mypy says of the project in each way of running it, found out once.

    Args:
        folder: where the projects are, and what was found out: for all workers of pytest.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ways: Mapping[str, Callable[[CheckedProject], dict[str, list[str]]]] = {
            "plain": _plain,
            "mypy": _cached,
            "daemon": _daemon,
        }

    def said(self, way: str, run: str) -> list[Mark]:
        """What was said in one run of those that belong to a way."""
        with (self._folder / f"{way}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            results = self._folder / f"{way}.json"
            if not results.exists():
                found: dict[str, list[str]] | str
                try:
                    found = self._ways[way](_project(self._folder / way))
                except Exception as problem:
                    found = f"mypy did not run: {problem!r}"
                results.write_text(json.dumps(found), encoding="utf-8")
        known: dict[str, list[str]] | str = json.loads(results.read_text(encoding="utf-8"))
        if isinstance(known, str):
            pytest.fail(known, pytrace=False)
        marks = []
        for line in known[run]:
            match = SAID.fullmatch(line)
            assert match is not None, line
            marks.append(Mark(match["path"], int(match["line"]), match["kind"], match["text"]))
        return marks


def _project(root: Path) -> CheckedProject:
    root.mkdir()
    project = CheckedProject(
        root,
        _text(FOLDER / CONFIGURATION),
        interpreter=os.environ.get("NIMNET_EFFECTS_PYTHON", sys.executable),
        within=RUN_WITHIN,
    )
    project.write(_before())
    return project


def _plain(project: CheckedProject) -> dict[str, list[str]]:
    return {"plain": project.mypy(*PLAIN, "cases")}


def _cached(project: CheckedProject) -> dict[str, list[str]]:
    found = {"cold": project.mypy("cases"), "cached": project.mypy("cases")}
    project.write(_edits(".py") | _edits(".toml"))
    return found | {"edited": project.mypy("cases"), "edited, cached": project.mypy("cases")}


def _daemon(project: CheckedProject) -> dict[str, list[str]]:
    try:
        found = {"started": project.daemon("cases"), "again": project.daemon("cases")}
        project.write(_edits(".py"))
        found["edited"] = project.daemon("cases")
        # For changed contracts the daemon starts anew.
        project.write(_edits(".toml"))
        return found | {"contracts edited": project.daemon("cases")}
    finally:
        project.end_daemon()


@pytest.fixture(name="runs", scope="session")
def _runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder = shared / "cases-of-effects"
    folder.mkdir(exist_ok=True)
    return Runs(folder)


def _remembered(marks: list[Mark]) -> list[Mark]:
    return [mark for mark in marks if not mark.text.startswith(FORGOTTEN)]


def _compare(case: str, when: str, said: list[Mark], *, by_daemon: bool = False) -> None:
    """Fail with what of a case differs, line by line."""
    paths = {_place(file) for file in CASES[case]}
    unexpected = [each for each in said if each.path in paths]
    expected = _expected(case, when)
    if by_daemon:
        unexpected, expected = _remembered(unexpected), _remembered(expected)
    missing = []
    for wanted in expected:
        match = next((each for each in unexpected if wanted.covers(each)), None)
        if match is None:
            missing.append(wanted)
        else:
            unexpected.remove(match)
    differences = [
        *((each, f"expected, not said: {each.kind}: {each.text}") for each in missing),
        *((each, f"said, not expected: {each.kind}: {each.text}") for each in unexpected),
    ]
    if differences:
        lines = [f"{mark.path}:{mark.line}: {text}" for mark, text in sorted(differences)]
        pytest.fail("\n".join([f"{case}:", *lines]), pytrace=False)


@pytest.mark.parametrize("case", CASES)
def test_cold(case: str, runs: Runs) -> None:
    _compare(case, " before", runs.said("mypy", "cold"))


@pytest.mark.parametrize("case", CASES)
def test_from_the_cache(case: str, runs: Runs) -> None:
    _compare(case, " before", runs.said("mypy", "cached"))


@pytest.mark.parametrize("case", EDITED)
@pytest.mark.parametrize("run", ["edited", "edited, cached"])
def test_edited(case: str, run: str, runs: Runs) -> None:
    _compare(case, " after", runs.said("mypy", run))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("run", ["started", "again"])
def test_daemon(case: str, run: str, runs: Runs) -> None:
    _compare(case, " before", runs.said("daemon", run))


@pytest.mark.parametrize("case", [name for name in EDITED if name not in CONTRACTS_EDITED])
def test_daemon_edited(case: str, runs: Runs) -> None:
    _compare(case, " after", runs.said("daemon", "edited"), by_daemon=True)


@pytest.mark.parametrize("case", CONTRACTS_EDITED)
def test_daemon_with_contracts_edited(case: str, runs: Runs) -> None:
    _compare(case, " before", runs.said("daemon", "edited"), by_daemon=True)
    _compare(case, " after", runs.said("daemon", "contracts edited"))


def test_edits_change_nothing_in_other_cases(runs: Runs) -> None:
    others = {_place(file) for case in CASES if case not in EDITED for file in CASES[case]}
    before, edited, by_daemon = (
        sorted(each for each in runs.said(way, run) if each.path in others)
        for way, run in (("mypy", "cold"), ("mypy", "edited"), ("daemon", "edited"))
    )
    assert edited == before
    assert _remembered(by_daemon) == _remembered(before)


def test_without_the_plugin_all_is_clean(runs: Runs) -> None:
    assert runs.said("plain", "plain") == []


def test_nothing_is_said_outside_of_the_cases(runs: Runs) -> None:
    known = {_place(file) for files in CASES.values() for file in files}
    assert [each for each in runs.said("mypy", "cold") if each.path not in known] == []


def test_a_third_of_the_functions_that_ask_must_be_left_alone() -> None:
    # What is not to be reported is the larger part of the promise: cases must not forget it.
    asking = silent = 0
    for case, files in CASES.items():
        marks = {(mark.path, mark.line) for mark in _expected(case, " before")}
        for file in files:
            if file.suffix != ".py" or AFTER in file.suffixes:
                continue
            lines = _text(file).splitlines()
            starts = [n for n, line in enumerate(lines, 1) if line.lstrip().startswith("@raises(")]
            for start, end in itertools.pairwise([*starts, len(lines) + 1]):
                asking += 1
                silent += not any((_place(file), n) in marks for n in range(start, end))
    assert silent * 3 >= asking
