"""The sections of a callable: what belongs to each, and that every layout shows them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from harness.specifications import load_folder
from nimnet_gen.commands.explanation import explain
from nimnet_gen.model.surface import Spec
from nimnet_gen.plan import resolve
from nimnet_gen.plan.docs import function_docstring
from nimnet_gen.plan.reference.entries import reference_view
from nimnet_gen.plan.sections import Note, sections

BASE = Path(__file__).parent / "base"
EXTRA = """\
name: extra
doc: A test.
procs:
  - name: moveTo
    params:
      - {name: socket, type: Socket, doc: The socket itself.}
      - {name: newPort, type: Port, doc: Where it goes.}
      - {name: oldPort, type: Port, mode: out, doc: Where it was.}
      - {name: timeout, type: int, default: "-1", extension: true, doc: How long it may take.}
    returns: {type: bool, doc: Whether it moved.}
    raises: []
    tags: [ReadIOEffect]
    errors: {OSError: the system refuses, TimeoutError: it takes too long}
    see: [RFC 1]
    amend: [{raises: [OSError, TimeoutError], why: It talks to the system.}]
    doc: Moves a socket. It stays open.
    statements:
      - {id: move_to.moves, says: It moves., untested: Nothing can see it.}
  - name: turnTo
    since: A 1.4
    params:
      - {name: socket, type: Socket}
      - {name: newPort, default: "1", since: A 2.0, doc: Where it goes.}
    raises: []
    doc: Turns a socket.
    statements:
      - {id: turn_to.turns, says: It turns., since: A 1.4, untested: Nothing can see it.}
  - name: halt
    params:
      - {name: socket, type: Socket}
      - {name: hard, default: "false", since: A 2.0, doc: How}
    returns: {type: bool, since: A 2.0}
    raises: []
    doc: Halts.
"""


@pytest.fixture
def spec(tmp_path: Path) -> Spec:
    shutil.copytree(BASE, tmp_path, dirs_exist_ok=True)
    (tmp_path / "extra.yaml").write_text(EXTRA, encoding="utf-8")
    spec, found = load_folder(tmp_path)
    assert spec is not None, found.render()
    return spec


def test_what_belongs_to_a_section(spec: Spec) -> None:
    entry = spec.modules[-1].procs[0]
    said = sections(entry)
    assert said.documented == (
        "proc moveTo(socket: Socket; newPort: Port; oldPort: var Port): bool "
        "{.raises: [], tags: [ReadIOEffect].}"
    )
    assert (said.summary, said.rest) == ("Moves a socket.", ("It stays open.",))
    assert said.results == (
        Note("bool", "Whether it moved."),
        Note("old_port", "Where it was."),
    )
    assert said.returns == "Whether it moved. Where it was."
    assert [note.name for note in said.raises] == ["OSError", "TimeoutError"]
    assert said.amendments == (Note("raises: [OSError, TimeoutError]", "It talks to the system."),)
    assert [note.name for note in said.arguments] == ["socket", "new_port", "old_port", "timeout"]


def shown(spec: Spec, name: str) -> tuple[str, str, str]:
    """Return what three layouts show of a method in the last module."""
    # A method stands in the file of its class.
    sockets, extra = spec.modules[1], spec.modules[2]
    moved = replace(sockets, procs=(*sockets.procs, *extra.procs))
    spec = replace(spec, modules=(spec.modules[0], moved, replace(extra, procs=())))
    api = resolve(spec)
    module = next(module for module in api.modules if module.name == "sockets")
    function = next(f for f in module.callables if f.name == name)
    docstring = " ".join(" ".join(function_docstring(function, api, 1)).split())
    page = repr(reference_view(api, module))
    return docstring, page, " ".join("\n".join(explain(name, spec)).split())


def test_every_layout_shows_every_section(spec: Spec) -> None:
    docstring, page, explained = shown(spec, "move_to")
    everywhere = ["Moves a socket.", "Where it goes.", "How long it may take.", "RFC 1"]
    everywhere += ["Whether it moved.", "Where it was.", "move_to.moves"]
    for text in everywhere:
        assert text in docstring
        assert text in page
        assert text in explained
    for exception in ("OSError", "TimeoutError"):
        assert exception in docstring
        assert exception in page
        assert exception in explained
    for text in ("ReadIOEffect", "It talks to the system.", "Nothing can see it."):
        assert text in page
        assert text in explained
    assert "The socket itself." in explained
    assert "The socket itself." not in docstring + page


def test_every_layout_says_what_later_versions_have(spec: Spec) -> None:
    docstring, page, explained = shown(spec, "turn_to")
    assert "new_port: Where it goes. Since A 2.0. " in docstring
    assert "Follows `turnTo`, there since A 1.4 (statements: turn_to.turns)." in docstring
    assert "Where it goes. *(since A 2.0)*" in page
    assert "It turns. *(since A 1.4)*" in page
    assert "Since A 1.4: the documentation does not have it." in page
    assert "new_port: Where it goes. (since A 2.0)" in explained
    assert "since: A 1.4; the documentation does not have it" in explained
    assert "turn_to.turns (since A 1.4)" in explained
    # What the package raises is no word of the original's.
    for text in (page, explained):
        assert "proc turnTo(socket: Socket; newPort = 1)" in text
        assert "proc turnTo(socket: Socket; newPort = 1) {" not in text


def test_a_documented_signature_has_nothing_that_is_marked(spec: Spec) -> None:
    entry = spec.modules[-1].procs[2]
    assert sections(entry).documented == "proc halt(socket: Socket) {.raises: [].}"
    docstring, page, explained = shown(spec, "halt")
    assert "Returns: Since A 2.0. " in docstring
    assert "bool: (since A 2.0)" in explained
    assert "Follows `halt` of the A small API, for tests." in docstring
    assert "hard: How. Since A 2.0. " in docstring
    assert "proc halt(socket: Socket) {.raises: [].}" in page
