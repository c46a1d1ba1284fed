"""The pytest plugin of scenarios: which are run, what is said of those that fail, and a record.

pytest --statement list.is-sorted         only the scenarios of this statement
pytest --conformance-json results.json    what came of each scenario
pytest --watchdog 15                      seconds for each, where it may well wait for ever
pytest --first-failures                   of each statement no more than the first failure
"""

from __future__ import annotations

import difflib
from collections.abc import Generator, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, Protocol

import pytest

from nimnet_gen.project.configuration import ConfigurationError
from nimnet_gen.testing import hooks
from nimnet_gen.testing.cells import MARK, cell_of, folder_of, note_cell, statement_of
from nimnet_gen.testing.explanation import SECTION, explained, subject
from nimnet_gen.testing.record import Record
from nimnet_gen.testing.sentences import sentences
from nimnet_gen.testing.watchdog import Watchdog, limit

_WATCHDOG: Final = 60
"""Seconds that one scenario may take, unless `--watchdog` says otherwise."""
_FAILED: Final = "failed_statements"
"""The key under which a worker is told what has failed before it came."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
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


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the hook that other plugins explain failures with."""
    pluginmanager.add_hookspecs(hooks)


def pytest_configure(config: pytest.Config) -> None:
    """Look at the options, and at the project if one of them speaks of it."""
    config.addinivalue_line(
        "markers",
        f"{MARK}(statement, name, forms): a test of a statement of the specification",
    )
    file: Path | None = config.getoption("conformance_json")
    try:
        _know(_folders(config), config.getoption("statement"))
        if file is not None and not hasattr(config, "workerinput"):
            config.pluginmanager.register(Record(config.rootpath, file))
    except ConfigurationError as error:
        raise pytest.UsageError(str(error)) from None
    if config.getoption("first_failures"):
        config.pluginmanager.register(_FirstFailures(getattr(config, "workerinput", {})))
    config.pluginmanager.register(_Lost(config.rootpath))
    config.pluginmanager.register(Watchdog())


def _folders(config: pytest.Config) -> Iterator[Path]:
    """Yield folders of the projects whose tests are run: there can be several below the root."""
    yield config.rootpath
    for argument in config.args:
        path = config.invocation_params.dir / argument.partition("::")[0]
        yield path if path.is_dir() else path.parent


def _know(folders: Iterable[Path], wanted: list[str]) -> None:
    """Demand that a specification has these statements."""
    known = {one for folder in folders for one in sentences(folder)} if wanted else set()
    for statement in wanted:
        if statement not in known:
            close = difflib.get_close_matches(statement, known, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise pytest.UsageError(
                f"--statement: the specification has no statement {statement}{hint}"
            )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the files that have nothing of what is wanted: most of the time goes there."""
    wanted: list[str] = config.getoption("statement")
    if not wanted or collection_path.suffix != ".py":
        return None
    text = collection_path.read_text(encoding="utf-8")
    return None if any(f'"{statement}"' in text for statement in wanted) else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Note which scenario each test is of, limit it, and leave out what is not wanted."""
    for item in items:
        if (marker := item.get_closest_marker(MARK)) is not None:
            limit(config, item, config.getoption("watchdog"))
            note_cell(item, marker)
    wanted: list[str] = config.getoption("statement")
    if wanted:
        others = [item for item in items if statement_of(item) not in wanted]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if statement_of(item) in wanted]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the report of a scenario that failed explain it."""
    report = yield
    if report.failed and call.excinfo is not None and cell_of(item) is not None:
        report.sections.append((SECTION, explained(item, call.excinfo)))
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
        if statement_of(item) in self._failed:
            pytest.skip("a test of this statement has failed")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        cell = cell_of(report)
        if report.failed and cell is not None:
            self._failed.add(str(cell["statement"]))


class _Node(Protocol):
    """What is used of an xdist worker; xdist has no types."""

    workerinput: dict[str, object]


class _Lost:
    """Tells which scenario it was whose process was lost."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._begun: dict[str, list[tuple[str, object]]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "setup":
            self._begun[report.nodeid] = report.user_properties
        elif report.when == "teardown":
            self._begun.pop(report.nodeid, None)

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_handlecrashitem(self, report: pytest.TestReport) -> None:
        """Say of the report, which xdist made, what only the lost process could."""
        report.user_properties = report.user_properties or self._begun.pop(report.nodeid, [])
        if (cell := cell_of(report)) is not None:
            folder = folder_of(report, self._root)
            report.sections.append((SECTION, "\n".join(subject(folder, cell))))
