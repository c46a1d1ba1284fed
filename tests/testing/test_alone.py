"""The plugin in a project that has nothing else: no watchdog, no stage, no package of ours."""

from __future__ import annotations

import json

import pytest

TESTS = """\
import time
import pytest
from nimnet_gen.testing.demands import raising
from nimnet_gen.testing.matrix import Form, scenario

PARSE = (Form("parse/1", int), Form("parse/2", float, ("text",)))

ON = ("text", "stream")
SIDES = ("left", "right")

@scenario("parse.sides", transports=ON, side=SIDES, parse=PARSE)
def test_sides(transport, side, parse):
    assert side in SIDES

@scenario("parse.number", "of digits", transports=ON, strict=(True, False), parse=PARSE)
def test_digits(transport, strict, parse):
    with raising(ValueError, message="invalid"):
        parse("1" if transport == "stream" and not strict else "x") if parse is int else int("x")

@pytest.fixture
def slow_to_end():
    yield
    time.sleep(600)

@scenario("parse.waits")
def test_waits():
    time.sleep(600)

@scenario("parse.ends")
def test_ends(slow_to_end):
    raise ValueError

def test_other():
    pass
"""
HONOURED = """\
def pytest_configure(config):
    config.addinivalue_line("markers", "timeout(seconds): how long a test may take")

def pytest_runtest_setup(item):
    for mark in item.iter_markers("timeout"):
        print(f"{item.name}: {mark.args[0]} s")
"""
SPEC = """\
statements:
  - id: parse.number
    says: Digits are a number.
    scenarios: [{name: of digits, steps: []}]
  - {id: parse.waits, says: It waits.}
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyprojecttoml(
        """
        [tool.nimnet-gen]
        spec = "words"
        [tool.pytest.ini_options]
        addopts = "--strict-markers -p nimnet_gen.testing.plugin"
        """
    )
    (pytester.mkdir("words") / "parse.yaml").write_text(SPEC, encoding="utf-8")
    pytester.makepyfile(test_parse=TESTS)
    return pytester


def run(project: pytest.Pytester, *arguments: str, workers: bool = False) -> pytest.RunResult:
    plugins = () if workers else ("-p", "no:xdist", "-p", "no:cov")
    return project.runpytest_subprocess(*plugins, *arguments, timeout=60)


def test_a_failure_is_placed(project: pytest.Pytester) -> None:
    result = run(project, "-k", "digits")
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(
        [
            "words/parse.yaml:4: parse.number",
            "Digits are a number.",
            "scenario: of digits",
            "cell: stream-unstrict-parse/1",
            "the step that failed:",
            '  with raising(ValueError, message="invalid"):',
        ]
    )


@pytest.fixture
def two(project: pytest.Pytester) -> pytest.Pytester:
    """Another project below the first, with a statement of its own, and one of the same name."""
    inner = project.mkdir("inner")
    (inner / "pyproject.toml").write_text('[tool.nimnet-gen]\nspec = "spec"', encoding="utf-8")
    (inner / "spec").mkdir()
    (inner / "spec" / "parse.yaml").write_text(
        SPEC.replace("Digits are a number", "It is another").replace("parse.waits", "parse.stays"),
        encoding="utf-8",
    )
    (inner / "test_inner.py").write_text(TESTS.replace("parse.waits", "parse.stays"))
    return project


@pytest.mark.parametrize("workers", [False, True])
def test_each_test_is_told_of_by_its_own_specification(two: pytest.Pytester, workers: bool) -> None:
    arguments = (
        "-k",
        "digits and unstrict and stream and parse/1",
        "--conformance-json",
        "out.json",
    )
    result = run(two, *arguments, *(("-n", "1") if workers else ()), workers=workers)
    result.assert_outcomes(failed=2)
    told = result.stdout.str()
    assert "words/parse.yaml:4: parse.number\nDigits are a number." in told
    assert "spec/parse.yaml:4: parse.number\nIt is another." in told
    results = json.loads((two.path / "out.json").read_text(encoding="utf-8"))["results"]
    assert {result["test"].partition("::")[0]: result["place"] for result in results} == {
        "test_parse.py": "words/parse.yaml:2",
        "inner/test_inner.py": "spec/parse.yaml:2",
    }


def test_a_worker_that_hangs_is_told_of_by_its_own_specification(two: pytest.Pytester) -> None:
    result = run(two, "-k", "inner and waits", "--watchdog", "1", "-n", "1", workers=True)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["spec/parse.yaml:5: parse.stays", "It waits."])


def test_a_statement_is_known_where_its_tests_are_run(two: pytest.Pytester) -> None:
    result = run(two, "--statement", "parse.stays", "--collect-only", "-q", "inner")
    assert result.outlines[0] == "inner/test_inner.py::test_waits"
    result = run(two, "--statement", "parse.stays", "test_parse.py")
    assert result.ret == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize(("test", "line"), [("waits", "test_waits"), ("ends", "slow_to_end")])
def test_what_hangs_ends_with_its_stacks(project: pytest.Pytester, test: str, line: str) -> None:
    result = run(project, "-k", test, "--watchdog", "1")
    assert result.ret == 1
    result.stderr.fnmatch_lines(["Timeout (0:00:01)!", f"*test_parse.py*in {line}"])


def test_a_worker_that_hangs_is_one_failure(project: pytest.Pytester) -> None:
    arguments = ("-k", "waits or other", "--watchdog", "1", "-n", "1")
    result = run(project, *arguments, workers=True)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*- scenario -*", "words/parse.yaml:5: parse.waits", "It waits."])


def test_a_watchdog_that_is_there_does_it(project: pytest.Pytester) -> None:
    project.makeconftest(HONOURED)
    result = run(project, "-k", "digits or other", "--watchdog", "0.5", "-s")
    limited = [line for line in result.outlines if line.endswith(": 0.5 s")]
    assert len(limited) == 6
    assert all("test_digits[" in line for line in limited)


def test_a_cell_has_each_variant_under_its_name(project: pytest.Pytester) -> None:
    run(project, "-k", "stream and (sides or digits)", "--conformance-json", "out.json")
    results = json.loads((project.path / "out.json").read_text(encoding="utf-8"))["results"]
    assert [
        (result["test"].partition("::")[2], result.get("side"), result.get("strict"))
        for result in results
    ] == [
        ("test_sides[stream-left-parse/1]", "left", None),
        ("test_sides[stream-right-parse/1]", "right", None),
        ("test_digits[stream-strict-parse/1]", None, True),
        ("test_digits[stream-unstrict-parse/1]", None, False),
    ]
    assert all(result["forms"] == {"parse": "parse/1"} for result in results)


def test_a_wrong_configuration_is_said(project: pytest.Pytester) -> None:
    project.makepyprojecttoml("[tool.nimnet-gen]\nspec = 3")
    result = run(project, "-p", "nimnet_gen.testing.plugin", "--statement", "parse.waits")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*[[]tool.nimnet-gen]: `spec` must be a path in quotes, not 3*"])


def test_where_there_is_no_project_there_are_no_statements(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_parse=TESTS)
    result = run(pytester, "-p", "nimnet_gen.testing.plugin", "-k", "digits")
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(["parse.number (the specification has no such statement)"])
