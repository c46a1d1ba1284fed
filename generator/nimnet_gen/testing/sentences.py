"""Where the specification makes its statements, for reports of tests."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from nimnet_gen.project.folders import project_around


@dataclass(frozen=True)
class Sentence:
    """A statement's sentence.

    Attributes:
        place: Where it is, as `file:line`.
        says: The sentence.
        scenarios: Where its scenarios are that have a name, by the name.
    """

    place: str
    says: str
    scenarios: Mapping[str, str]

    def place_of(self, scenario: str) -> str:
        """Return where a scenario is: the statement's own place for one without a name."""
        return self.scenarios.get(scenario, self.place)


@functools.cache
def sentences(folder: Path) -> Mapping[str, Sentence]:
    """Return every statement by its id; none where there is no project.

    The files are read as YAML alone: a specification with faults has places as well.

    Args:
        folder: A folder of the project, whose own `pyproject.toml` or one above it has the table.

    Raises:
        ConfigurationError: The table is wrong.
    """
    project = project_around(folder)
    if project is None:
        return {}
    found: dict[str, Sentence] = {}
    for path in sorted(project.spec.rglob("*.yaml")):
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        tree = yaml.compose(path.read_text(encoding="utf-8"), Loader=loader)
        file = path.relative_to(project.root).as_posix()
        found.update(_statements(tree, file))
    return found


def _statements(node: yaml.Node | None, file: str) -> Iterator[tuple[str, Sentence]]:
    """Yield each statement in a part of a file, with its id."""
    if isinstance(node, yaml.SequenceNode):
        for part in node.value:
            yield from _statements(part, file)
    elif isinstance(node, yaml.MappingNode):
        texts = _texts(node)
        if "id" in texts and "says" in texts:
            identifier, says = texts["id"], " ".join(str(texts["says"].value).split())
            scenarios = {
                str(name.value): _place(file, name)
                for key, value in node.value
                if key.value == "scenarios" and isinstance(value, yaml.SequenceNode)
                for part in value.value
                if isinstance(part, yaml.MappingNode)
                and (name := _texts(part).get("name")) is not None
            }
            yield str(identifier.value), Sentence(_place(file, identifier), says, scenarios)
        for _, value in node.value:
            yield from _statements(value, file)


def _texts(node: yaml.MappingNode) -> dict[str, yaml.ScalarNode]:
    """Return the scalars of a mapping."""
    return {
        key.value: value
        for key, value in node.value
        if isinstance(key, yaml.ScalarNode) and isinstance(value, yaml.ScalarNode)
    }


def _place(file: str, node: yaml.Node) -> str:
    return f"{file}:{node.start_mark.line + 1}"
