"""From nodes to objects of the model, by the shapes of their classes, with every fault collected.

Scalars are read by what their key expects, never by YAML's own guess: a plain `on`, `12` or `null`
where a text is expected is a fault, and so is `0x10` where a number is. Nothing changes its meaning
silently.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, TypeVar

import yaml

from nimnet_gen.model.declaration import Located, Value
from nimnet_gen.model.shapes import (
    ChoiceShape,
    ListShape,
    MapShape,
    ObjectShape,
    ScalarShape,
    Shape,
    Shapes,
)
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.nodes import MappingNode, Node, ScalarNode, SequenceNode
from nimnet_gen.source.position import Position

T = TypeVar("T", bound=Located)

PLAIN: Final = Shapes()
"""The shapes of classes that no stage adds anything to."""


class _Invalid:
    """Stands for a value whose fault is already collected."""


_INVALID: Final = _Invalid()

_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]{0,19})")
_DECIMAL: Final = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,15}")
_NUMBER_ELSEWHERE: Final = re.compile(
    r"0o[0-7]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
)
_CONSTANTS: Final[Mapping[str, bool | None]] = {"true": True, "false": False, "null": None}
_EXPECTED: Final = {"str": "a text", "int": "a whole number", "bool": "true or false"}
_KIND_OF_TAG: Final = {
    "bool": "truth value",
    "int": "number",
    "float": "number",
    "null": "missing value",
    "timestamp": "date",
}


def decode(node: Node, cls: type[T], found: Diagnostics, shapes: Shapes = PLAIN) -> T | None:
    """Decode one document to a class of the model, or to None if anything in it is wrong."""
    faults = len(found)
    decoded = _Decoder(found).decode_object(node, shapes.of(cls))
    return decoded if isinstance(decoded, cls) and len(found) == faults else None


class _Decoder:
    """Decodes nodes by shapes; a fault is collected and gives `_INVALID`."""

    def __init__(self, found: Diagnostics) -> None:
        self._found = found

    def decode_object(self, node: Node, shape: ObjectShape) -> object:
        """Decode a mapping with known keys, or its shorthand."""
        if shape.shorthand is not None:
            alone = shape.fields[shape.shorthand].shape
            if isinstance(node, SequenceNode if isinstance(alone, ListShape) else ScalarNode):
                place = {shape.shorthand: node.at}
                value = self._value(node, alone, place, shape.shorthand)
                whole = {shape.shorthand: value}
                return _INVALID if value is _INVALID else _build(shape, node.at, place, whole)
        if not isinstance(node, MappingNode):
            wanted = f"{_article(shape.name)} is a mapping"
            if shape.shorthand is not None:
                wanted += f", or its {shape.shorthand} alone"
            self._wrong_shape(node, wanted)
            return _INVALID
        keys: dict[str, Position] = {}
        values: dict[str, object] = {}
        valid = True
        for key, value in node.entries:
            known = shape.fields.get(key.text)
            if known is None:
                self._unknown_key(key, shape)
                valid = False
                continue
            keys[key.text] = value.at
            decoded = self._value(value, known.shape, keys, key.text)
            valid = valid and decoded is not _INVALID
            if known.gathered:
                together = values.setdefault(known.attribute, {})
                assert isinstance(together, dict), "an attribute that gathers keys is none itself"
                together[key.text] = decoded
            else:
                values[known.attribute] = decoded
        for name, known in shape.fields.items():
            if known.required and known.attribute not in values:
                self._found.add(
                    "SPEC022",
                    f"{_article(shape.name)} needs the key '{name}'",
                    node.at,
                    known.doc,
                )
                valid = False
        return _build(shape, node.at, keys, values) if valid else _INVALID

    def _value(self, node: Node, shape: Shape, keys: dict[str, Position], path: str) -> object:
        """Decode any value; `keys` gets the positions of the items of lists and free mappings."""
        match shape:
            case ObjectShape():
                return self.decode_object(node, shape)
            case ListShape(item, lone):
                if lone and not isinstance(node, SequenceNode):
                    alone = self._value(node, item, keys, path)
                    return _INVALID if alone is _INVALID else (alone,)
                if not isinstance(node, SequenceNode):
                    self._wrong_shape(node, f"'{path}' is a list", "write [ ] around it")
                    return _INVALID
                items: list[object] = []
                for index, child in enumerate(node.items):
                    keys[f"{path}.{index}"] = child.at
                    items.append(self._value(child, item, {}, path))
                return _INVALID if _INVALID in items else tuple(items)
            case MapShape(item):
                if not isinstance(node, MappingNode):
                    self._wrong_shape(node, f"'{path}' is a mapping")
                    return _INVALID
                pairs: dict[str, object] = {}
                for key, child in node.entries:
                    keys[f"{path}.{key.text}"] = child.at
                    name = self._text(key)
                    value = self._value(child, item, {}, path)
                    pairs[str(name)] = _INVALID if name is _INVALID else value
                return _INVALID if _INVALID in pairs.values() else pairs
            case ChoiceShape(options):
                return self._choice(node, options, path)
            case ScalarShape("value"):
                return self._free(node)
            case ScalarShape(kind):  # pragma: no branch - the last case
                if not isinstance(node, ScalarNode):
                    self._wrong_shape(node, f"'{path}' is {_EXPECTED.get(kind, 'a scalar')}")
                    return _INVALID
                if kind == "str":
                    return self._text(node)
                if kind == "int":
                    return self._integer(node)
                if kind == "bool":
                    return self._boolean(node)
                return self._free(node)

    def _choice(self, node: Node, options: tuple[str, ...], path: str) -> object:
        all_options = ", ".join(options)
        if not isinstance(node, ScalarNode):
            self._wrong_shape(node, f"'{path}' is one of {all_options}")
        elif node.text in options:
            return node.text
        else:
            self._found.add(
                "SPEC024",
                f"'{node.text}' is not possible for '{path}'",
                node.at,
                self._found.did_you_mean(node.text, options, f"one of {all_options}"),
            )
        return _INVALID

    def _text(self, node: ScalarNode) -> str | _Invalid:
        kind = _other_kind(node)
        if kind is None:
            return node.text
        if not node.text:
            self._found.add("SPEC023", "the value is missing", node.at, 'an empty text is ""')
        else:
            self._found.add(
                "SPEC023",
                f"a text is expected, but YAML takes {node.text} for a {kind}",
                node.at,
                f'quote it: "{node.text}"',
            )
        return _INVALID

    def _integer(self, node: ScalarNode) -> int | _Invalid:
        if node.plain and _INTEGER.fullmatch(node.text):
            return int(node.text)
        hint = "write it in decimal digits"
        if not node.plain and _INTEGER.fullmatch(node.text):
            hint = "write it without quotes"
        self._found.add("SPEC023", f"a whole number is expected, not {_show(node)}", node.at, hint)
        return _INVALID

    def _boolean(self, node: ScalarNode) -> bool | _Invalid:
        if node.plain and node.text in ("true", "false"):
            return node.text == "true"
        meant = {"yes": "true", "on": "true", "no": "false", "off": "false"}
        meant |= {"true": "true", "false": "false"}
        word = meant.get(node.text.lower())
        self._found.add(
            "SPEC023",
            f"true or false is expected, not {_show(node)}",
            node.at,
            f"write {word}" if word else "",
        )
        return _INVALID

    def _free(self, node: Node) -> Value | _Invalid:
        """Decode data of a scenario, or a const's value: what YAML 1.1 and 1.2 agree about."""
        if isinstance(node, SequenceNode):
            items: list[Value] = []
            valid = True
            for child in node.items:
                item = self._free(child)
                if isinstance(item, _Invalid):
                    valid = False
                else:
                    items.append(item)
            return tuple(items) if valid else _INVALID
        if isinstance(node, MappingNode):
            pairs: dict[str, Value] = {}
            valid = True
            for key, child in node.entries:
                value = self._free(child)
                if isinstance(value, _Invalid):
                    valid = False
                else:
                    pairs[key.text] = value
            return pairs if valid else _INVALID
        if not node.plain:
            return node.text
        if node.text in _CONSTANTS:
            return _CONSTANTS[node.text]
        if _INTEGER.fullmatch(node.text):
            return int(node.text)
        if _DECIMAL.fullmatch(node.text):
            return float(node.text)
        if node.text and _other_kind(node) is None:
            return node.text
        self._found.add(
            "SPEC023",
            f"{_show(node)} is no value that every version of YAML reads alike",
            node.at,
            "write a decimal number, true, false or null; or quote it",
        )
        return _INVALID

    def _unknown_key(self, key: ScalarNode, shape: ObjectShape) -> None:
        every = ", ".join(shape.fields)
        self._found.add(
            "SPEC021",
            f"{_article(shape.name)} has no key '{key.text}'",
            key.at,
            self._found.did_you_mean(key.text, shape.fields, f"its keys are {every}"),
        )

    def _wrong_shape(self, node: Node, wanted: str, hint: str = "") -> None:
        self._found.add("SPEC020", f"{wanted}, not {_show(node)}", node.at, hint)


def _build(
    shape: ObjectShape, at: Position, keys: Mapping[str, Position], values: Mapping[str, object]
) -> Located:
    return shape.cls(at=at, keys=keys, **values)


def _article(name: str) -> str:
    """Return the name of a class of the model as a reader calls it: `an enum member`."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    return f"{'an' if words[0] in 'aeio' else 'a'} {words}"


def _show(node: Node) -> str:
    if isinstance(node, SequenceNode):
        return "a list"
    if isinstance(node, MappingNode):
        return "a mapping"
    if node.plain and not node.text:
        return "nothing"
    text = node.text if len(node.text) <= 40 else f"{node.text[:40]}..."
    text = " ".join(text.split())
    return f"'{text}'" if node.plain else f'the text "{text}"'


def _other_kind(node: ScalarNode) -> str | None:
    """Return what YAML 1.1 or 1.2 takes a plain scalar for, or None if both take it for text."""
    if not node.plain:
        return None
    if not node.text:
        return "null"
    for tag, pattern in _RESOLVERS.get(node.text[0], ()):
        if pattern.match(node.text):
            return _KIND_OF_TAG.get(tag.rpartition(":")[2])
    return "number" if _NUMBER_ELSEWHERE.fullmatch(node.text) else None


_RESOLVERS: Final[Mapping[str, list[tuple[str, re.Pattern[str]]]]] = (
    yaml.SafeLoader.yaml_implicit_resolvers
)
