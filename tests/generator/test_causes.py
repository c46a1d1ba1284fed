"""A name that is wrong at one place is told of at that place, and nothing else is that follows."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

import pytest
from harness.specifications import ROOT, real_spec
from nimnet_gen.checks import check
from nimnet_gen.model.surface import Spec
from nimnet_gen.project.folders import find_project
from nimnet_gen.runtime.index import index_runtime
from nimnet_gen.source.diagnostics import Diagnostic

PROJECT = find_project(ROOT)
SPEC = real_spec()
Kind = Literal["types", "procs", "operations"]


def faults(spec: Spec) -> list[Diagnostic]:
    return list(check(spec, index_runtime(PROJECT.runtime / spec.package.runtime)))


def renamed(kind: Kind, right: str, wrong: str, base: str | None = None) -> Spec:
    """Return the project's specification with another name at one definition."""
    modules = []
    for module in SPEC.modules:
        match kind:
            case "types":
                types = tuple(
                    replace(one, name=wrong, base=base or one.base) if one.name == right else one
                    for one in module.types
                )
                modules.append(replace(module, types=types))
            case "procs":
                procs = tuple(
                    replace(one, name=wrong) if one.name == right else one for one in module.procs
                )
                modules.append(replace(module, procs=procs))
            case "operations":
                operations = tuple(
                    replace(one, name=wrong) if one.name == right else one
                    for one in module.operations
                )
                modules.append(replace(module, operations=operations))
    return replace(SPEC, modules=tuple(modules))


@pytest.mark.parametrize(
    ("kind", "right", "wrong", "message", "hint"),
    [
        (
            "types", "Socket", "Sockt",
            "nothing uses this 'Sockt', and nothing defines 'Socket'",
            r"write `name: Socket`, which is used in \d\d places: (\S+:\d+,? ){3}and \d+ more",
        ),
        (
            "types", "Port", "Harbour",
            "nothing uses this 'Harbour', and nothing defines 'Port'",
            "write `name: Port`, .*",
        ),
        (
            "types", "SslError", "SlError",
            "nothing uses this 'SlError', and nothing defines 'SslError'",
            "write `name: SslError`, .*",
        ),
        (
            "procs", "recvLine", "recvLin",
            "the statements of 'recvLin' are all about 'recv_line'",
            "write `name: recvLine`, or begin their ids with 'recv_lin'; it is called in .*",
        ),
        (
            "operations", "read", "reed",
            "nothing runs this 'reed', and there is no operation 'read'",
            "write `name: read`, which is run in .*",
        ),
    ],
    ids=["class", "distinct", "exception", "proc", "operation"],
)  # fmt: skip
def test_a_misspelt_definition_is_one_fault(
    kind: Kind, right: str, wrong: str, message: str, hint: str
) -> None:
    (fault,) = faults(renamed(kind, right, wrong))
    assert fault.message == message
    assert re.fullmatch(hint, fault.hint), fault.hint
    # The text of the specification still has the right name there.
    assert re.search(rf"name: {right}\b", fault.line_text)


def test_what_is_wrong_besides_is_found() -> None:
    cause, other = faults(renamed("types", "Port", "Prot", base="uint61"))
    assert cause.is_cause
    assert other.message == "'uint61' is neither an integer type nor a string"


def test_a_missing_definition_is_told_of_once() -> None:
    modules = (
        replace(module, types=tuple(one for one in module.types if one.name != "SslError"))
        for module in SPEC.modules
    )
    causes = [fault for fault in faults(replace(SPEC, modules=tuple(modules))) if fault.is_cause]
    assert [fault.message for fault in causes] == ["nothing defines 'SslError'"]
    assert "It is used in " in causes[0].hint
