"""One YAML file as a tree of nodes that know where they stand.

The tree is built from the parser's events, not by its composer: events still show anchors, aliases
and tags, which the specification does not allow, they come one by one, so that a limit ends the
work, and they cannot recurse. Scalars stay text: what a plain `on` or `12` means depends on the
key, and that is for `load` to decide.

The limits are what makes all later stages end in time, as each does a bounded work for a text, a
list or a value: they are far above what a specification needs, and far below what exhausts anyone.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, NoReturn, Protocol

import yaml

from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.position import Position
from nimnet_gen.source.reading import RejectedError, read_file, text_of

MAX_DEPTH: Final = 24
"""The deepest nesting that is read; a scenario's steps stand at twelve."""

MAX_ITEMS: Final = 250
"""The longest list or mapping that is read; the longest of the documented API has 45 items."""

MAX_LENGTH: Final = 10_000
"""The longest text or key that is read, in characters; the longest paragraph has 800."""

MAX_NODES: Final = 120_000
"""The most values that all files together may have; the documented API has 60,000."""

MAX_ALL_BYTES: Final = 1_250_000
"""The largest size of all files together; the documented API has 670,000 bytes."""

_REREAD: Final = 100_000
"""How far into a text a fault may be, in characters, to be looked for again, and slowly."""

_AHEAD: Final = 2_000
"""How many characters a parser may have read beyond a fault; a key's end it expects in 1,024."""

_COLLECTION: Final = ("while parsing a flow", "while parsing a block")
"""How the parser speaks of tokens that do not fit together; else one of them alone is wrong."""

_OPENED: Final = (
    "while parsing a flow sequence",
    "while parsing a flow mapping",
    "while scanning a quoted scalar",
)
"""How the parser speaks of something with an end of its own: a list, a mapping, a quoted text."""


class ScalarNode(NamedTuple):
    """Text; `plain` if it stands without quotes, so that YAML could take it for something else."""

    at: Position
    text: str
    plain: bool


class SequenceNode(NamedTuple):
    """A list."""

    at: Position
    items: tuple[Node, ...]


class MappingNode(NamedTuple):
    """A mapping; its keys are distinct."""

    at: Position
    entries: tuple[tuple[ScalarNode, Node], ...]


Node = ScalarNode | SequenceNode | MappingNode


@dataclass
class Allowance:
    """What is left of the limits for all files of a specification, while they are read."""

    bytes: int
    nodes: int

    @property
    def is_spent(self) -> bool:
        """Whether a file had more than was left, so that none after it is read."""
        return self.bytes < 0 or self.nodes < 0

    @classmethod
    def whole(cls) -> Allowance:
        """Return all that is allowed; less where the parser is the one in Python, which is slow."""
        if _has_libyaml():
            return cls(MAX_ALL_BYTES, MAX_NODES)
        return cls(MAX_ALL_BYTES * 2 // 3, MAX_NODES * 2 // 3)


def read_source(
    path: Path, name: str, found: Diagnostics, allowance: Allowance | None = None
) -> Node | None:
    """Read the one document of a file.

    Args:
        path: the file.
        name: what positions call it.
        found: gets every fault, and the file's lines.
        allowance: what this file and those after it may have; None for all that a file may have.

    Returns:
        The document's root, or None if there is a fault.

    Raises:
        TooManyFaultsError: There are more faults than are collected.
    """
    try:
        raw = read_file(path, name, found)
    except RejectedError:
        return None
    return parse_source(raw, name, found, allowance)


def parse_source(
    raw: bytes, name: str, found: Diagnostics, allowance: Allowance | None = None
) -> Node | None:
    """Parse the one document of a file's bytes; see `read_source`."""
    faults = len(found)
    allowed = Allowance.whole() if allowance is None else allowance
    try:
        allowed.bytes -= len(raw)
        if allowed.is_spent:
            found.add(
                "SPEC003",
                f"with this file there are more than {Allowance.whole().bytes} bytes to read",
                Position(name, 1, 1),
                "a specification of this size does not fit into one package",
            )
            return None
        root = _Builder(text_of(raw, name, found), name, found, allowed).build()
    except RejectedError:
        return None
    return root if len(found) == faults else None


def _has_libyaml() -> bool:
    return _LOADER is not yaml.SafeLoader


class _Mark(Protocol):
    """What the two parsers' marks have in common."""

    @property
    def index(self) -> int: ...
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


class _Open:
    """A collection whose end has not come yet."""

    __slots__ = ("at", "children", "is_mapping")

    def __init__(self, at: Position, is_mapping: bool) -> None:
        self.at = at
        self.is_mapping = is_mapping
        self.children: list[Node] = []


class _Builder:
    """Builds the tree from events, on a stack of its own."""

    def __init__(self, text: str, name: str, found: Diagnostics, allowance: Allowance) -> None:
        self._text = text
        self._name = name
        self._found = found
        self._allowance = allowance
        self._root: Node | None = None
        self._open: list[_Open] = []

    def build(self) -> Node:
        try:
            self._consume(self._text)
        except yaml.YAMLError as error:
            self._not_yaml(error)
        if self._root is None:
            self._found.add(
                "SPEC007",
                "the file is empty",
                Position(self._name, 1, 1),
                "start with `name:` and `doc:`",
            )
            raise RejectedError
        return self._root

    def _consume(self, text: str) -> None:
        documents = 0
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.ScalarEvent):
                at = self._at(event.start_mark)
                self._check_node(event, at)
                if len(event.value) > MAX_LENGTH:
                    count = len(event.value)
                    self._exceed(f"a text of {count} characters; at most {MAX_LENGTH} are read", at)
                self._place(ScalarNode(at, event.value, not event.style))
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                at = self._at(event.start_mark)
                self._check_node(event, at)
                self._open.append(_Open(at, isinstance(event, yaml.MappingStartEvent)))
                if len(self._open) > MAX_DEPTH:
                    self._refuse_depth(at)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                self._close()
            elif isinstance(event, yaml.AliasEvent):
                at = self._at(event.start_mark)
                self._found.add(
                    "SPEC008", f"the alias '*{event.anchor}' is not allowed", at, "write it out"
                )
                self._place(ScalarNode(at, "", False))
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    at = self._at(event.start_mark)
                    self._reject(
                        "SPEC007", "a second document in one file", at, "one file, one module"
                    )

    def _at(self, mark: _Mark | None) -> Position:
        if mark is None:  # pragma: no cover - PyYAML's types allow it, its parsers do not
            return Position(self._name, 1, 1)
        return Position(self._name, mark.line + 1, mark.column + 1)

    def _check_node(
        self,
        event: yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent,
        at: Position,
    ) -> None:
        if event.anchor is not None:
            self._found.add(
                "SPEC008", f"the anchor '&{event.anchor}' is not allowed", at, "write it out"
            )
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._found.add("SPEC008", f"the tag '{tag}' is not allowed", at, "leave it out")

    def _place(self, node: Node) -> None:
        self._allowance.nodes -= 1
        if self._allowance.nodes < 0:
            most = Allowance.whole().nodes
            self._exceed(
                f"more values, in all files up to here, than the {most} that are read", at=node.at
            )
        if not self._open:
            self._root = node
            return
        inside = self._open[-1]
        inside.children.append(node)
        if len(inside.children) > MAX_ITEMS * (2 if inside.is_mapping else 1):
            what = "mapping" if inside.is_mapping else "list"
            self._exceed(f"a {what} of more than {MAX_ITEMS} items", node.at)

    def _exceed(self, message: str, at: Position) -> NoReturn:
        self._reject("SPEC011", message, at)

    def _close(self) -> None:
        done = self._open.pop()
        if not done.is_mapping:
            self._place(SequenceNode(done.at, tuple(done.children)))
            return
        entries: list[tuple[ScalarNode, Node]] = []
        first: dict[str, Position] = {}
        for key, value in zip(done.children[::2], done.children[1::2], strict=True):
            if not isinstance(key, ScalarNode):
                self._found.add("SPEC020", "a key must be a word", key.at)
            elif key.plain and key.text == "<<":
                self._found.add(
                    "SPEC008", "the merge key '<<' is not allowed", key.at, "write it out"
                )
            elif key.text in first:
                self._found.add(
                    "SPEC009",
                    f"the key '{key.text}' stands here twice",
                    key.at,
                    f"the first is in line {first[key.text].line}",
                )
            else:
                first[key.text] = key.at
                entries.append((key, value))
        self._place(MappingNode(done.at, tuple(entries)))

    def _reject(self, code: str, message: str, at: Position, hint: str = "") -> NoReturn:
        self._found.add(code, message, at, hint)
        raise RejectedError

    def _not_yaml(self, error: yaml.YAMLError) -> NoReturn:
        """Report the parser's words, unless the text before is nested too deep for any parser."""
        mark: _Mark | None = None
        # The characters of which PyYAML complains without a mark were refused before.
        if isinstance(error, yaml.MarkedYAMLError):  # pragma: no branch  # the others are refused
            mark = error.problem_mark or error.context_mark
        if not isinstance(error, yaml.MarkedYAMLError) or mark is None:  # pragma: no cover
            self._reject("SPEC006", "the text is not YAML", Position(self._name, 1, 1))
        self._refuse_depth_before(error, mark)
        error = self._better_worded(error, mark)
        mark = error.problem_mark or error.context_mark or mark
        last = len(self._found.sources[self._name])
        at = Position(self._name, min(mark.line + 1, last), mark.column + 1)
        problem = " ".join((error.problem or "").split())
        context = " ".join((error.context or "").split())
        message = f"not YAML: {problem}" + (f" ({context})" if context else "")
        self._reject("SPEC006", message, at, self._hint(problem, context, error.context_mark))

    def _refuse_depth_before(self, error: yaml.MarkedYAMLError, mark: _Mark) -> None:
        """Refuse brackets that the parser has read but not told of: it reads ahead in a line.

        Some versions of libyaml refuse deep nesting themselves, in the midst of that. What stands
        before the fault, or before the token that it is in, is parsed again, as it ends there; and
        then its last line alone, since what begins a line of a mapping must become a key, which it
        cannot if the text ends there.
        """
        is_token = not (error.context or "").startswith(_COLLECTION)
        begun = (error.context_mark if is_token else None) or mark
        above = self._text[: begun.index]
        start = max(above.rfind("\n"), above.rfind("\r")) + 1
        line = self._text[start : mark.index]
        if len(self._open) + line.count("[") + line.count("{") <= MAX_DEPTH:
            return
        row = min(begun.line, len(self._found.sources[self._name]) - 1)
        left = len(line) - len(line.lstrip(" "))
        for end in (mark.index, begun.index):
            if deep := _first_too_deep(self._text[:end]):
                self._refuse_depth(self._at(deep))
            if deep := _first_too_deep(self._text[start + left : end]):
                at = Position(self._name, row + deep.line + 1, deep.column + 1)
                self._refuse_depth(at if deep.line else at._replace(column=at.column + left))

    def _refuse_depth(self, at: Position) -> NoReturn:
        self._reject("SPEC010", f"nested deeper than {MAX_DEPTH} levels", at)

    def _better_worded(self, error: yaml.MarkedYAMLError, mark: _Mark) -> yaml.MarkedYAMLError:
        """Return what the parser in Python says of the same line: more than libyaml, but slowly."""
        if not _has_libyaml() or mark.index > _REREAD:
            return error
        try:
            for _ in yaml.parse(self._text[: mark.index + _AHEAD], Loader=yaml.SafeLoader):
                pass
        except yaml.MarkedYAMLError as better:
            if better.problem_mark is not None and better.problem_mark.line == mark.line:
                return better
        return error

    def _hint(self, problem: str, context: str, opened: _Mark | None) -> str:
        """Say what usually is at the bottom of a fault, which the parser notices only later."""
        if context.startswith(_OPENED):
            at = self._at(opened)
            return f"what line {at.line} opens in column {at.column} is not closed before this"
        if context.startswith("while parsing a block"):
            return "is a bracket or quote before this left open, or the indentation wrong?"
        if "mapping values" in problem or "cannot start any token" in problem:
            return "quote a text that holds ': ' or starts with a sign"
        return ""


def _first_too_deep(text: str) -> _Mark | None:
    """Return where a text is nested deeper than the limit, if it is, before it is no YAML."""
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > MAX_DEPTH:
                    return event.start_mark
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError:
        pass
    return None


_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
