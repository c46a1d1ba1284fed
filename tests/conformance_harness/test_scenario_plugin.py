"""The plugin of scenarios, in runs of pytest of its own."""

from __future__ import annotations

import json

import pytest

SPEC = """\
procs:
  - name: recv
    statements:
      - id: recv.reads
        says: >
          Reads what
          has come.
        scenarios:
          - {steps: []}
          - steps: []
            name: at once
      - {id: recv.ends, says: The end is empty.}
"""

TESTS = """\
from harness.actions import Close, Send, WaitFor
from nimnet_gen.testing.matrix import Form, scenario
from harness.scenario import stage
from nimnet_gen.testing.demands import raising
import pytest

def read_a(socket, size): return socket.recv(size)
def read_b(socket, size): return socket.recv(size)
def write_a(socket, data): socket.send(data)
READ = (Form("recv/4", read_a), Form("recv/3", read_b))
WRITE = (Form("send/2", write_a), Form("send/1", write_a), Form("&=", write_a, ("unix",)))

@scenario("recv.reads", "at once", transports=("tcp", "unix"), buffered=(False,), read=READ)
def test_reads(transport, buffered, read):
    script = [Send(b"01"), WaitFor("more"), Send(b"2")]
    with stage("connection", transport, buffered=buffered, script=script) as (socket, peer):
        assert read(socket, 2) == b"01"
        with raising(ValueError):
            assert read(
                socket, 0
            ) == b""

@scenario("recv.ends", "inside", transports=("tcp",), buffered=(True,))
def test_inside(transport, buffered):
    with stage("client", transport, buffered=buffered) as (socket, _):
        with socket as again, again:
            assert again.closed is False
            assert again.closed is True
            assert again is socket

@scenario("recv.ends", "before", transports=("tcp",), buffered=(True,))
def test_before(transport, buffered):
    with stage("client", transport, buffered=buffered) as (socket, _):
        with socket.accept() as client:
            assert client.closed is False

@scenario("recv.ends", "joined")
def test_joined():
    with stage("nothing") as (_, peer), raising(ValueError):
        assert peer is not None

@scenario("recv.ends")
def test_ends():
    pass

@scenario("recv.ends", "pairs", transports=("tcp", "unix"), read=READ, write=WRITE)
def test_pairs(transport, read, write):
    pytest.skip("no reason")
"""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    (pytester.mkdir("spec") / "net").mkdir()
    (pytester.path / "spec" / "net" / "socket.yaml").write_text(SPEC, encoding="utf-8")
    pytester.makepyprojecttoml('[tool.nimnet-gen]\nspec = "spec/net"')
    pytester.makepyfile(test_written=TESTS)
    pytester.makeini("[pytest]\naddopts = -p harness.plugin --strict-markers")
    return pytester


def test_a_failure_tells_sentence_cell_script_and_step(project: pytest.Pytester) -> None:
    result = project.runpytest("-k", "unbuffered-recv/3 and tcp")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*- scenario -*",
            "spec/net/socket.yaml:11: recv.reads",
            "Reads what has come.",
            "scenario: at once",
            "cell: tcp-unbuffered-recv/3",
            "the peer's script:",
            "  played: Accept(), Send(b'01')",
            "  broken off: WaitFor('more')",
            "  still to come: Send(b'2')",
            "the step that failed:",
            "  with raising(ValueError):",
            "      assert read(",
            "          socket, 0",
            '      ) == b""',
        ],
        consecutive=False,
    )


@pytest.mark.parametrize(
    ("test", "step"),
    [
        ("test_inside", ["  assert again.closed is True"]),
        ("test_before", ["  with socket.accept() as client:"]),
        (
            "test_joined",
            [
                '  with stage("nothing") as (_, peer), raising(ValueError):',
                "      assert peer is not None",
            ],
        ),
    ],
)
def test_a_step_is_found_in_what_encloses_it(
    project: pytest.Pytester, test: str, step: list[str]
) -> None:
    shown = project.runpytest("-k", test).stdout.str()
    _, _, after = shown.partition("the step that failed:\n")
    assert after.splitlines()[: len(step)] == step
    assert after.splitlines()[len(step)].startswith(("=", "-"))


def test_each_cell_is_one_test(project: pytest.Pytester) -> None:
    items, _ = project.inline_genitems()
    assert [item.name for item in items] == [
        "test_reads[tcp-unbuffered-recv/4]",
        "test_reads[tcp-unbuffered-recv/3]",
        "test_reads[unix-unbuffered-recv/4]",
        "test_reads[unix-unbuffered-recv/3]",
        "test_inside[tcp-buffered]",
        "test_before[tcp-buffered]",
        "test_joined",
        "test_ends",
        "test_pairs[tcp-recv/4-send/2]",
        "test_pairs[tcp-recv/3-send/1]",
        "test_pairs[unix-recv/4-send/2]",
        "test_pairs[unix-recv/3-send/1]",
        "test_pairs[unix-recv/4-&=]",
    ]


def test_statements_are_selected(project: pytest.Pytester) -> None:
    result = project.runpytest("--statement", "recv.ends")
    result.assert_outcomes(passed=1, failed=3, skipped=5, deselected=4)


def test_a_statement_ends_with_its_first_failure(project: pytest.Pytester) -> None:
    project.runpytest("--first-failures", "--conformance-json", "out.json")
    results = json.loads((project.path / "out.json").read_text(encoding="utf-8"))["results"]
    failed = [each["statement"] for each in results if each["outcome"] == "failed"]
    assert failed == ["recv.reads", "recv.ends"]


def test_an_unknown_statement_is_refused(project: pytest.Pytester) -> None:
    result = project.runpytest("--statement", "recv.reed")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*no statement recv.reed*did you mean recv.reads*"])


@pytest.mark.parametrize("workers", [[], ["-n", "2"]])
def test_results_are_recorded(project: pytest.Pytester, workers: list[str]) -> None:
    project.runpytest("--conformance-json", "out.json", *workers)
    results = json.loads((project.path / "out.json").read_text(encoding="utf-8"))["results"]
    assert len(results) == 13
    found = {result["test"].partition("::")[2]: result for result in results}
    failed = found["test_reads[unix-unbuffered-recv/3]"]
    seconds, text = failed.pop("seconds"), failed.pop("text")
    assert 0 < seconds < 60
    assert "DID NOT RAISE" in text
    assert "spec/net/socket.yaml:11: recv.reads" in text
    assert failed == {
        "test": "test_written.py::test_reads[unix-unbuffered-recv/3]",
        "place": "spec/net/socket.yaml:4",
        "statement": "recv.reads",
        "scenario": "at once",
        "transport": "unix",
        "buffered": False,
        "forms": {"read": "recv/3"},
        "outcome": "failed",
    }
    assert found["test_ends"]["outcome"] == "passed"
    assert found["test_ends"]["transport"] is None
    skipped = found["test_pairs[unix-recv/4-&=]"]
    assert skipped["outcome"] == "skipped"
    assert skipped["text"].endswith("no reason")
    assert skipped["forms"] == {"read": "recv/4", "write": "&="}
