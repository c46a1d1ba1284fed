"""What `nim jsondoc` says of a module: the declarations, and of what kind each is."""

from __future__ import annotations

import json
from collections.abc import Collection

from nimnet_gen.documentation.declarations import AT, constant, routine, type_
from nimnet_gen.documentation.splitting import DeclarationError
from nimnet_gen.model.facts import DocumentedConst, DocumentedRoutine, DocumentedType, FactsFile


class DocumentationError(Exception):
    """A text is not what `nim jsondoc` writes, or declares what no facts are known of."""


def read_documentation(text: str, source: str, only: Collection[str] = ()) -> FactsFile:
    """Return the facts of a module's documentation, in its order and still without a checksum.

    Args:
        text: What `nim jsondoc` wrote.
        source: Which documentation of which version it is.
        only: The names that are wanted; without any, all are.

    Raises:
        DocumentationError: The text cannot be read, or lacks one of these names.
    """
    types: list[DocumentedType] = []
    consts: list[DocumentedConst] = []
    procs: list[DocumentedRoutine] = []
    try:
        for kind, code in _declarations(text):
            if kind == "skType":
                types.append(type_(code))
            elif kind in ("skConst", "skLet", "skVar"):
                consts.append(constant(code))
            else:
                procs.append(routine(code))
    except DeclarationError as error:
        raise DocumentationError(str(error)) from None
    missing = set(only) - {each.name for listed in (types, consts, procs) for each in listed}
    if missing:
        raise DocumentationError(f"the documentation has no {', '.join(sorted(missing))}")
    return FactsFile(
        at=AT,
        keys={},
        source=source,
        checksum="",
        types=tuple(each for each in types if not only or each.name in only),
        consts=tuple(each for each in consts if not only or each.name in only),
        procs=tuple(each for each in procs if not only or each.name in only),
    )


def _declarations(text: str) -> list[tuple[str, str]]:
    """Return the kind and the text of each declaration: procs first, templates and others last."""
    try:
        document = json.loads(text)
        found = [(str(entry["type"]), str(entry["code"])) for entry in document["entries"]]
    except (ValueError, TypeError, KeyError):
        raise DocumentationError("this is not what `nim jsondoc` writes") from None
    # A page has a section for each kind of routine, in this order.
    sections = ("skProc", "skFunc", "skMethod", "skIterator", "skMacro", "skTemplate")
    order = {kind: number for number, kind in enumerate(sections)}
    return sorted(found, key=lambda each: order.get(each[0], 0))
