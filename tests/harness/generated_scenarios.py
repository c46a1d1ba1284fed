"""A specification with calls of every kind, and what the generator makes of its scenarios."""

from __future__ import annotations

import shutil
from pathlib import Path

from nimnet_gen.checks import check
from nimnet_gen.model.surface import Spec
from nimnet_gen.plan import resolve
from nimnet_gen.plan.tests.scenarios import ScenarioView, scenarios_view

from harness.specifications import load_folder

BASE = Path(__file__).parents[1] / "generator" / "base"

SOCKETS = """\
  - name: title
    kind: property
    extension: true
    params: [{name: socket, type: Socket}]
    returns: {type: string, as: text}
    raises: []
    doc: T.
  - name: title=
    params: [{name: socket, type: Socket}, {name: text, type: string, as: text}]
    raises: [ValueError]
    errors: {ValueError: it is empty}
    doc: T.
  - name: accept
    params: [{name: server, type: Socket}]
    returns: Socket
    raises: []
    doc: A.
  - name: acceptAddr
    params:
      - {name: server, type: Socket}
      - {name: client, type: Socket, mode: out}
      - {name: address, type: string, as: text, mode: out}
    raises: []
    doc: A.
  - name: fill
    params:
      - {name: socket, type: Socket}
      - {name: data, type: string, as: data, mode: inout}
    returns: int
    raises: []
    doc: F.
  - name: put
    params: [{name: socket, type: Socket}, {name: data, type: pointer}, {name: size, type: int}]
    returns: int
    raises: []
    doc: P.
  - name: "&="
    params: [{name: socket, type: Socket}, {name: data, type: string, as: data}]
    raises: []
    doc: P.
  - {name: close, params: [{name: socket, type: Socket}], raises: [], doc: C.}
  - name: __enter__
    extension: true
    params: [{name: socket, type: Socket}]
    raises: []
    doc: E.
  - name: __exit__
    extension: true
    params: [{name: socket, type: Socket}]
    raises: []
    doc: E.
  - name: ==
    raises: []
    doc: E.
    returns: bool
    params: [{name: one, type: Address}, {name: other, type: Address}]
  - name: $
    raises: []
    doc: S.
    returns: {type: string, as: text}
    params: [{name: address, type: Address}]
"""
EXTRA = """\
name: extra
doc: A test.
types:
  - name: Answer
    kind: proc
    params: [{name: hint, type: string, as: text}]
    returns: {type: "tuple[identity: string, psk: string]", as: text}
    doc: A.
procs:
  - {name: pick, raises: [], doc: P., returns: Domain, params: [{name: domain, type: Domain}]}
  - name: mix
    raises: []
    doc: M.
    returns: "set[Bits]"
    params: [{name: flags, type: "set[Bits]"}]
  - name: lend
    raises: []
    doc: L.
    params: [{name: memory, type: pointer}, {name: port, type: Port}]
  - {name: where, raises: [], doc: W., returns: {type: "(string, Port)", as: text}}
  - name: keyOf
    raises: []
    doc: K.
    returns: {type: "tuple[identity: string, psk: string]", as: text}
  - name: whereFrom
    raises: []
    doc: W.
    returns: py:ipaddress.IPv4Address | py:ipaddress.IPv6Address
    params: [{name: address, type: "py:ipaddress.IPv4Address | py:ipaddress.IPv6Address"}]
  - {name: find, raises: [], doc: F., returns: int, params: [{name: size, type: int}]}
  - name: find
    raises: []
    doc: F.
    returns: int
    params: [{name: text, type: string, as: text}]
  - name: echo
    raises: [OSError]
    errors: {OSError: it cannot}
    doc: E.
    returns: {type: string, as: data}
    params: [{name: data, type: string, as: data}]
  - {name: ask, raises: [], doc: A., params: [{name: answer, type: Answer}]}
  - name: parseAddress
    raises: []
    doc: P.
    returns: Address
    params: [{name: written, type: string, as: text}]
"""
OPERATIONS = """\
operations:
  - name: obtain
    doc: Reads.
    takes: {size: int}
    gives: data
    forms:
      - {call: recv, with: {size: {the: size}}}
      - {call: fill, with: {data: ""}, gives: data, fails: -1}
      - {call: put, with: {data: {the: size}, size: {the: size}}, gives: data, fails: -1}
  - name: write
    doc: Writes.
    takes: {data: data}
    forms:
      - {call: put, with: {data: {the: data}, size: {count: data}}, fails: -1}
      - {call: "&=", with: {data: {the: data}}, transports: [tcp]}
  - name: take
    doc: Accepts.
    gives: object
    forms:
      - {call: accept}
      - {call: acceptAddr, gives: client}
"""
EVERY_OPERATION = """\
  - id: extra.operations
    says: They are done.
    scenarios:
      - given: server
        peer: [{connect: plain}]
        steps:
          - {do: take, as: client}
          - {do: write, on: client, with: {data: a}}
          - {do: obtain, on: client, with: {size: 1}, returns: a}
"""


LAST = "{call: lastFailure}"
"""A step that needs the stage's socket, and leaves nothing behind."""


def spec_with(folder: Path, extra: str) -> Spec:
    """The base specification with more calls, and with these statements; the checks pass it."""
    shutil.copytree(BASE, folder, dirs_exist_ok=True)
    sockets = folder / "sockets.yaml"
    sockets.write_text(sockets.read_text(encoding="utf-8") + SOCKETS, encoding="utf-8")
    (folder / "extra.yaml").write_text(EXTRA + extra, encoding="utf-8")
    spec, found = load_folder(folder)
    assert spec is not None, found.render()
    found = check(spec, None)
    assert not len(found), found.render()
    return spec


def view(folder: Path, *steps: str, ready: str = "") -> ScenarioView:
    """The test of one scenario; `ready` are its other keys."""
    lines = "".join(f"          - {step}\n" for step in steps)
    head = f"        {ready}\n" if ready else ""
    spec = spec_with(
        folder,
        OPERATIONS
        + "statements:\n"
        + EVERY_OPERATION
        + "  - id: extra.it\n    says: It.\n    scenarios:\n"
        + f"      - name: a name\n{head}        steps:\n{lines}",
    )
    api = resolve(spec)
    (module,) = [module for module in api.modules if module.name == "extra"]
    return scenarios_view(api, module).scenarios[-1]


def code(folder: Path, *steps: str, ready: str = "") -> list[str]:
    """The body of the test of one scenario, without its margin."""
    lines = view(folder, *steps, ready=ready).body.splitlines()
    margin = 4 if lines[0].startswith("    ") else 0
    return [line[margin:] for line in lines]
