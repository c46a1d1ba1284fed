"""Where the specification makes its statements, for reports of tests."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Sentence:
    """A statement's sentence.

    Attributes:
        place: Where it is, as `file:line`.
        says: The sentence.
    """

    place: str
    says: str


@functools.cache
def sentences(root: Path) -> Mapping[str, Sentence]:
    """Return every statement by its id.

    Args:
        root: The folder of the project, in which `spec/net` is.
    """
    found: dict[str, Sentence] = {}
    for path in sorted((root / "spec" / "net").glob("*.yaml")):
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        tree = yaml.compose(path.read_text(encoding="utf-8"), Loader=loader)
        for identifier, line, says in _statements(tree):
            place = f"{path.relative_to(root)}:{line}"
            found[identifier] = Sentence(place, " ".join(says.split()))
    return found


def _statements(node: yaml.Node | None) -> Iterator[tuple[str, int, str]]:
    """Yield the id, line and sentence of each statement in a part of a file."""
    if isinstance(node, yaml.SequenceNode):
        for part in node.value:
            yield from _statements(part)
    elif isinstance(node, yaml.MappingNode):
        texts = {
            key.value: value
            for key, value in node.value
            if isinstance(key, yaml.ScalarNode) and isinstance(value, yaml.ScalarNode)
        }
        if "id" in texts and "says" in texts:
            line = texts["id"].start_mark.line + 1
            yield str(texts["id"].value), line, str(texts["says"].value)
        for _, value in node.value:
            yield from _statements(value)
