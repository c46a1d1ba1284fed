"""The watchdog in whole runs of pytest with the project's own configuration: nothing ends a run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest

ROOT: Final = Path(__file__).parents[2]

RUNS: Final = pytest.mark.parametrize(
    "workers", [(), ("--numprocesses=2",)], ids=["plain", "distributed"]
)
"""Both kinds of run."""

PLACES: Final = {
    "a_wait": """
def test_hangs():
    time.sleep(600)  # HERE
""",
    "a_call_that_keeps_the_interpreter_lock": """
def test_hangs():
    ctypes.PyDLL(None).sleep(600)  # HERE
""",
    "a_pattern_that_backtracks": """
def test_hangs():
    re.match("(a+)+$", 64 * "a" + "b")  # HERE
""",
    "a_call_with_all_signals_blocked": """
def test_hangs():
    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    time.sleep(600)  # HERE
""",
    "another_thread": """
def wait():
    time.sleep(600)  # HERE
def test_hangs():
    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    thread.join()
""",
    "a_forked_child": """
def test_hangs():
    child = os.fork()
    if not child:
        time.sleep(600)  # HERE
    os.waitpid(child, 0)
""",
    "setup": """
@pytest.fixture
def resource():
    time.sleep(600)  # HERE
def test_hangs(resource): pass
""",
    "teardown": """
@pytest.fixture
def resource():
    yield
    time.sleep(600)  # HERE
def test_hangs(resource): pass
""",
    "teardown_after_a_failure": """
@pytest.fixture
def resource():
    yield
    time.sleep(600)  # HERE
def test_hangs(resource):
    assert "the test" == "has failed"
""",
    "setup_of_a_module": """
@pytest.fixture(scope="module")
def resource():
    time.sleep(600)  # HERE
def test_hangs(resource): pass
""",
    "pytest_as_it_explains": """
class Value:
    def __repr__(self):
        time.sleep(600)  # HERE
def test_hangs():
    assert Value() is None
""",
    "pytest_as_it_reports": """
def test_hangs(request):
    class Slow:
        def pytest_runtest_logreport(self):
            time.sleep(600)  # HERE
    request.config.pluginmanager.register(Slow())
""",
}
"""Places that a test can hang in; the stacks must name the line that says so."""

TOOLS: Final = {
    "coverage": """
import coverage
def test_hangs(monkeypatch):
    def hang(*_):
        time.sleep(600)  # HERE
    current = coverage.Coverage.current()
    monkeypatch.setattr(type(current), "_post_save_work", hang)
    current.save()
    current.get_data()
""",
    "an_example_of_hypothesis": """
import hypothesis.strategies
@hypothesis.given(hypothesis.strategies.integers())
def test_hangs(number):
    time.sleep(600)  # HERE
""",
    "hypothesis_as_it_draws": """
import hypothesis.strategies
def slow(number):
    time.sleep(600)  # HERE
@hypothesis.given(hypothesis.strategies.integers().map(slow))
def test_hangs(number): pass
""",
}
"""Places inside of tools that take long to load."""

HEAD: Final = """
import ctypes, os, pytest, re, signal, threading, time
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_before(): pass
"""
"""What stands before a test that hangs; a test before it and one after it must run."""

OUTSIDE: Final = {
    "collecting test_hanging.py": (
        "test_hanging.py",
        """
import time
time.sleep(600)  # HERE
""",
    ),
    "finishing": (
        "conftest.py",
        """
import time
def pytest_sessionfinish(session):
    if hasattr(session.config, "workerinput"):
        time.sleep(600)  # HERE
""",
    ),
    "finishing: coverage": (
        "conftest.py",
        """
import coverage, time
def hang(_):
    time.sleep(600)  # HERE
def pytest_configure(config):
    if hasattr(config, "workerinput"):
        coverage.Coverage.save = hang
""",
    ),
    "leaving": (
        "conftest.py",
        """
import threading, time
def hang():
    time.sleep(600)  # HERE
def pytest_sessionfinish(session):
    if hasattr(session.config, "workerinput"):
        threading.Thread(target=hang).start()
""",
    ),
}
"""What a worker can be at where no test runs: the file that hangs."""


CRASHES: Final = {
    "a_null_pointer": (
        """
def test_crashes():
    ctypes.string_at(0)  # HERE
""",
        "SIGSEGV",
    ),
    "a_null_pointer_in_another_thread": (
        """
def crash():
    ctypes.string_at(0)  # HERE
def test_crashes():
    thread = threading.Thread(target=crash)
    thread.start()
    thread.join()
""",
        "SIGSEGV",
    ),
    "after_a_run_of_pytest_inside_of_it": (
        """
def test_runs_pytest(tmp_path):
    pytest.main([str(tmp_path), "-c", os.devnull, "-p", "no:cacheprovider", "-p", "no:xdist"])
def test_crashes():
    ctypes.string_at(0)  # HERE
""",
        "SIGSEGV",
    ),
    "an_abort": (
        """
def test_crashes():
    os.abort()  # HERE
""",
        "SIGABRT",
    ),
    "a_fatal_error_of_the_interpreter": (
        """
def test_crashes():
    ctypes.pythonapi.Py_FatalError(b"the interpreter's last words")  # HERE
""",
        "SIGABRT",
    ),
    "a_kill": (
        """
def test_crashes():
    os.kill(os.getpid(), signal.SIGKILL)
""",
        "SIGKILL",
    ),
    "an_exit": (
        """
def test_crashes():
    os._exit(3)
""",
        "exit status 3",
    ),
}
"""Ways in which a worker can end inside of a test, and what is told of each."""

CRASHES_OUTSIDE: Final = {
    "collecting test_crashing.py": ("test_crashing.py", "ctypes.string_at(0)  # HERE"),
    "leaving": (
        "conftest.py",
        """
def crash():
    ctypes.string_at(0)  # HERE
def pytest_sessionfinish(session):
    if hasattr(session.config, "workerinput"):
        atexit.register(crash)
""",
    ),
}
"""As `OUTSIDE`, where it crashes."""


SPEC: Final = """\
procs:
  - name: recv
    statements:
      - id: recv.reads
        says: Reads what has come.
        scenarios: [{name: slowly, steps: []}]
"""

SCENARIOS: Final = """
import time
from nimnet_gen.testing.matrix import scenario
@scenario("recv.reads", "slowly", transports=("tcp", "unix", "udp"))
def test_reads(transport):
    time.sleep(600)  # HERE
"""


class Run:
    """A run of pytest that has ended."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        results = folder / "results.xml"
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-p", "no:sugar", "-p", "no:cacheprovider"),
                *("-o", f"pythonpath={ROOT / 'tests'}", "-o", "testpaths=."),
                *(f"--junitxml={results}", *arguments),
            ],
            cwd=folder,
            env={name: text for name, text in os.environ.items() if not name.startswith("COV")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.status = done.returncode
        self.output = done.stdout
        self.outcomes: Counter[str] = Counter()
        self.failures: dict[str, str] = {}
        for case in ET.parse(results).iter("testcase"):
            told = [each.text or "" for each in case if each.tag in {"failure", "error"}]
            name = f"{case.get('classname')}::{case.get('name')}"
            skipped = case.find("skipped") is not None
            self.outcomes["failed" if told else "skipped" if skipped else "passed"] += 1
            if told:
                self.failures[name] = "\n".join(told)

    def names(self, file: str, told: str) -> bool:
        """Whether stacks have the line of a file that is marked."""
        path = self.folder / file
        lines = path.read_text(encoding="utf-8").splitlines()
        (line,) = (number for number, text in enumerate(lines, 1) if text.endswith("# HERE"))
        return re.search(rf'File "{re.escape(str(path))}", line {line} in ', told) is not None

    def reports_coverage(self) -> bool:
        """Whether there is a total of what was covered."""
        return re.search(r"^TOTAL .*%$", self.output, re.MULTILINE) is not None

    def last(self) -> str:
        """The last line, which is pytest's summary."""
        return self.output.splitlines()[-1]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the project's configuration, and two tests."""
    for name in ("pyproject.toml", "conftest.py"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


@pytest.fixture
def scenarios(project: Path) -> Path:
    """A folder with a statement, whose scenario hangs on each transport."""
    (project / "spec" / "net").mkdir(parents=True)
    (project / "spec" / "net" / "socket.yaml").write_text(SPEC, encoding="utf-8")
    (project / "test_hanging.py").write_text(SCENARIOS, encoding="utf-8")
    return project


@RUNS
@pytest.mark.parametrize(
    ("places", "limit", "options"),
    [(PLACES, 2, ()), (TOOLS, 6, ("--cov=.",))],
    ids=["bare", "tools"],
)
@pytest.mark.timeout(300)
def test_each_hang_is_one_failure_wherever_it_is(
    project: Path,
    places: Mapping[str, str],
    limit: int,
    options: tuple[str, ...],
    workers: tuple[str, ...],
) -> None:
    for place, hangs in places.items():
        limited = f"pytest.mark.timeout({limit})(test_hangs)"
        source = f"{HEAD}{hangs}\n{limited}\ndef test_after(): pass\n"
        (project / f"test_{place}.py").write_text(source, encoding="utf-8")
    run = Run(project, *options, *workers)
    assert "INTERNALERROR" not in run.output
    told = {place: run.failures.get(f"test_{place}::test_hangs", "") for place in places}
    met = f"met its watchdog of {limit} s"
    silent = [place for place, text in told.items() if met not in text]
    assert not silent, run.output
    vague = [place for place, text in told.items() if not run.names(f"test_{place}.py", text)]
    assert not vague, run.output
    assert run.outcomes == {"failed": len(places), "passed": 2 * len(places)}
    assert run.status == pytest.ExitCode.TESTS_FAILED
    assert not options or run.reports_coverage()
    assert re.fullmatch(r"=+ [0-9]+ failed, [0-9]+ passed in .* =+", run.last())


@RUNS
@pytest.mark.parametrize(("doing", "place"), OUTSIDE.items(), ids=list(OUTSIDE))
def test_a_hang_outside_of_tests_is_one_failure(
    project: Path, doing: str, place: tuple[str, str], workers: tuple[str, ...]
) -> None:
    file, hangs = place
    with (project / file).open("a", encoding="utf-8") as source:
        source.write(hangs)
    others = "import pytest\n@pytest.mark.parametrize('n', range(9))\ndef test_other(n): pass\n"
    (project / "test_others.py").write_text(others, encoding="utf-8")
    # Saving what was covered may well wait for the disk.
    limit = ("--cov=.", "-o", "watchdog=12") if "coverage" in doing else ("-o", "watchdog=8")
    # A worker that has not imported hypothesis does it for its summary, which takes long.
    run = Run(project, "-p", "no:hypothesispytest", *limit, *workers)
    assert "INTERNALERROR" not in run.output
    assert run.outcomes == {"failed": 1, "passed": 9}, run.output
    (told,) = run.failures.values()
    assert told.startswith("met its watchdog"), told
    assert f"while {doing.partition(':')[0]}" in told
    assert run.names(file, told), told
    assert run.status == pytest.ExitCode.TESTS_FAILED
    assert "coverage" not in doing or run.reports_coverage()
    assert re.fullmatch(r"=+ (1 failed, 9 passed|9 passed, 1 error) in .* =+", run.last())


@RUNS
@pytest.mark.timeout(300)
def test_each_crash_is_one_failure_that_tells_where_it_was(
    project: Path, workers: tuple[str, ...]
) -> None:
    for place, (crashes, _) in CRASHES.items():
        source = f"{HEAD}{crashes}\ndef test_after(): pass\n"
        (project / f"test_{place}.py").write_text(source, encoding="utf-8")
    run = Run(project, *workers)
    assert "INTERNALERROR" not in run.output
    for place, (crashes, how) in CRASHES.items():
        told = run.failures.get(f"test_{place}::test_crashes", "")
        assert f"ended by itself ({how}) while running test_{place}.py::test_crashes" in told, told
        if "fatal_error" in place:  # which the interpreter tells of on standard error alone
            _, captured, rest = run.output.partition(" Captured stderr call ")
            assert captured, run.output
            told = rest.partition("\n____")[0]
        assert "HERE" not in crashes or run.names(f"test_{place}.py", told), told
    assert run.outcomes == {"failed": len(CRASHES), "passed": 2 * len(CRASHES) + 1}, run.output


@RUNS
@pytest.mark.parametrize(("doing", "place"), CRASHES_OUTSIDE.items(), ids=list(CRASHES_OUTSIDE))
def test_a_crash_outside_of_tests_is_one_failure(
    project: Path, doing: str, place: tuple[str, str], workers: tuple[str, ...]
) -> None:
    file, crashes = place
    with (project / file).open("a", encoding="utf-8") as source:
        source.write(f"\nimport atexit, ctypes\n{crashes}")
    (project / "test_other.py").write_text("def test_other(): pass", encoding="utf-8")
    run = Run(project, *workers)
    assert "INTERNALERROR" not in run.output
    assert run.outcomes == {"failed": 1, "passed": 1}, run.output
    (told,) = run.failures.values()
    assert told.startswith("ended by itself"), told
    assert f"while {doing}" in told
    assert run.names(file, told), told
    assert run.status == pytest.ExitCode.TESTS_FAILED


def test_a_forked_child_that_crashes_is_told_of_at_the_terminal(project: Path) -> None:
    (project / "test_forks.py").write_text(
        """
import ctypes, os, signal
def test_forks():
    child = os.fork()
    if not child:
        ctypes.string_at(0)  # HERE
    assert os.waitpid(child, 0)[1] == signal.SIGSEGV
""",
        encoding="utf-8",
    )
    run = Run(project)
    assert run.status == pytest.ExitCode.OK, run.output
    assert run.names("test_forks.py", run.output), run.output


@RUNS
def test_what_a_test_had_started_ends_with_it(project: Path, workers: tuple[str, ...]) -> None:
    (project / "test_hanging.py").write_text(
        """
import pathlib, pytest, subprocess, sys, time
CHILD = "import subprocess, time; subprocess.Popen(['sleep', '600'], start_new_session=True)"
@pytest.mark.timeout(2)
def test_hangs():
    program = subprocess.Popen(
        [sys.executable, "-c", CHILD + "; print(flush=True); time.sleep(600)"],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    program.stdout.readline()
    grandchild = pathlib.Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text()
    pathlib.Path("started").write_text(f"{program.pid} {grandchild}")
    time.sleep(600)
""",
        encoding="utf-8",
    )
    run = Run(project, *workers)
    assert run.outcomes == {"failed": 1}, run.output
    program, grandchild = (project / "started").read_text(encoding="utf-8").split()
    assert not is_alive(program)
    assert not is_alive(grandchild)


def is_alive(pid: str) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


@RUNS
def test_the_first_failure_ends_a_run_that_is_to_end_with_it(
    project: Path, workers: tuple[str, ...]
) -> None:
    (project / "test_hanging.py").write_text(
        """
import pytest, time
@pytest.mark.timeout(1)
@pytest.mark.parametrize("number", range(9))
def test_hangs(number):
    time.sleep(600)
""",
        encoding="utf-8",
    )
    run = Run(project, "--exitfirst", *workers)
    assert run.outcomes.keys() == {"failed"}
    assert run.outcomes["failed"] <= 2, run.output
    assert "stopping after 1 failures" in run.output


@RUNS
def test_a_scenario_that_hangs_is_recorded_as_failed(
    scenarios: Path, workers: tuple[str, ...]
) -> None:
    run = Run(scenarios, "--watchdog=1", "--conformance-json=out.json", *workers)
    results = json.loads((scenarios / "out.json").read_text(encoding="utf-8"))["results"]
    told = {result["transport"]: (result["outcome"], result["text"]) for result in results}
    assert told.keys() == {"tcp", "unix", "udp"}
    for outcome, text in told.values():
        assert outcome == "failed"
        assert "met its watchdog of 1 s" in text
        assert "spec/net/socket.yaml:6: recv.reads\nReads what has come." in text
        assert run.names("test_hanging.py", text)


@RUNS
def test_a_statement_that_hung_is_not_tried_again(
    scenarios: Path, workers: tuple[str, ...]
) -> None:
    run = Run(scenarios, "--watchdog=1", "--first-failures", *workers)
    assert run.outcomes["failed"] <= 2
    assert run.outcomes["skipped"] >= 1


def test_without_a_worker_stacks_are_shown_and_the_test_goes_on(project: Path) -> None:
    (project / "test_slow.py").write_text(
        """
import pytest, time
@pytest.mark.timeout(0.2)
def test_is_slow():
    time.sleep(1)  # HERE
""",
        encoding="utf-8",
    )
    run = Run(project, "--numprocesses=0")
    assert run.status == pytest.ExitCode.OK
    assert run.names("test_slow.py", run.output)


def test_a_debugger_has_the_terminal(project: Path) -> None:
    (project / "test_wrong.py").write_text("def test_wrong(): assert False", encoding="utf-8")
    run = Run(project, "--pdb")
    assert "(Pdb)" in run.output
