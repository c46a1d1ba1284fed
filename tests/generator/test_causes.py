"""A name that is wrong at one place is told of at that place, and nothing else is that follows."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from harness.specifications import ROOT, real_spec
from nimnet_gen.checks import check
from nimnet_gen.model.load import load_spec
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


@pytest.mark.parametrize(
    ("file", "right", "wrong", "message", "hint"),
    [
        (
            "errors.yaml", "name: SslError", "name: SlError",
            "no evidence is of this 'SlError', and 'SslError' is no entry",
            r"write `name: SslError`: that is what \S+/evidence/errors.yaml:\d+ states something "
            r"of, and the specification says it \d{3} times",
        ),
        (
            "socket.yaml", "name: Socket", "name: Sockt",
            "no evidence is of this 'Sockt', and 'Socket' is no entry",
            "write `name: Socket`: .*",
        ),
        (
            "types.yaml", "name: Port", "name: Prot",
            "no evidence is of this 'Prot', and 'Port' is no entry",
            "write `name: Port`: .*",
        ),
        (
            "socket.yaml", "name: recvLine", "name: recvLin",
            "no evidence is of this 'recvLin', and 'recvLine' is no entry",
            "write `name: recvLine`: .*",
        ),
        (
            "socket.yaml", "name: recv", "name: recvv",
            "no evidence is of this 'recvv', and 'recv/4' is no entry",
            "write `name: recv`: .*",
        ),
        (
            "evidence/errors.yaml", "of: SslError", "of: SlError",
            "there is no 'SlError' to state this of",
            r"did you mean 'SslError'\? .*",
        ),
        (
            "evidence/socket.yaml", "name: read", "name: reed",
            "nothing runs this 'reed', and there is no operation 'read'",
            r"write `name: read`, which is run in \d{3} places: .* and \d+ more",
        ),
        (
            "package.yaml", "[errors", "[errrs",
            "there is no file 'errrs.yaml'",
            r"did you mean 'errors'\?",
        ),
    ],
    ids=["exception", "class", "distinct", "proc", "overload", "evidence", "operation", "module"],
)  # fmt: skip
def test_a_name_that_is_misspelt_in_a_file_is_one_fault(
    file: str, right: str, wrong: str, message: str, hint: str, tmp_path: Path
) -> None:
    folder = tmp_path / "net"
    shutil.copytree(PROJECT.spec, folder)
    text = (folder / file).read_text(encoding="utf-8")
    changed, count = re.subn(rf"{re.escape(right)}(?!\w)", wrong, text, count=1)
    assert count == 1
    (folder / file).write_text(changed, encoding="utf-8")
    spec, found = load_spec(folder, PROJECT.data, tmp_path)
    (fault,) = found if spec is None else faults(spec)
    assert fault.message == message
    assert re.fullmatch(hint, fault.hint), fault.hint
    assert wrong in fault.line_text
