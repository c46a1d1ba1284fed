"""What a function is told to declare is what it has to declare: who follows it hears no more.

In a project of the cases and of real programs every public function has to declare. What each is
told is written above it, with the imports that it asks for: then nothing is left to say of it.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from harness.checked_project import CheckedProject

FOLDER: Final = Path(__file__).parent
WITHIN: Final = 200.0
pytestmark = pytest.mark.timeout(600)

CONFIGURATION: Final = """\
[tool.nimnet_effects]
contracts = ["cases/contracts/*/*.toml"]
require_declared = ["*"]
"""
ABOUT: Final = re.compile(r" must declare | in @raises, or handle ")
"""What is said of a declaration that lacks something. Of one that has more than what its function
stands for declares, no other declaration would be better.
"""
PLAIN: Final = ("--no-warn-unused-ignores",)
SAID: Final = re.compile(r"(?P<path>[^:]+):(?P<line>\d+): (?P<kind>error|note): (?P<text>.*)")
TOLD: Final = re.compile(
    r'"[^"]+" is public and must declare what it raises: @raises\((?P<arguments>.*?)\)'
    r"(?:, as far as can be seen)?(?: \((?P<imports>[^()]*)\))?  \[raises\]"
)
LATE: Final = re.compile(r"\b(\w+) has to be defined above it")
EARLY: Final = re.compile(r'Name "(\w+)" is used before definition  \[used-before-def\]')
WAY: Final = re.compile(r" \([^)]*\)")
PLAIN_ONES: Final = (
    *("property", "setter", "deleter", "cached_property", "staticmethod", "classmethod"),
    *("abstractmethod", "contextmanager", "asynccontextmanager", "fixture", "Fixture"),
)
MARK: Final = "@nimnet_effects.raises("


class Told(NamedTuple):
    """What a function has to declare, and what must be imported for it."""

    line: int
    arguments: str
    imports: tuple[str, ...]


def files() -> dict[str, str]:
    """The project: the cases before their edits, and the programs."""
    found: dict[str, str] = {}
    for name in ("cases", "programs"):
        for path in sorted((FOLDER / name).rglob("*.*")):
            if path.suffix in (".py", ".toml") and ".after" not in path.name:
                found[path.relative_to(FOLDER).as_posix()] = path.read_text(encoding="utf-8")
    for place in list(found):
        for folder in Path(place).parents[:-1]:
            found.setdefault(f"{folder.as_posix()}/__init__.py", "")
    return found


def parsed(line: str) -> re.Match[str]:
    said = SAID.fullmatch(line)
    assert said is not None, line
    return said


def told(lines: list[str]) -> dict[str, list[Told]]:
    found: defaultdict[str, list[Told]] = defaultdict(list)
    for said in map(parsed, lines):
        if " must declare " in said["text"]:
            match = TOLD.fullmatch(said["text"])
            assert match is not None, said["text"]
            means = (match["imports"] or "").split("; ")
            imports = tuple(each for each in means if each.startswith(("from ", "import ")))
            found[said["path"]].append(Told(int(said["line"]), match["arguments"], imports))
    return found


def followed(source: str, each: list[Told]) -> str:
    """A module with what its functions were told to declare."""
    lines = source.splitlines()
    places = below_plain_ones(source)
    for function in sorted(each, reverse=True):
        at = places[function.line] - 1
        margin = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        lines.insert(at, f"{margin}{MARK}{function.arguments})")
    imports = {"import nimnet_effects", *(one for function in each for one in function.imports)}
    body = ast.parse(source).body
    late = [one for one in body if isinstance(one, ast.ImportFrom) and one.module == "__future__"]
    doc = body[:1] if ast.get_docstring(ast.parse(source)) is not None else []
    start = max((one.end_lineno or 0 for one in (*late, *doc)), default=0)
    return "\n".join([*lines[:start], *sorted(imports), *lines[start:]]) + "\n"


def below_plain_ones(source: str) -> dict[int, int]:
    """By the line of each function, the line above which it declares for what callers get.

    That is above decorators of the program's own, and below those that make something else of it
    than a function.
    """
    found: dict[int, int] = {}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            others = itertools.dropwhile(is_plain, node.decorator_list)
            found[node.lineno] = next((one.lineno for one in others), node.lineno)
    return found


def is_plain(decorator: ast.expr) -> bool:
    return ast.unparse(decorator).rpartition(".")[2] in PLAIN_ONES


def changed(source: str) -> dict[int, str]:
    """The lines of the functions that declare what they were told, with their names."""
    lines = source.splitlines()
    return {
        line: node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(lines[one.lineno - 1].lstrip().startswith(MARK) for one in node.decorator_list)
        for line in range(node.decorator_list[0].lineno, (node.end_lineno or 0) + 1)
    }


def left(project: CheckedProject, sources: Mapping[str, str], before: list[str]) -> list[str]:
    """What is said of the functions that were told what to declare, and was not said before."""
    # Whoever is told so moves the class up.
    late = {
        (each["path"], name) for each in map(parsed, before) for name in LATE.findall(each["text"])
    }
    known = {(said["path"], WAY.sub("", said["text"])) for said in map(parsed, before)}
    places = {path: changed(source) for path, source in sources.items()}
    found: list[str] = []
    for line in project.mypy(*PLAIN, "cases", "programs"):
        said = parsed(line)
        here = places.get(said["path"], {})
        if int(said["line"]) not in here or said["kind"] != "error":
            continue
        if (said["path"], WAY.sub("", said["text"])) in known:
            continue
        early = EARLY.fullmatch(said["text"])
        if early is not None and (said["path"], early[1]) in late:
            continue
        if ABOUT.search(said["text"]) or MARK in line_of(sources, said):
            found.append(line)
    return found


def line_of(sources: Mapping[str, str], said: re.Match[str]) -> str:
    return sources[said["path"]].splitlines()[int(said["line"]) - 1]


def test_who_follows_what_a_function_is_told_hears_no_more(tmp_path: Path) -> None:
    project = CheckedProject(tmp_path, CONFIGURATION, within=WITHIN)
    written = files()
    project.write(written)
    before = project.mypy(*PLAIN, "cases", "programs")
    first = told(before)
    count = sum(map(len, first.values()))
    assert count > 200
    after = {path: followed(written[path], each) for path, each in first.items()}
    project.write(after)
    remaining = left(project, after, before)
    assert not remaining, "\n".join(remaining)
