"""The Python that scenarios become: every kind of value, and statements that are too long."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from nimnet_generator.checks import check
from nimnet_generator.load import load_spec
from nimnet_generator.plan import resolve
from nimnet_generator.plan.docs import summary_and_rest
from nimnet_generator.plan.scenarios import scenarios_view

BASE = Path(__file__).parent / "base"

TITLE = """\
  - name: title
    kind: property
    extension: true
    params: [{name: socket, type: Socket}]
    returns: {type: string, as: text}
    raises: []
    doc: T.
"""
PROCS = """\
name: extra
doc: A test.
procs:
  - {name: pick, raises: [], doc: P., returns: Domain, params: [{name: domain, type: Domain}]}
  - name: mix
    raises: []
    doc: M.
    returns: "set[Flag]"
    params: [{name: flags, type: "set[Flag]"}]
  - name: lend
    raises: []
    doc: L.
    params: [{name: memory, type: pointer}, {name: port, type: Port}]
  - {name: where, raises: [], doc: W., returns: {type: "(string, Port)", as: text}}
  - {name: find, raises: [], doc: F., returns: int, params: [{name: size, type: int}]}
  - name: find
    raises: []
    doc: F.
    returns: int
    params: [{name: text, type: string, as: text}]
  - name: echo
    raises: []
    doc: E.
    returns: {type: string, as: data}
    params: [{name: data, type: string, as: data}]
statements:
  - id: extra.it
    says: It.
    scenarios:
      - steps:
"""


def code(folder: Path, *steps: str) -> list[str]:
    """The body of the test of one scenario."""
    shutil.copytree(BASE, folder, dirs_exist_ok=True)
    lines = "".join(f"          - {step}\n" for step in steps)
    sockets = folder / "sockets.yaml"
    sockets.write_text(sockets.read_text(encoding="utf-8") + TITLE, encoding="utf-8")
    (folder / "extra.yaml").write_text(PROCS + lines, encoding="utf-8")
    spec, found = load_spec(folder)
    assert spec is not None, found.render()
    found = check(spec, None)
    assert not len(found), found.render()
    api = resolve(spec)
    (module,) = [module for module in api.modules if module.name == "extra"]
    (scenario,) = scenarios_view(api, module).scenarios
    return [line.strip() for line in scenario.body.splitlines()]


@pytest.mark.parametrize(
    ("step", "line"),
    [
        (
            "{call: pick, with: {domain: AF_UNIX}, returns: AF_INET}",
            "assert demo.pick(domain=demo.Domain.AF_UNIX) == demo.Domain.AF_INET",
        ),
        (
            "{call: mix, with: {flags: [Peek, SafeDisconn]}, returns: []}",
            "assert demo.mix(flags=demo.Flag.PEEK | demo.Flag.SAFE_DISCONN) == demo.Flag(0)",
        ),
        (
            "{call: lend, with: {memory: 4, port: 80}}",
            "demo.lend(memory=memoryview(bytearray(4)), port=demo.Port(80))",
        ),
        (
            "{call: where, returns: ['::1', 80]}",
            'assert demo.where() == ("::1", demo.Port(80))',
        ),
        ("{call: find, with: {text: a}, returns: 1}", 'assert demo.find(text="a") == 1'),
        ("{call: find/2, with: {text: a}, returns: 1}", 'assert demo.find(text="a") == 1'),
        (
            '{call: echo, with: {data: \'say "a"\'}, returns: {repeat: "\'", times: 3}}',
            'assert demo.echo(data=b\'say "a"\') == b"\'" * 3',
        ),
    ],
)
def test_values(tmp_path: Path, step: str, line: str) -> None:
    assert code(tmp_path, step) == [line]


def test_what_is_too_long_for_a_line(tmp_path: Path) -> None:
    long = "x" * 60
    step = f"{{call: echo, with: {{data: {long}}}, returns: {long}}}"
    lines = code(tmp_path, step)
    assert "".join(lines[:-1]).replace(",)", ")") == f'result = demo.echo(data=b"{long}")'
    assert lines[-1] == f'assert result == b"{long}"'


def test_a_property_whose_value_is_too_long(tmp_path: Path) -> None:
    long = "x" * 90
    lines = code(tmp_path, f"{{call: where, then: {{title: {long}}}}}")
    assert lines[-2:] == ["result = socket.title", f'assert result == "{long}"']


def test_the_summary_of_nothing() -> None:
    assert summary_and_rest("") == ("", [])
    assert summary_and_rest("One. Two.\n\n\nThree.") == ("One.", ["Two.", "Three."])
