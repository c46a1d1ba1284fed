"""The JSON Schema of a specification's files, printed from the model.

Editors complete and check against it (`# yaml-language-server: $schema=../schema.json`); the file
of types beside a specification has a schema of its own inside (`schema.json#/$defs/TypesFile`). It
covers the shape of one file; what needs the whole specification stays with the checker.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from nimnet_gen.model.evidence import EvidenceFile
from nimnet_gen.model.facts import FactsFile
from nimnet_gen.model.mappings import TypesFile
from nimnet_gen.model.oracle import OracleFile
from nimnet_gen.model.shapes import (
    ChoiceShape,
    FieldShape,
    ListShape,
    MapShape,
    ObjectShape,
    ScalarShape,
    Shape,
)
from nimnet_gen.model.stage import Stage
from nimnet_gen.model.surface import Module, Package
from nimnet_gen.model.vocabulary import shapes_with

Json = str | bool | int | Sequence["Json"] | Mapping[str, "Json"]

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_SCALARS: Final[Mapping[str, Mapping[str, Json]]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "bool": {"type": "boolean"},
    "any": {"type": ["string", "integer", "number", "boolean", "null"]},
    "value": {"$ref": "#/$defs/Value"},
}

_PATTERNS: Final[Mapping[tuple[str, str], str]] = {
    ("Statement", "id"): r"^[A-Za-z_][A-Za-z0-9_]*\.[a-z0-9]+(-[a-z0-9]+)*$",
    ("Module", "name"): r"^[a-z][a-z0-9_]*$",
    ("Package", "name"): r"^[a-z][a-z0-9_]*$",
    ("Step", "call"): r"^[^/]+(/[1-9][0-9]*)?$",
    ("EvidenceFile", "of"): r"^[a-z][a-z0-9_]*$",
}
"""What an editor can already tell of a text; the checker says the same."""

_EXACTLY_ONE: Final[Mapping[str, tuple[str, ...]]] = {
    "Amendment": ("raises", "returns", "param", "value"),
    "PeerAction": (),
}
"""Objects of which exactly one key may be there; an empty tuple means any that joins no other."""


def schema_text(stage: Stage) -> str:
    """Return the schema of a specification's files as JSON text that ends in a line end.

    Args:
        stage: The stage of its scenarios, whose words it has.
    """
    definitions: dict[str, Json] = {
        "Value": {
            "description": "Data of a scenario: a scalar, a list or a mapping.",
            "type": ["string", "integer", "number", "boolean", "null", "array", "object"],
            "items": {"$ref": "#/$defs/Value"},
            "additionalProperties": {"$ref": "#/$defs/Value"},
        }
    }
    shapes = shapes_with(stage)
    for cls in (Module, EvidenceFile, Package, TypesFile, FactsFile, Stage, OracleFile):
        _define(shapes.of(cls), definitions)
    # `modules` stands in package.yaml alone, and `of` in evidence; a plain choice would make
    # editors offer all shapes.
    document: Mapping[str, Json] = {
        "$schema": _DIALECT,
        "title": "A file of a nimnet-gen specification",
        "description": "package.yaml, the surface of a module, or its evidence.",
        "if": {"required": ["modules"]},
        "then": {"$ref": "#/$defs/Package"},
        "else": {
            "if": {"required": ["of"]},
            "then": {"$ref": "#/$defs/EvidenceFile"},
            "else": {"$ref": "#/$defs/Module"},
        },
        "$defs": dict(sorted(definitions.items())),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _define(shape: ObjectShape, definitions: dict[str, Json]) -> None:
    if shape.name in definitions:
        return
    definitions[shape.name] = {}
    properties = {
        key: _field(shape.name, field, definitions) for key, field in shape.fields.items()
    }
    mapping: dict[str, Json] = {
        "type": "object",
        "properties": properties,
        "required": [key for key, field in shape.fields.items() if field.required],
        "additionalProperties": False,
    }
    if shape.name in _EXACTLY_ONE:
        joining = {key: field.joins for key, field in shape.fields.items() if field.joins}
        keys = _EXACTLY_ONE[shape.name] or tuple(shape.fields.keys() - joining.keys())
        if keys:  # without a stage a peer can do nothing
            mapping["oneOf"] = [{"required": [key]} for key in sorted(keys)]
        if joining:
            mapping["dependentRequired"] = {key: [other] for key, other in joining.items()}
    if shape.shorthand is None:
        definitions[shape.name] = {"description": shape.doc, **mapping}
        return
    alone = shape.fields[shape.shorthand]
    definitions[shape.name] = {
        "description": shape.doc,
        "oneOf": [{**_of(alone.shape, definitions), "description": alone.doc}, mapping],
    }


def _field(owner: str, field: FieldShape, definitions: dict[str, Json]) -> Json:
    described: dict[str, Json] = {"description": field.doc}
    described.update(_of(field.shape, definitions))
    if (owner, field.key) in _PATTERNS:
        described["pattern"] = _PATTERNS[(owner, field.key)]
    return described


def _of(shape: Shape, definitions: dict[str, Json]) -> Mapping[str, Json]:
    match shape:
        case ObjectShape():
            _define(shape, definitions)
            return {"$ref": f"#/$defs/{shape.name}"}
        case ListShape(item, lone):
            alone = _of(item, definitions)
            several: Mapping[str, Json] = {"type": "array", "items": alone}
            return {"anyOf": [alone, several]} if lone else several
        case MapShape(item):
            return {"type": "object", "additionalProperties": _of(item, definitions)}
        case ChoiceShape(options):
            return {"enum": list(options)}
        case ScalarShape(kind):  # pragma: no branch - the last case
            return _SCALARS[kind]
