"""The plugin notices what is taken from what the examples declare or handle, and what is added.

From each example that declares what it raises, one thing is removed at a time: each `except`, each
class of one that has several, each exception of each `@raises`. Every time mypy must complain, at
the calls that raise what was removed, and nowhere else. A timeout that a call is given is something
more that it may raise.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from harness.checked_project import CheckedProject

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ("smtp_client", "redis_client", "chat_server")
PYPROJECT = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
SAID = re.compile(r"(?P<module>\w+)\.py:(?P<line>\d+): error: (?P<text>.*)  \[raises\]")
FINDING = re.compile(r'(?:"(?P<callee>[^"]+)" may raise|this raises) (?P<classes>.*?)[,:(]')


@dataclass(frozen=True)
class Removal:
    """An example without something.

    Attributes:
        what: What was removed, and from which line.
        source: The example without it; its other lines stand where they stood.
        exceptions: What is now declared or handled no longer.
        lines: The lines of which at least one must be complained of, and no other.
    """

    what: str
    source: str
    exceptions: frozenset[str]
    lines: range


class Source:
    """The text of a module, of which parts are replaced without moving lines."""

    def __init__(self, text: str) -> None:
        """Takes the text."""
        self.text = text
        self.tree = ast.parse(text)
        self._lines = text.splitlines(keepends=True)

    def without(self, *changes: tuple[ast.expr | range, str]) -> str:
        """Returns the text with nodes, or whole lines, replaced; what is left of them is blank."""
        lines = list(self._lines)
        for place, new in changes:
            if isinstance(place, range):
                indent = re.match(r" *", lines[place.start - 1])
                assert indent
                lines[place.start - 1] = f"{indent[0]}{new}\n"
                for number in place[1:]:
                    lines[number - 1] = "\n"
            else:
                first, last = place.lineno - 1, (place.end_lineno or 0) - 1
                end = lines[last].encode()[place.end_col_offset :].decode()
                start = lines[first].encode()[: place.col_offset].decode()
                lines[first : last + 1] = [start + new + end, *["\n"] * (last - first)]
        return "".join(lines)


def lines_of(statements: Iterable[ast.stmt]) -> range:
    found = list(statements)
    return range(found[0].lineno, (found[-1].end_lineno or 0) + 1)


def names(expression: ast.expr | None) -> list[str]:
    """The classes that an `except` or a decorator names."""
    assert expression is not None, "a bare `except` says not what it is for"
    items = expression.elts if isinstance(expression, ast.Tuple) else [expression]
    return [ast.unparse(item).rpartition(".")[2] for item in items]


def removed_handlers(source: Source) -> Iterator[Removal]:
    """Each `except` of a module, one at a time, and each class of those that have several."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Try):
            continue
        body = lines_of(node.body)
        for handler in node.handlers:
            caught = names(handler.type)
            changes: list[tuple[ast.expr | range, str]]
            changes = [(range(handler.lineno, (handler.end_lineno or 0) + 1), "")]
            if len(node.handlers) == 1 and not node.finalbody:
                changes.append((range(node.lineno, node.lineno + 1), "if True:"))
                if node.orelse:
                    at = node.orelse[0].lineno - 1
                    changes.append((range(at, at + 1), "if True:"))
            what = f"line {handler.lineno}: except {', '.join(caught)}"
            yield Removal(what, source.without(*changes), frozenset(caught), body)
            if isinstance(handler.type, ast.Tuple):
                for item in handler.type.elts:
                    others = [ast.unparse(other) for other in handler.type.elts if other != item]
                    text = source.without((handler.type, f"({', '.join(others)},)"))
                    what = f"line {handler.lineno}: {ast.unparse(item)} of its classes"
                    yield Removal(what, text, frozenset(names(item)), body)


def removed_declarations(source: Source) -> Iterator[Removal]:
    """Each exception of each `@raises` of a module, one at a time."""
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.FunctionDef):
            continue
        for call in node.decorator_list:
            if not isinstance(call, ast.Call) or ast.unparse(call.func) != "raises":
                continue
            given = [*call.args, *(keyword.value for keyword in call.keywords)]
            texts = [
                *map(ast.unparse, call.args),
                *(f"{keyword.arg}={ast.unparse(keyword.value)}" for keyword in call.keywords),
            ]
            for index, one in enumerate(given):
                others = ", ".join(texts[:index] + texts[index + 1 :])
                text = source.without((call, f"raises({others})"))
                what = f"line {call.lineno}: {texts[index]} of {node.name}"
                yield Removal(what, text, frozenset(names(one)), lines_of(node.body))


def subclasses(source: Source) -> dict[str, set[str]]:
    """By the exceptions that a module defines, and OSError, all that are of each."""
    found: dict[str, set[str]] = {"OSError": {"OSError", "TimeoutError"}}
    for node in source.tree.body:
        if isinstance(node, ast.ClassDef):
            found.setdefault(node.name, {node.name})
            for known in found.values():
                if known & {ast.unparse(base) for base in node.bases}:
                    known.add(node.name)
    return found


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_removal_is_reported_at_the_call(example: str, tmp_path: Path) -> None:
    text = (ROOT / "examples" / f"{example}.py").read_text(encoding="utf-8")
    source = Source(text)
    handlers, declarations = list(removed_handlers(source)), list(removed_declarations(source))
    assert len(handlers) >= text.count("    except ")
    assert len(declarations) >= 10
    removals = {f"{example}_{number}": one for number, one in enumerate([*handlers, *declarations])}
    contracts = re.search(
        r"^\[tool\.nimnet_effects.*?(?=^\[(?!tool\.nimnet_effects))", PYPROJECT, re.S | re.M
    )
    assert contracts
    project = CheckedProject(tmp_path, contracts[0])
    project.write({f"{name}.py": removal.source for name, removal in removals.items()})
    project.write({f"{example}.py": text})
    said: dict[str, list[tuple[int, str]]] = {name: [] for name in (example, *removals)}
    for line in project.cold("."):
        if match := SAID.match(line):
            said[match["module"]].append((int(match["line"]), match["text"]))
        else:
            assert ": note: " in line
    assert said[example] == []
    kinds = subclasses(source)
    wrong: list[str] = []
    for name, removal in removals.items():
        missed = set().union(*(kinds.get(each, {each}) for each in removal.exceptions))
        written = removal.source.splitlines()
        if not said[name]:
            wrong.append(f"{removal.what}: nothing is said")
        for number, finding in said[name]:
            match = FINDING.match(finding)
            assert match, finding
            called = (match["callee"] or "raise").removesuffix(".__init__").rpartition(".")[2]
            at_the_call = re.search(rf"\b{called}\b|\bwith\b", written[number - 1])
            classes = set(re.findall(r'"(\w+)"', match["classes"]))
            if number not in removal.lines or not at_the_call or not classes <= missed:
                wrong.append(f"{removal.what}: line {number}: {finding}")
    assert not wrong, "\n".join(wrong)


PATIENT = """\
import nimnet
from nimnet import Socket, raises
from redis_client import BrokenError, ErrorReplyError, Redis, Value, connected


@raises(BrokenError, ErrorReplyError)
def get(redis: Redis, key: str) -> Value:
    return redis.command("GET", key)


@raises(BrokenError)
def both(redis: Redis) -> list[Value]:
    return redis.pipeline([["GET", "one"], ["GET", "two"]])


@raises(BrokenError)
def local(port: nimnet.Port) -> Redis:
    return connected("localhost", port)


@raises(ConnectionError, nimnet.SslError)
def line(connection: Socket) -> bytes:
    try:
        return connection.recv_line()
    except nimnet.TimeoutError:
        raise
    except OSError as error:
        raise ConnectionError from error


@raises(OSError, nimnet.SslError)
def some(connection: Socket) -> bytes:
    return connection.recv_some(10)


@raises()
def there(connection: Socket, buffer: memoryview) -> int:
    return connection.recv(buffer, 10)
"""


IMPATIENT = {
    'redis.command("GET", key)': ('redis.command("GET", key, timeout=500)', "Redis.command"),
    '["GET", "two"]])': ('["GET", "two"]], timeout=500)', "Redis.pipeline"),
    '"localhost", port)': ('"localhost", port, timeout=500)', "connected"),
    "recv_line()": ("recv_line(500)", "Socket.recv_line"),
    "recv_some(10)": ("recv_some(10, timeout=500)", "Socket.recv_some"),
    "recv(buffer, 10)": ("recv(buffer, 10, 500)", "Socket.recv"),
}
"""By the call, the same with a timeout, and what it calls."""


def test_a_timeout_that_is_added_is_reported_at_the_call(tmp_path: Path) -> None:
    project = CheckedProject(tmp_path)
    example = (ROOT / "examples" / "redis_client.py").read_text(encoding="utf-8")
    project.write({"redis_client.py": example, "patient.py": PATIENT})
    wanted: dict[str, tuple[int, str]] = {}
    for number, (patient, (impatient, callee)) in enumerate(IMPATIENT.items()):
        assert PATIENT.count(patient) == 1
        project.write({f"impatient_{number}.py": PATIENT.replace(patient, impatient)})
        at = PATIENT[: PATIENT.index(patient)].count("\n") + 1
        wanted[f"impatient_{number}"] = (at, callee)
    found: dict[str, tuple[int, str]] = {}
    for line in project.cold("."):
        match = SAID.match(line)
        assert match, line
        finding = FINDING.match(match["text"])
        assert finding, line
        assert re.search(r'"(?:TimeoutError|OSError)"', finding["classes"]), line
        found[match["module"]] = (int(match["line"]), finding["callee"])
    assert found == wanted
