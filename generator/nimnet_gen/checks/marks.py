"""What the documentation lacks: marked once, and of a version of the original that is named."""

from __future__ import annotations

from collections.abc import Iterator

from nimnet_gen.model.declaration import Marked
from nimnet_gen.model.entries import Entry, entries_of
from nimnet_gen.model.evidence import Statement
from nimnet_gen.model.surface import (
    Const,
    EnumMember,
    Module,
    ObjectField,
    Package,
    Param,
    Result,
    Spec,
    Type,
)
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics

_Part = Param | Result | EnumMember | ObjectField | Statement


def check_marks(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:  # noqa: ARG001  # every room is called alike
    """Check every `since`, and that it stands alone."""
    package = spec.package
    original = package.original
    if original is not None and not f"{package.source} ".startswith(f"{original} "):
        found.add(
            "SPEC137",
            f"the source does not begin with '{original}'",
            package.where("original"),
            "write what `source` begins with: the name of what is transcribed, without its version",
        )
    for module in spec.modules:
        for marked, whole in _marked(module):
            if marked.since is None:
                continue
            _check_since(marked, package, found)
            _check_alone(marked, whole, found)


def _marked(module: Module) -> Iterator[tuple[Entry | _Part, Entry | None]]:
    """Yield all that can have a mark, with the entry that it is a part of."""
    for statement in module.statements:
        yield statement, None
    for entry in entries_of(module):
        yield entry, None
        yield from ((part, entry) for part in _parts(entry))


def _parts(entry: Entry) -> Iterator[_Part]:
    yield from entry.statements
    if isinstance(entry, Const):
        return
    yield from entry.params
    if entry.returns is not None:
        yield entry.returns
    if isinstance(entry, Type):
        yield from entry.members
        yield from entry.fields


def _check_since(marked: Entry | _Part, package: Package, found: Diagnostics) -> None:
    since, original = " ".join((marked.since or "").split()), package.original
    if original is None:
        found.add(
            "SPEC137",
            "the package does not say what the original is called",
            marked.where("since"),
            "add `original:` to package.yaml: the name that `source` begins with",
        )
    elif not since.startswith(f"{original} "):
        found.add(
            "SPEC137",
            f"'{since}' is no version of {original}",
            marked.where("since"),
            f"write `since: {original} ` and the version that has it first",
        )


def _check_alone(marked: Entry | _Part, whole: Entry | None, found: Diagnostics) -> None:
    if isinstance(marked, Marked) and marked.extension:
        found.add(
            "SPEC136",
            "an extension is of no version of the original",
            marked.where("since"),
            "leave `extension` out if the original has it, else `since`",
        )
    elif whole is not None and whole.extension:
        found.add(
            "SPEC136",
            f"this is a part of '{whole.name}', which no version of the original has",
            marked.where("since"),
            "leave it out, or say `since` in place of `extension` there",
        )
