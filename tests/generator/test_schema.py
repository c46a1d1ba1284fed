"""The JSON Schema: it takes what the loader takes, and refuses what an editor should mark."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from harness.specifications import real_spec
from nimnet_gen.model.schema import schema_text

REAL = Path(__file__).parent.parent.parent / "spec" / "net"
SCHEMA = schema_text(real_spec().stage)
VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA))


class _Yaml12(yaml.SafeLoader):
    """Reads scalars as editors do: in YAML 1.2 a plain `on` is a text, as a key and as a value."""


_Yaml12.yaml_implicit_resolvers = {
    first: [
        (tag, re.compile("true|false") if tag.endswith(":bool") else pattern)
        for tag, pattern in resolvers
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def faults(text: str) -> list[str]:
    document = yaml.load(text, _Yaml12)
    return [error.json_path for error in VALIDATOR.iter_errors(document)]


def _named(path: Path) -> str:
    return path.relative_to(REAL).as_posix()


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(SCHEMA))
    assert SCHEMA.endswith("}\n")


@pytest.mark.parametrize("path", sorted(REAL.rglob("*.yaml")), ids=_named)
def test_it_accepts_the_real_files(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", sorted(REAL.rglob("*.yaml")), ids=_named)
def test_editors_find_it(path: Path) -> None:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    up = "../" * len(path.relative_to(REAL).parts)
    assert first == f"# yaml-language-server: $schema={up}schema.json"


def test_the_file_of_types_has_a_schema_of_its_own() -> None:
    path = REAL.parent / "types.yaml"
    text = path.read_text(encoding="utf-8")
    first, _, rest = text.partition("\n")
    assert first == "# yaml-language-server: $schema=schema.json#/$defs/TypesFile"
    schema = json.loads(SCHEMA)
    schema |= {"$ref": "#/$defs/TypesFile", "if": True, "then": True}
    validator = jsonschema.Draft202012Validator(schema)
    assert list(validator.iter_errors(yaml.load(rest, _Yaml12))) == []
    wrong = rest.replace("is: data", "is: date", 1)
    assert [e.json_path for e in validator.iter_errors(yaml.load(wrong, _Yaml12))] == [
        "$.types[0].is"
    ]


def test_it_accepts_shorthands() -> None:
    text = "{name: m, doc: M., types: [{name: E, kind: enum, doc: E., members: [A, {name: B}]}], "
    assert faults(text + "procs: [{name: f, doc: F., returns: int}]}") == []
    assert faults("{name: p, source: S, doc: P., runtime: r, modules: [m], exports: [Port]}") == []
    names = "a.example: [x, y], b.example: {addresses: [], full: x, after: 5}"
    scenario = f"{{names: {{{names}}}, steps: []}}"
    text = "{name: m, doc: M., statements: [{id: m.it, says: It., scenarios: [%s]}]}"
    assert faults(text % scenario) == []
    assert faults(text % scenario.replace("[x, y]", "x")) != []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{name: m}", "$"),
        ("{name: m, doc: M., proc: []}", "$"),
        ("{name: p, modules: [m]}", "$"),
        ("{name: M-1, doc: M.}", "$.name"),
        ("{name: m, doc: [M]}", "$.doc"),
        ("{name: m, doc: M., types: [{name: T, kind: enumm, doc: T.}]}", "$.types[0].kind"),
        (
            "{name: m, doc: M., procs: [{name: f, doc: F., params: [{name: a, mode: var}]}]}",
            "$.procs[0].params[0].mode",
        ),
        ("{name: m, doc: M., procs: [{name: f, doc: F., returns: 1}]}", "$.procs[0].returns"),
        (
            "{name: m, doc: M., procs: [{name: f, doc: F., amend: [{why: x}]}]}",
            "$.procs[0].amend[0]",
        ),
        ("{name: m, doc: M., statements: [{id: x, says: X.}]}", "$.statements[0].id"),
        (
            "{name: m, doc: M., statements: [{id: x.y, says: X., scenarios: "
            "[{peer: [{send: a, close: true}], steps: []}]}]}",
            "$.statements[0].scenarios[0].peer[0]",
        ),
        (
            "{name: m, doc: M., statements: [{id: x.y, says: X., scenarios: "
            "[{peer: [{byte_by_byte: a, every: 5}, {send: a, every: 5}], steps: []}]}]}",
            "$.statements[0].scenarios[0].peer[1]",
        ),
    ],
)
def test_it_refuses(text: str, place: str) -> None:
    assert faults(text)[0] == place


def test_every_key_has_a_description() -> None:
    for name, definition in json.loads(SCHEMA)["$defs"].items():
        shapes = definition.get("oneOf", [definition])
        for shape in shapes:
            for key, described in shape.get("properties", {}).items():
                assert described["description"], f"{name}.{key}"
