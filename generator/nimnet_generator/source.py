"""One YAML file as a tree of nodes that know where they stand.

The tree is built from the parser's events, not by its composer: events still show anchors, aliases
and tags, which the specification does not allow, and they cannot recurse. Scalars stay text: what a
plain `on` or `12` means depends on the key, and that is for `load` to decide.
"""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import Final, NamedTuple, NoReturn, Protocol

import yaml

from nimnet_generator.diagnostics import Diagnostics
from nimnet_generator.position import Position

MAX_BYTES: Final = 1_000_000
"""The largest file that is read; the whole documented API takes a quarter of it."""

MAX_DEPTH: Final = 24
"""The deepest nesting that is read; a scenario's steps stand at twelve."""

_REPARSED: Final = 200_000
"""Texts up to this size are parsed again, slowly, for a message that does not depend on libyaml."""

_FORBIDDEN: Final = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_INDENT_TAB: Final = re.compile(r" *\t")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")

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


class _RejectedError(Exception):
    """The file is no source; the fault is already collected."""


def read_source(path: Path, name: str, found: Diagnostics) -> Node | None:
    """Read the one document of a file.

    Args:
        path: the file.
        name: what positions call it.
        found: gets every fault, and the file's lines.

    Returns:
        The document's root, or None if there is a fault.
    """
    start = Position(name, 1, 1)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            found.add("SPEC001", "not a file", start)
            return None
        if status.st_size > MAX_BYTES:
            found.add(
                "SPEC003",
                f"the file has {status.st_size} bytes; at most {MAX_BYTES} are read",
                start,
                "split the module in two",
            )
            return None
        raw = path.read_bytes()
    except OSError as error:
        found.add("SPEC001", f"cannot read the file: {error.strerror or error}", start)
        return None
    return parse_source(raw, name, found)


def parse_source(raw: bytes, name: str, found: Diagnostics) -> Node | None:
    """Parse the one document of a file's bytes; see `read_source`."""
    faults = len(found)
    try:
        text = _text_of(raw, name, found)
        root = _Builder(text, name, found).build()
    except _RejectedError:
        return None
    return root if len(found) == faults else None


def _text_of(raw: bytes, name: str, found: Diagnostics) -> str:
    """Decode a file's bytes, and check what YAML parsers report in terms of their own."""
    start = Position(name, 1, 1)
    for mark, encoding in (
        (b"\xef\xbb\xbf", "UTF-8"),
        (b"\xff\xfe", "UTF-16"),
        (b"\xfe\xff", "UTF-16"),
    ):
        if raw.startswith(mark):
            found.add(
                "SPEC002",
                f"the file starts with a byte order mark ({encoding})",
                start,
                "save it as UTF-8 without a byte order mark",
            )
            raise _RejectedError
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        found.add_source(name, tuple(_LINE_END.split(raw.decode("utf-8", "replace"))))
        found.add(
            "SPEC002",
            f"the file is not UTF-8: byte 0x{raw[error.start]:02x}",
            _position_of(before, len(before), name),
            "save it as UTF-8",
        )
        raise _RejectedError from None
    found.add_source(name, tuple(_LINE_END.split(text)))
    if wrong := _FORBIDDEN.search(text):
        found.add(
            "SPEC004",
            f"the character U+{ord(wrong[0]):04X} is not allowed",
            _position_of(text, wrong.start(), name),
            f"remove it; where it is meant, write {_escape(wrong[0])} in double quotes",
        )
        raise _RejectedError
    tabs = [
        Position(name, number, tab.end())
        for number, line in enumerate(found.sources[name], start=1)
        if (tab := _INDENT_TAB.match(line))
    ]
    for at in tabs:
        found.add("SPEC005", "a tab in the indentation", at, "indent with spaces")
    if tabs:
        raise _RejectedError
    return text


def _escape(char: str) -> str:
    """Return YAML's escape for a character."""
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _position_of(text: str, offset: int, name: str) -> Position:
    lines = _LINE_END.split(text[:offset])
    return Position(name, len(lines), len(lines[-1]) + 1)


class _Mark(Protocol):
    """What the two parsers' marks have in common."""

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

    def __init__(self, text: str, name: str, found: Diagnostics) -> None:
        self._text = text
        self._name = name
        self._found = found
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
            raise _RejectedError
        return self._root

    def _consume(self, text: str) -> None:
        documents = 0
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.ScalarEvent):
                at = self._at(event.start_mark)
                self._check_node(event, at)
                self._place(ScalarNode(at, event.value, not event.style))
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                at = self._at(event.start_mark)
                self._check_node(event, at)
                self._open.append(_Open(at, isinstance(event, yaml.MappingStartEvent)))
                if len(self._open) > MAX_DEPTH:
                    self._reject("SPEC010", f"nested deeper than {MAX_DEPTH} levels", at)
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
        if self._open:
            self._open[-1].children.append(node)
        else:
            self._root = node

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
        raise _RejectedError

    def _not_yaml(self, error: yaml.YAMLError) -> NoReturn:
        """Report the parser's words; libyaml says less, so its are taken only if they must be."""
        if _LOADER is not yaml.SafeLoader and len(self._text) <= _REPARSED:
            try:
                for _ in yaml.parse(  # pragma: no branch - what libyaml refuses, this does, too
                    self._text, Loader=yaml.SafeLoader
                ):
                    pass
            except yaml.YAMLError as better:
                error = better
        at = Position(self._name, 1, 1)
        message, hint = "the text is not YAML", ""
        # The characters of which PyYAML complains without a mark were refused before.
        if isinstance(error, yaml.MarkedYAMLError):  # pragma: no branch  # the others are refused
            if (
                mark := error.problem_mark or error.context_mark
            ):  # pragma: no branch  # one is there
                last = len(self._found.sources[self._name])
                at = Position(self._name, min(mark.line + 1, last), mark.column + 1)
            problem = " ".join((error.problem or "").split())
            context = " ".join((error.context or "").split())
            message = f"not YAML: {problem}" + (f" ({context})" if context else "")
            hint = self._hint(problem, context, error.context_mark)
        self._reject("SPEC006", message, at, hint)

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


_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
