"""The Nim that scenarios become, and what the oracle makes of what Nim does in them."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from harness.specifications import load_folder
from nimnet_gen.checks import check
from nimnet_gen.naming.names import nim_identity
from nimnet_gen.plan import resolve
from nimnet_gen.plan.oracle.program import OracleView, oracle_view
from nimnet_gen.plan.oracle.source import identifier, literal, unique_names
from nimnet_gen.testing.oracle.cells import Cell, Run
from nimnet_gen.testing.oracle.conversation import Observation
from nimnet_gen.testing.oracle.outcome import Outcome, judged, may_be_load
from nimnet_gen.testing.sentences import sentences
from oracle.peers import action

BASE = Path(__file__).parent / "base"

ORACLE = """\
subject: stage.socket
waits: {param: timeout, raises: TimeoutError, never: 1000}
names:
  - {type: text, nim: 'textOf("{name}")'}
  - {type: Port, nim: 'portOf("{name}")'}
"""
PROCS = """\
name: extra
doc: A test.
types:
  - {name: OwnError, kind: exception, base: SslError, extension: true, doc: L.}
consts:
  - {name: OwnLimit, value: 3, extension: true, doc: O.}
procs:
  - name: echo
    raises: [OSError, TimeoutError]
    errors: {OSError: it fails, TimeoutError: too late}
    doc: E.
    returns: {type: string, as: data}
    params:
      - {name: data, type: string, as: data}
      - {name: timeout, type: int, default: "-1", extension: true}
  - name: fill
    raises: []
    doc: F.
    returns: int
    params: [{name: memory, type: pointer}, {name: size, type: int}]
  - name: mark
    raises: []
    doc: M.
    params: [{name: bits, type: "set[Bits]", default: "{Peek}"}]
    amend:
      - param: {name: bits, type: "Option[set[Bits]]", default: "none(set[Bits])"}
        why: Nobody says which.
  - {name: open, raises: [SslError], errors: {SslError: it fails}, doc: P.}
  - name: own
    extension: true
    raises: [OwnError]
    errors: {OwnError: it is}
    doc: O.
    returns: int
statements:
  - id: extra.it
    says: It.
    scenarios:
"""


def view(folder: Path, *scenarios: str) -> OracleView:
    """The oracle of these scenarios."""
    shutil.copytree(BASE, folder, dirs_exist_ok=True)
    (folder / "oracle.yaml").write_text(ORACLE, encoding="utf-8")
    (folder / "extra.yaml").write_text(PROCS + "".join(scenarios), encoding="utf-8")
    spec, found = load_folder(folder)
    assert spec is not None, found.render()
    found = check(spec, None)
    assert not len(found), found.render()
    return oracle_view(resolve(spec))


def scenario(*steps: str, name: str = "") -> str:
    """A scenario that is given nothing."""
    return f"      - name: '{name}'\n        steps:\n" + "".join(
        f"          - {step}\n" for step in steps
    )


def body(folder: Path, *steps: str) -> list[str]:
    """The lines of the proc of one scenario."""
    (module,) = [m for m in view(folder, scenario(*steps)).modules if m.module == "extra"]
    return [line.strip() for line in module.procs[0].body.splitlines()]


def reason(folder: Path, *steps: str) -> str:
    """Why a scenario cannot be expressed."""
    runs = [json.loads(line) for line in view(folder, scenario(*steps)).document.splitlines()]
    return str(next(run["inexpressible"] for run in runs if run["statement"] == "extra.it"))


def test_a_call_and_what_it_gives(tmp_path: Path) -> None:
    assert body(tmp_path, '{call: echo, with: {data: "a"}, returns: "b"}') == [
        "var result1: string",
        "step 1:",
        'result1 = echo(data = "a")',
        "succeeded()",
        'gave result1, "b"',
    ]


def test_a_call_that_raises_shows_what_it_returned_instead(tmp_path: Path) -> None:
    lines = body(tmp_path, "{call: echo, with: {data: a}, raises: OSError, within: [1, 2]}")
    assert lines[-2:] == ['raised "OSError", show(result1)', "lasted 1, 2"]


def test_memory_has_room_of_its_own(tmp_path: Path) -> None:
    lines = body(tmp_path, '{call: fill, with: {memory: 4, size: 2}, leaves: {memory: "ab"}}')
    assert lines[0] == "var memory1 = memory(4)"
    assert "result1 = fill(memory = memory1.at, size = 2)" in lines
    assert lines[-1] == 'left "memory", memory1.text, "ab"'


def test_a_name_is_bound_and_used(tmp_path: Path) -> None:
    lines = body(
        tmp_path,
        "{call: echo, with: {data: a}, as: end}",
        "{call: echo, with: {data: {the: end}}, as: end}",
    )
    assert "var `end` {.used.} = result1" in lines
    assert "result2 = echo(data = `end`)" in lines
    assert lines[-1] == "`end` = result2"


def test_a_timeout_that_is_there_in_case_is_left_out(tmp_path: Path) -> None:
    lines = body(tmp_path, "{call: echo, with: {data: a, timeout: 10000}}")
    assert 'result1 = echo(data = "a")' in lines


def test_what_an_amendment_made_an_option_is_given_as_it_is_documented(tmp_path: Path) -> None:
    lines = body(
        tmp_path, "{call: mark, with: {bits: [SafeDisconn]}}", "{call: mark, with: {bits: null}}"
    )
    assert "mark(bits = {Bits.SafeDisconn})" in lines
    assert "mark()" in lines


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ("{call: own, returns: 1}", "own is demo's own"),
        ("{value: {the: OwnLimit}, returns: 3}", "OwnLimit is demo's own"),
        ("{call: open, raises: OwnError}", "OwnError is demo's own"),
        ("{call: echo, with: {data: a, timeout: 50}}", "echo has no timeout in Nim"),
        (
            "{call: Port, with: {value: 80}, returns: 80}",
            "a number becomes a Port unchecked in Nim",
        ),
        (
            "{call: echo, with: {data: a}, raises: OSError, cause: ValueError}",
            "an exception has no cause in Nim",
        ),
        (
            "{call: echo, with: {data: a}, raises: OSError, lacks: [a]}",
            "what a message must not tell is demo's own promise",
        ),
    ],
)
def test_what_nim_cannot_express_says_why(tmp_path: Path, step: str, why: str) -> None:
    assert reason(tmp_path, step) == why


def test_a_call_that_only_waits_in_its_thread_is_done_where_it_ends(tmp_path: Path) -> None:
    waiting = scenario(
        "{starts: reader, call: echo, with: {data: a}}",
        "{signal: go}",
        '{ends: reader, returns: "b"}',
    ).replace("        steps:", "        peer: [{wait_for: go}]\n        steps:")
    (module,) = [m for m in view(tmp_path, waiting).modules if m.module == "extra"]
    assert [line.strip() for line in module.procs[0].body.splitlines()] == [
        "let socket {.used.} = stage.socket",
        'signalToWaiting 2, "go"',
        "var result3: string",
        "step 3:",
        'result3 = echo(data = "a")',
        "succeeded()",
        'gave result3, "b"',
    ]


@pytest.mark.parametrize(
    "between",
    ["{call: echo, with: {data: b}}", "{starts: other, call: echo, with: {data: b}}"],
)
def test_two_calls_at_once_are_not_nims(tmp_path: Path, between: str) -> None:
    steps = ["{starts: reader, call: echo, with: {data: a}}", between, "{ends: reader}"]
    if "other" in between:
        steps.append("{ends: other}")
    assert reason(tmp_path, *steps) == "two threads share an object, which Nim's do not allow"


def test_nim_asks_no_resolver_of_ours(tmp_path: Path) -> None:
    named = scenario("{call: echo, with: {data: a.example}, returns: b}").replace(
        "        steps:", "        names: {a.example: []}\n        steps:"
    )
    runs = [json.loads(line) for line in view(tmp_path, named).document.splitlines()]
    (run,) = [run for run in runs if run["statement"] == "extra.it"]
    assert run["inexpressible"] == "Nim asks the system's own resolver"


def test_the_runner_is_told_of_the_scenario(tmp_path: Path) -> None:
    document = view(tmp_path, scenario("{call: own}")).document
    runs: list[Run] = [json.loads(line) for line in document.splitlines()]
    (run,) = [run for run in runs if run["statement"] == "recv.receives"]
    assert [repr(action(written)) for written in run["script"]] == [
        "Send(b'0123')",
        "WaitFor('more')",
        "Send(b'44')",
    ]
    assert run["given"] == "connection"
    assert run["variants"] == {"buffered": [True, False]}
    assert run["settings"] == {"certificate": "valid"}
    assert run["patience"] == [0, 0, 0, 0]
    assert run["dropped"] == ["closed, which is demo's own"]


def test_procs_have_names_that_nim_can_tell_apart(tmp_path: Path) -> None:
    seen = view(
        tmp_path,
        scenario("{call: echo, with: {data: a}}", name="a b"),
        scenario("{call: echo, with: {data: a}}", name="aB"),
    )
    names = [nim_identity(proc.name) for module in seen.modules for proc in module.procs]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("content", "written"),
    [
        (b'say "a\\b"', r'"say \"a\\b\""'),
        (b"\r\n\t", r'"\r\n\t"'),
        (b"\x00\x7f\xff", r'"\x00\x7F\xFF"'),
        ("é".encode(), r'"\xC3\xA9"'),
    ],
)
def test_strings_are_escaped(content: bytes, written: str) -> None:
    assert literal(content) == written


def test_names_that_nim_reserves_are_quoted() -> None:
    assert [identifier(name) for name in ("end", "is_not", "step", "port")] == [
        "`end`",
        "`is_not`",
        "its_step",
        "port",
    ]
    assert unique_names(["a_b", "aB", "ab"]) == ["a_b", "aB_2", "ab_3"]


# ---- judging what Nim does


def cell(**nim: object) -> Cell:
    """A test of a scenario about which this is said of Nim."""
    run = {
        "statement": "recv.timeout",
        "scenario": "one",
        "forms": ["recv/3"],
        "nim": [{"observed": "step 1 waits", "why": "W.", **nim}] if nim else [],
    }
    return Cell(Run(**run), "tcp", {"buffered": True})  # type: ignore[typeddict-item]  # only what is judged


def judged_here(cell: Cell, observation: Observation) -> Outcome:
    return judged(cell, observation, sentences(Path(__file__).parent))


def seen(words: str) -> Observation:
    """What was seen beside a peer of which half was played."""
    return Observation(words, "played: Send(b'01')")


def test_what_is_expected_passes() -> None:
    assert judged_here(cell(), seen("")).complaint == ""
    known = judged_here(cell(variants={"buffered": True}), seen("step 1 waits"))
    assert (known.complaint, known.result["verdict"], known.result["why"]) == ("", "departs", "W.")


def test_an_unexpected_difference_fails_and_says_what_to_write() -> None:
    complaint = judged_here(cell(), seen('step 2 returns "x"')).complaint
    assert re.match(r"spec/net/evidence/socket\.yaml:\d+: recv\.timeout, one\n", complaint)
    assert "Nim on tcp, buffered in the form recv/3 does otherwise" in complaint
    assert "nim: {observed: 'step 2 returns \"x\"', why: ...}" in complaint
    assert "the peer's script:\n  played: Send(b'01')" in complaint
    assert (
        judged_here(cell(transports=["unix"]), seen("step 1 waits")).result["outcome"] == "failed"
    )
    assert judged_here(cell(forms=["recv/4"]), seen("step 1 waits")).result["outcome"] == "failed"
    assert (
        judged_here(cell(variants={"buffered": False}), seen("step 1 waits")).result["outcome"]
        == "failed"
    )
    assert (
        judged_here(cell(variants={"buffered": True}), seen("step 2 waits")).result["outcome"]
        == "failed"
    )


def test_an_unexpected_agreement_fails() -> None:
    complaint = judged_here(cell(variants={"buffered": True}), seen("")).complaint
    assert "agrees, but the specification expects of it: step 1 waits" in complaint


@pytest.mark.parametrize(
    ("words", "again"),
    [
        ("step 2 waits", True),
        ("step 10 takes longer", True),
        ("step 1 raises TimeoutError", True),
        ("the peer fails", True),
        ("", False),
        ("step 1 raises OSError", False),
        ("step 1 crashes SIGSEGV", False),
        ('step 1 returns "it waits"', False),
    ],
)
def test_only_what_load_can_look_like_is_tried_again(words: str, *, again: bool) -> None:
    assert may_be_load(words) is again


def test_what_depends_on_timing_may_agree() -> None:
    assert judged_here(cell(sometimes=True), seen("")).complaint == ""
    assert judged_here(cell(sometimes=True), seen("step 1 waits")).complaint == ""
    assert judged_here(cell(sometimes=True), seen("step 2 waits")).result["outcome"] == "failed"
