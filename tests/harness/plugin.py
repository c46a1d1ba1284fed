"""The pytest plugin of scenarios: which are run, what is said of those that fail, and a record.

pytest --statement recv.timeout-loses-nothing     only the scenarios of this statement
pytest --conformance-json results.json            what came of each scenario
pytest --watchdog 15                              seconds for each, where it may well wait for ever
pytest --first-failures                           of each statement no more than the first failure
"""

from __future__ import annotations

import difflib
import inspect
import json
import os
import re
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

import pytest

from harness import peer, places
from harness.failing_step import failing_step
from harness.programs import unavailable
from harness.specification import Sentence, sentences

pytest_plugins = ("harness.watchdog.plugin",)  # it knows the mark that scenarios get

_WATCHDOG: Final = 60
"""Seconds that one scenario may take, unless `--watchdog` says otherwise."""
_PROPERTY: Final = "scenario"
"""The name under which a test's report says which scenario it is."""
_SECTION: Final = "scenario"
"""The title of what a report says of it."""
_FAILED: Final = "failed_statements"
"""The key under which a worker is told what has failed before it came."""
_AUTHORITIES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""Variables that choose trusted authorities, by which a server demands certificates of clients."""
_NAMES_IPV6: Final = re.compile(r"::|ipv6|inet6", re.IGNORECASE)
"""What the source of a test has that is about addresses of IPv6."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("scenarios", "scenarios of the specification")
    group.addoption(
        "--statement",
        action="append",
        default=[],
        metavar="ID",
        help="run only the scenarios of this statement; can be repeated",
    )
    group.addoption(
        "--watchdog",
        type=float,
        default=_WATCHDOG,
        metavar="SECONDS",
        help=f"what one scenario may take (default: {_WATCHDOG})",
    )
    group.addoption(
        "--first-failures",
        action="store_true",
        help="once a test of a statement has failed, skip the others of that statement",
    )
    group.addoption(
        "--conformance-json",
        type=Path,
        metavar="FILE",
        help="write what came of each scenario to this file",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "scenario(statement, name, forms): a test of a statement of the specification",
    )
    for variable in _AUTHORITIES:
        os.environ.pop(variable, None)  # tests that are about it set it themselves
    wanted: list[str] = config.getoption("statement")
    known = sentences(config.rootpath) if wanted else {}
    for statement in wanted:
        if statement not in known:
            close = difflib.get_close_matches(statement, known, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise pytest.UsageError(
                f"--statement: the specification has no statement {statement}{hint}"
            )
    if config.getoption("first_failures"):
        config.pluginmanager.register(_FirstFailures(getattr(config, "workerinput", {})))
    config.pluginmanager.register(_Lost(config.rootpath))
    file: Path | None = config.getoption("conformance_json")
    if file is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Record(config.rootpath, file))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the files that have nothing of what is wanted: most of the time goes there."""
    wanted: list[str] = config.getoption("statement")
    if not wanted or collection_path.suffix != ".py":
        return None
    text = collection_path.read_text(encoding="utf-8")
    return None if any(f'"{statement}"' in text for statement in wanted) else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    watchdog = pytest.mark.timeout(config.getoption("watchdog"))
    for item in items:
        if (marker := item.get_closest_marker("scenario")) is not None:
            item.add_marker(watchdog)
            item.user_properties.append((_PROPERTY, _cell(item, marker)))
    wanted: list[str] = config.getoption("statement")
    if wanted:
        others = [item for item in items if _statement(item) not in wanted]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if _statement(item) in wanted]


def pytest_runtest_setup() -> None:
    peer.entered.clear()


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Skip a scenario that needs IPv6 of itself, not by its transport, where there is none."""
    try:
        return (yield)
    except OSError as error:
        if (
            error.errno in places.LACKING
            and pyfuncitem.get_closest_marker("scenario") is not None
            and _NAMES_IPV6.search(inspect.getsource(pyfuncitem.function))
            and not places.has_ipv6()
        ):
            unavailable(f"IPv6 is not available here: {error}")
        raise


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    marker = item.get_closest_marker("scenario")
    if report.failed and call.excinfo is not None and marker is not None:
        report.sections.append((_SECTION, _explained(item, call.excinfo)))
    return report


class _FirstFailures:
    """Skips what follows the first failure of a statement, also in the place of a lost worker."""

    def __init__(self, told: Mapping[str, list[str]]) -> None:
        self._failed = set(told.get(_FAILED, ()))

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: _Node) -> None:
        node.workerinput[_FAILED] = sorted(self._failed)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if _statement(item) in self._failed:
            pytest.skip("a test of this statement has failed")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        cell = _cell_of(report)
        if report.failed and cell is not None:
            self._failed.add(str(cell["statement"]))


class _Node(Protocol):
    """What is used of an xdist worker; xdist has no types."""

    workerinput: dict[str, object]


class _Lost:
    """Tells which scenario it was whose process was lost."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_handlecrashitem(self, report: pytest.TestReport) -> None:
        if (cell := _cell_of(report)) is not None:
            report.sections.append((_SECTION, "\n".join(_subject(self._root, cell))))


def _statement(item: pytest.Item) -> str | None:
    marker = item.get_closest_marker("scenario")
    return None if marker is None else str(marker.args[0])


def _cell(item: pytest.Item, marker: pytest.Mark) -> dict[str, object]:
    """Return which test of which scenario an item is, in the types that JSON has."""
    statement, name, forms = marker.args
    callspec = getattr(item, "callspec", None)
    values: dict[str, object] = {} if callspec is None else callspec.params
    return {
        "statement": statement,
        "scenario": name,
        "transport": values.get("transport"),
        "buffered": values.get("buffered"),
        "forms": forms,
    }


def _cell_of(report: pytest.TestReport) -> dict[str, object] | None:
    """Return what `_cell` said of the test of a report, if it is one of a scenario."""
    cell = dict(report.user_properties).get(_PROPERTY)
    return cell if isinstance(cell, dict) else None


def _explained(item: pytest.Item, caught: pytest.ExceptionInfo[BaseException]) -> str:
    cell = dict(item.user_properties)[_PROPERTY]
    assert isinstance(cell, dict)
    lines = _subject(item.config.rootpath, cell)
    callspec = getattr(item, "callspec", None)
    if callspec is not None:
        lines.append(f"cell: {callspec.id}")
    for one in peer.entered:
        lines += ["", "the peer's script:", *_indented(one.describe())]
    if step := failing_step(item.path, item.name.partition("[")[0], caught.tb):
        lines += ["", "the step that failed:", *_indented(step)]
    return "\n".join(lines)


def _subject(root: Path, cell: Mapping[str, object]) -> list[str]:
    """Return the statement and the scenario of a test."""
    statement, scenario = str(cell["statement"]), str(cell["scenario"])
    lines = [_placed(statement, scenario, sentences(root).get(statement))]
    return [*lines, f"scenario: {scenario}"] if scenario else lines


def _placed(statement: str, scenario: str, sentence: Sentence | None) -> str:
    if sentence is None:
        return f"{statement} (the specification has no such statement)"
    return f"{sentence.place_of(scenario)}: {statement}\n{sentence.says}"


def _indented(text: str) -> Sequence[str]:
    return [f"  {line}" for line in text.splitlines()]


class _Record:
    """What came of the scenarios, in the order of their first report."""

    def __init__(self, root: Path, file: Path) -> None:
        self._known = sentences(root)
        self._file = file
        self._results: dict[str, dict[str, object]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        cell = _cell_of(report)
        if cell is None:
            return
        sentence = self._known.get(str(cell["statement"]))
        begun: dict[str, object] = {
            "test": report.nodeid,
            "place": None if sentence is None else sentence.place,
            **cell,
            "outcome": "passed",
            "seconds": 0.0,
        }
        result = self._results.setdefault(report.nodeid, begun)
        seconds = result["seconds"]
        assert isinstance(seconds, float)
        result["seconds"] = seconds + report.duration
        if report.failed:
            result["outcome"] = "failed"
            shown = [report.longreprtext]
            shown += [text for title, text in report.sections if title == _SECTION]
            result["text"] = "\n\n".join(shown)
        elif report.skipped and result["outcome"] == "passed":
            result["outcome"] = "skipped"
            result["text"] = _reason(report)

    def pytest_sessionfinish(self) -> None:
        text = json.dumps({"results": list(self._results.values())}, indent=1)
        self._file.write_text(text + "\n", encoding="utf-8")


def _reason(report: pytest.TestReport) -> str:
    told = report.longrepr
    return told[2] if isinstance(told, tuple) else str(told)
