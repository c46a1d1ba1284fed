"""The file of the oracle: each of its entries is about something that there is, and only once."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from typing import Final

from nimnet_gen.checks.contracts import is_exception
from nimnet_gen.model.declaration import Located
from nimnet_gen.model.oracle import LaterParam, NamedProc, OracleFile, Waits
from nimnet_gen.model.surface import Spec
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics

_IDENTIFIER: Final = re.compile(r"[A-Za-z](_?[A-Za-z0-9])*")
"""A name in Nim, where underscores stand alone and inside."""
_MODULE: Final = re.compile(rf"{_IDENTIFIER.pattern}(/{_IDENTIFIER.pattern})*")


def check_oracle(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
    """Check what a project says of the original, besides its documentation."""
    room = _Room(spec, symbols, found)
    oracle = spec.oracle
    room.check_expressions(oracle)
    for param in oracle.params:
        room.check_param(param)
    for proc in oracle.procs:
        room.check_proc(proc)
    if oracle.waits is not None:
        room.check_waits(oracle.waits)
        is_exception(oracle.waits.raises, oracle.waits.where("raises"), symbols, found)
    room.check_once("type", oracle.names, (one.type for one in oracle.names))
    room.check_once("name", oracle.params, ((one.of, one.name) for one in oracle.params))
    room.check_once("name", oracle.procs, (one.name for one in oracle.procs))


class _Room:
    def __init__(self, spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
        self._found = found
        self._stage_types = {name.type for name in spec.stage.names}
        self._callables = symbols.callables

    def check_expressions(self, oracle: OracleFile) -> None:
        """Check what becomes Nim as it is written."""
        if not _MODULE.fullmatch(oracle.support):
            at = oracle.where("support")
            self._found.add("SPEC124", f"'{oracle.support}' is no module of Nim", at, "support")
        if not oracle.subject.strip() or "\n" in oracle.subject:
            at = oracle.where("subject")
            self._found.add("SPEC124", "this is no expression of Nim", at, "stage.subject")
        for one in oracle.names:
            if one.type not in self._stage_types:
                self._found.add(
                    "SPEC124",
                    f"no name of the stage is of type '{one.type}'",
                    one.where("type"),
                    self._found.did_you_mean(one.type, self._stage_types, "drop it"),
                )
            if "{name}" not in one.nim or "\n" in one.nim:
                self._found.add(
                    "SPEC124",
                    "the expression does not say which name is meant",
                    one.where("nim"),
                    'put {name} where it belongs: textOf("{name}")',
                )

    def check_param(self, param: LaterParam) -> None:
        """Check that there is such a parameter, and that it is marked."""
        self._check_identifier(param)
        entries = self._callables.get(param.of)
        if entries is None:
            self._unknown(f"callable '{param.of}'", param, "of", param.of, self._callables)
            return
        params = {one.name: one for entry in entries for one in entry.params}
        if param.name not in params:
            what = f"parameter '{param.name}' of {param.of}"
            self._unknown(what, param, "name", param.name, params)
        elif params[param.name].is_documented:
            self._documented(param)

    def check_proc(self, proc: NamedProc) -> None:
        """Check that there is such a callable, and that it is marked."""
        self._check_identifier(proc)
        entries = self._callables.get(proc.name)
        if entries is None:
            self._unknown(f"callable '{proc.name}'", proc, "name", proc.name, self._callables)
        elif any(entry.is_documented for entry in entries):
            self._documented(proc)

    def check_waits(self, waits: Waits) -> None:
        """Check that there is such a parameter."""
        entries = [entry for named in self._callables.values() for entry in named]
        params = {param.name for entry in entries for param in entry.params}
        if waits.param not in params:
            self._unknown(f"parameter '{waits.param}'", waits, "param", waits.param, params)

    def check_once(
        self, key: str, entries: Iterable[Located], meanings: Iterable[Hashable]
    ) -> None:
        """Check that no two entries are about the same."""
        seen = set()
        for entry, meaning in zip(entries, meanings, strict=True):
            if meaning in seen:
                self._found.add("SPEC030", "it is said already", entry.where(key), "keep one")
            seen.add(meaning)

    def _check_identifier(self, entry: LaterParam | NamedProc) -> None:
        if not _IDENTIFIER.fullmatch(entry.nim):
            at = entry.where("nim")
            self._found.add("SPEC124", f"'{entry.nim}' is no name in Nim", at)

    def _unknown(
        self, what: str, entry: Located, key: str, name: str, known: Iterable[str]
    ) -> None:
        hint = self._found.did_you_mean(name, known, "drop it, or transcribe it")
        self._found.add("SPEC124", f"there is no {what}", entry.where(key), hint)

    def _documented(self, entry: LaterParam | NamedProc) -> None:
        self._found.add(
            "SPEC124",
            f"'{entry.name}' is documented, so that Nim has it under this name",
            entry.where("name"),
            "drop it here, or say `extension: true` or `since` there",
        )
