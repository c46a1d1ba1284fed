"""Facts from what `nim jsondoc` writes: every form of declaration, and the file of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from nimnet_gen.cli import main
from nimnet_gen.documentation.jsondoc import DocumentationError, read_documentation
from nimnet_gen.documentation.writing import facts_text
from nimnet_gen.model.decode import decode
from nimnet_gen.model.facts import FactsFile, checksum
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.nodes import parse_source

DECLARATIONS = [
    ("skTemplate", "template `&=`(lamp: Lamp; light: typed)"),
    ("skType", "Code = distinct string"),
    ("skType", "Name = string"),
    ("skType", "Fault = object of ValueError"),
    ("skType", "Lamp = ref LampObj"),
    (
        "skType",
        "LampObj = object\n"
        "  name*, place: string   ## who, where\n"
        "  when defined(led):\n"
        "      led*: bool\n"
        "\n"
        "  case color*: Color         ## of the light\n"
        "  of Color.Red, Color.Green:\n"
        "      hue*: int\n"
        "  else:\n"
        "      nil\n",
    ),
    ("skType", "Box[T] = ref object of RootObj\n  held: T\n"),
    ("skType", "Color {.pure.} = enum\n  Red = 1, Green,            ## as grass\n  Blue"),
    ("skType", "Pair = tuple[one, other: Lamp; on: bool]"),
    ("skType", "Spot = tuple\n  x, z: int\n"),
    ("skType", "Hook = proc (lamp: Lamp; on = true): bool {.closure.}"),
    ("skConst", "Most: int = 1_000"),
    ("skConst", 'Off = "off, = no"'),
    ("skConst", "Bright = true"),
    ("skIterator", "iterator lamps(): Lamp {.raises: [], tags: [].}"),
    (
        "skProc",
        'proc light(lamp, other: Lamp; text = "a, (b; {c: d"; most: seq[(int,\n'
        "    Color)] = @[]; on: var bool): tuple[a, b: int] {.\n"
        "    raises: [Fault, OSError], tags: [ReadIOEffect], inline,\n"
        "    locks: 0.}",
    ),
    ("skProc", "func `$`(lamp: Lamp): string {.raises: [], tags: [].}"),
    ("skProc", "proc name=[T](lamp: Lamp; name: T)"),
    ("skProc", "proc dim()"),
]

FACTS = """\
types:
  - {name: Code, kind: distinct, base: string}
  - {name: Name, kind: alias, base: string}
  - {name: Fault, kind: object, base: ValueError}
  - {name: Lamp, kind: object, ref: LampObj}
  - name: LampObj
    kind: object
    fields:
      - {name: name, type: string, public: true}
      - {name: place, type: string}
      - {name: led, type: bool, public: true, when: "defined(led)"}
      - {name: color, type: Color, public: true, case: true}
      - {name: hue, type: int, public: true, of: Green}
  - {name: Box, kind: object, ref: object, base: RootObj, fields: [{name: held, type: T}]}
  - {name: Color, kind: enum, pure: true, members: [{name: Red, value: 1}, Green, Blue]}
  - name: Pair
    kind: tuple
    fields: [{name: one, type: Lamp}, {name: other, type: Lamp}, {name: "on", type: bool}]
  - {name: Spot, kind: tuple, fields: [{name: x, type: int}, {name: z, type: int}]}
  - name: Hook
    kind: proc
    params: [{name: lamp, type: Lamp}, {name: "on", default: "true"}]
    returns: bool

consts:
  - {name: Most, type: int, value: 1000}
  - {name: "Off", value: "off, = no"}
  - {name: Bright, value: true}

procs:
  - name: light
    params:
      - {name: lamp, type: Lamp}
      - {name: other, type: Lamp}
      - {name: text, default: '"a, (b; {c: d"'}
      - {name: most, type: "seq[(int, Color)]", default: "@[]"}
      - {name: "on", type: var bool}
    returns: "tuple[a, b: int]"
    raises: [Fault, OSError]
    tags: [ReadIOEffect]
    pragmas: [inline, "locks: 0"]
  - name: "$"
    kind: func
    params: [{name: lamp, type: Lamp}]
    returns: string
    raises: []
    tags: []
  - {name: name=, params: [{name: lamp, type: Lamp}, {name: name, type: T}]}
  - {name: dim}
  - {name: lamps, kind: iterator, returns: Lamp, raises: [], tags: []}
  - {name: "&=", kind: template, params: [{name: lamp, type: Lamp}, {name: light, type: typed}]}
"""


def written(declarations: list[tuple[str, str]]) -> str:
    entries = [{"type": kind, "name": "", "code": code} for kind, code in declarations]
    return json.dumps({"entries": entries})


def test_every_form_of_declaration() -> None:
    text = facts_text(read_documentation(written(DECLARATIONS), "Lamps 1"))
    head, _, facts = text.partition("\n\n")
    assert facts == FACTS
    assert 'source: "Lamps 1"\nchecksum: ' in head


def test_the_file_is_read_as_it_was_written() -> None:
    found = Diagnostics()
    text = facts_text(read_documentation(written(DECLARATIONS), "Lamps 1"))
    root = parse_source(text.encode(), "f.yaml", found)
    facts = decode(root, FactsFile, found) if root is not None else None
    assert facts is not None, found.render()
    assert facts.checksum == checksum(found.sources["f.yaml"], facts.where("checksum").line)
    assert facts_text(facts) == text


def test_some_names_alone() -> None:
    text = written(DECLARATIONS)
    facts = read_documentation(text, "Lamps 1", ["dim", "Code"])
    assert [each.name for each in facts.types] == ["Code"]
    assert [each.name for each in facts.procs] == ["dim"]
    assert not facts.consts
    with pytest.raises(DocumentationError, match="the documentation has no dam"):
        read_documentation(text, "Lamps 1", ["dim", "dam"])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "this is not what `nim jsondoc` writes"),
        ("[]", "this is not what `nim jsondoc` writes"),
        ('{"entries": [{}]}', "this is not what `nim jsondoc` writes"),
        (written([("skProc", "light()")]), r"this declares no proc: 'light\(\)'"),
        (written([("skProc", "proc light")]), "a bracket is expected: ''"),
        (written([("skProc", "proc light(a: (int")]), "a bracket is expected"),
        (written([("skProc", "proc light() {.raises: all.}")]), "a bracket is expected: 'all'"),
        (written([("skType", "Lamp")]), "this declares no type: 'Lamp'"),
        (written([("skType", "Hook = proc")]), "a bracket is expected"),
        (written([("skConst", "Most")]), "this declares no constant: 'Most'"),
    ],
)
def test_what_cannot_be_read(text: str, told: str) -> None:
    with pytest.raises(DocumentationError, match=told):
        read_documentation(text, "Lamps 1")


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "lamps.json"
    path.write_text(written(DECLARATIONS), encoding="utf-8")
    assert main(["facts", str(path), "Lamps 1", "--only", "dim"]) == 0
    assert capsys.readouterr().out.endswith("\n\nprocs:\n  - {name: dim}\n")
    path.write_bytes(b"\xff")
    assert main(["facts", str(path), "Lamps 1"]) == 2
    assert f"{path}: " in capsys.readouterr().err
    assert main(["facts", str(tmp_path / "none.json"), "Lamps 1"]) == 2
    assert "none.json" in capsys.readouterr().err
