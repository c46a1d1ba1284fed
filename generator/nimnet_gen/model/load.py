"""From a folder of YAML to the model, with every fault collected.

Scalars are read by what their key expects, never by YAML's own guess: a plain `on`, `12` or `null`
where a text is expected is a fault, and so is `0x10` where a number is. Nothing changes its meaning
silently.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

import yaml

from nimnet_gen.model.declaration import Located, Value
from nimnet_gen.model.evidence import EvidenceFile
from nimnet_gen.model.joining import joined
from nimnet_gen.model.mappings import TypesFile
from nimnet_gen.model.shapes import (
    ChoiceShape,
    ListShape,
    MapShape,
    ObjectShape,
    ScalarShape,
    Shape,
    object_shape,
)
from nimnet_gen.model.surface import Module, Package, Spec
from nimnet_gen.project.folders import EVIDENCE_FOLDER, PACKAGE_FILE, DataFiles
from nimnet_gen.source.diagnostics import Diagnostics, TooManyFaultsError
from nimnet_gen.source.nodes import (
    Allowance,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    read_source,
)
from nimnet_gen.source.position import Position

T = TypeVar("T", bound=Located)


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


_NO_DATA: Final = DataFiles()


def load_spec(folder: Path, data: DataFiles = _NO_DATA) -> tuple[Spec | None, Diagnostics]:
    """Read a specification.

    Args:
        folder: the folder with `package.yaml` and the files that it lists.
        data: the files beside it that the project has.

    Returns:
        The specification, or None if anything is wrong with it; and what is wrong.
    """
    found = Diagnostics()
    try:
        return _load(folder, data, found), found
    except TooManyFaultsError:
        return None, found


def _load(folder: Path, data: DataFiles, found: Diagnostics) -> Spec | None:
    resolved = folder.resolve()
    shown = "/".join(part for part in (resolved.parent.name, resolved.name) if part)
    beside = (data.stage, data.types, data.oracle, data.facts)
    present = _present(folder, shown, found, beside)
    if present is None:
        return None
    allowance = Allowance.whole()
    root = read_source(folder / PACKAGE_FILE, f"{shown}/{PACKAGE_FILE}", found, allowance)
    package = decode(root, Package, found) if root is not None else None
    listed = _listed(package, present, found) if package is not None else ()
    if package is not None:
        _report_unlisted(present, package, shown, found)
    else:
        # Without a readable package every file stands for itself, so that all faults show at once.
        listed = tuple(name.removesuffix(".yaml") for name in present if name.endswith(".yaml"))
        listed = tuple(stem for stem in listed if stem != "package")
    modules: list[Module] = []
    for stem in listed:
        module = _document(folder / f"{stem}.yaml", shown, Module, found, allowance)
        if module is not None:
            _check_name(module.name, stem, module.where("name"), "name", found)
            modules.append(module)
    evidence = _evidence(folder / EVIDENCE_FOLDER, shown, listed, found, allowance)
    types = _data_file(data.types, TypesFile, folder, shown, found, allowance)
    if package is None or types is None or len(found):
        return None
    whole = joined(modules, evidence, found)
    if len(found):
        return None
    return Spec(package=package, modules=whole, types=types, sources=found.sources)


def _present(
    folder: Path, shown: str, found: Diagnostics, beside: Collection[Path | None] = ()
) -> list[str] | None:
    """Return the names of a folder's YAML files, without those `beside`; None if it has a fault."""
    try:
        return sorted(
            entry.name
            for entry in folder.iterdir()
            if entry.suffix in (".yaml", ".yml")
            and not entry.name.startswith(".")
            and entry not in beside
        )
    except OSError as error:
        reason = error.strerror or str(error)
        found.add("SPEC001", f"cannot read the folder: {reason}", Position(shown, 1, 1))
        return None


def _document(
    path: Path, shown: str, cls: type[T], found: Diagnostics, allowance: Allowance
) -> T | None:
    """Return what a file of the folder that is `shown` says; None if there is a fault in it.

    No file is read after the one that had more than was left of the limits for all.
    """
    if allowance.is_spent:
        return None
    root = read_source(path, f"{shown}/{path.name}", found, allowance)
    return decode(root, cls, found) if root is not None else None


def _evidence(
    folder: Path, above: str, listed: Sequence[str], found: Diagnostics, allowance: Allowance
) -> dict[str, EvidenceFile]:
    """Return the evidence of each listed module that has a file for it."""
    shown = f"{above}/{folder.name}"
    present = _present(folder, shown, found) if folder.exists() else None
    evidence: dict[str, EvidenceFile] = {}
    for name in present or ():
        stem, _, suffix = name.rpartition(".")
        if suffix == "yaml" and stem in listed:
            read = _document(folder / name, shown, EvidenceFile, found, allowance)
            if read is not None:
                _check_name(read.of, stem, read.where("of"), "of", found)
                evidence[stem] = read
        else:
            hint = found.did_you_mean(stem, listed, "name it after the module that it is about")
            if suffix != "yaml":
                hint = f"rename it to {stem}.yaml"
            at = Position(f"{shown}/{name}", 1, 1)
            found.add("SPEC025", "this is the evidence of no listed module", at, hint)
    return evidence


def _check_name(name: str, stem: str, at: Position, key: str, found: Diagnostics) -> None:
    """Check that a file is named after the module that it says it is of."""
    if name != stem:
        found.add(
            "SPEC026",
            f"the module '{name}' stands in the file of '{stem}'",
            at,
            f"write `{key}: {stem}`, or rename the file to {name}.yaml",
        )


def _data_file(
    path: Path | None,
    cls: type[T],
    folder: Path,
    shown: str,
    found: Diagnostics,
    allowance: Allowance,
) -> T | None:
    """Return what a file beside the specification says; a project without it says nothing.

    None stands for a file with faults.
    """
    if path is None:
        return cls(at=Position("", 1, 1), keys={})
    place = shown if path.parent == folder else path.parent.name
    return _document(path, place, cls, found, allowance)


def _listed(package: Package, present: list[str], found: Diagnostics) -> tuple[str, ...]:
    """Return the listed modules that have a file; report the others."""
    usable: list[str] = []
    for index, stem in enumerate(package.modules):
        at = package.where(f"modules.{index}")
        if stem in usable:
            found.add("SPEC025", f"'{stem}' is listed twice", at)
        elif f"{stem}.yaml" in present and stem != "package":
            usable.append(stem)
        else:
            known = [name.removesuffix(".yaml") for name in present if name != PACKAGE_FILE]
            found.add(
                "SPEC025",
                f"there is no file '{stem}.yaml'",
                at,
                found.did_you_mean(stem, known, "create it, or take it off the list"),
            )
    return tuple(usable)


def _report_unlisted(present: list[str], package: Package, shown: str, found: Diagnostics) -> None:
    for name in present:
        stem, _, suffix = name.rpartition(".")
        if name == PACKAGE_FILE or (stem in package.modules and suffix == "yaml"):
            continue
        hint = f"add '{stem}' to its modules" if suffix == "yaml" else f"rename it to {stem}.yaml"
        at = Position(f"{shown}/{name}", 1, 1)
        found.add("SPEC025", f"{PACKAGE_FILE} does not list this file", at, hint)


def decode(node: Node, cls: type[T], found: Diagnostics) -> T | None:
    """Decode one document to a class of the model, or to None if anything in it is wrong."""
    faults = len(found)
    decoded = _Decoder(found).decode_object(node, object_shape(cls))
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
