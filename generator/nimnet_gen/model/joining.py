"""From the surface of modules and the evidence of them to modules that have both.

A module's statements and operations stand in its own file, or all of them in the files of its
evidence: never some here and some there, so that who reads a surface knows whether it has any. Such
a file refers to an entry of the surface as a scenario's step does to what it calls: `recv/4` is the
fourth overload, in documented order, of all that are called `recv`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import cached_property
from typing import Final, TypeVar

from nimnet_gen.model.declaration import Located
from nimnet_gen.model.entries import Entry, entries_of
from nimnet_gen.model.evidence import EntryEvidence, EvidenceFile, Statement
from nimnet_gen.model.references import NoOverloadError, reference
from nimnet_gen.model.surface import Callable, Const, Module, Type
from nimnet_gen.source.diagnostics import LONGEST_NAME, Diagnostics

_WORD: Final = re.compile(r"\w+")
_E = TypeVar("_E", Type, Const, Callable)


def joined(
    modules: Iterable[Module], evidence: Mapping[str, Sequence[EvidenceFile]], found: Diagnostics
) -> tuple[Module, ...]:
    """Return the modules with what their evidence states.

    Args:
        modules: The surfaces, in the package's order.
        evidence: By a module's name, what stands in its files of evidence.
        found: Gets every fault of what refers to an entry.
    """
    listed = tuple(modules)
    subjects = _Subjects(listed, evidence, found)
    return tuple(
        _joined(module, evidence[module.name], subjects, found)
        if module.name in evidence
        else module
        for module in listed
    )


def _joined(
    module: Module, evidence: Sequence[EvidenceFile], subjects: _Subjects, found: Diagnostics
) -> Module:
    for located in (module, *entries_of(module)):
        _refuse_evidence(located, evidence[0], found)
    stated: dict[Entry, tuple[Statement, ...]] = {}
    for file in evidence:
        here: dict[Entry, EntryEvidence] = {}
        for part in file.entries:
            entry = subjects.subject(part, module)
            if entry is None:
                continue
            if entry in here:
                found.add(
                    "SPEC029",
                    f"the evidence of '{part.of}' stands here twice",
                    part.where("of"),
                    f"add to the one in line {here[entry].at.line}",
                )
            here.setdefault(entry, part)
        for entry, part in here.items():
            stated[entry] = (*stated.get(entry, ()), *part.statements)
    return replace(
        module,
        types=_with(stated, module.types),
        consts=_with(stated, module.consts),
        procs=_with(stated, module.procs),
        operations=tuple(operation for file in evidence for operation in file.operations),
        statements=tuple(statement for file in evidence for statement in file.statements),
    )


def _with(stated: Mapping[Entry, tuple[Statement, ...]], entries: tuple[_E, ...]) -> tuple[_E, ...]:
    return tuple(
        replace(entry, statements=stated[entry]) if entry in stated else entry for entry in entries
    )


def _refuse_evidence(located: Located, evidence: EvidenceFile, found: Diagnostics) -> None:
    """Report what stands in the surface of a module whose evidence has a file, or several."""
    for key in ("operations", "statements"):
        if key in located.keys:
            found.add(
                "SPEC029",
                f"'{key}' stands here, and the module has a file for its evidence",
                located.where(key),
                f"move it to {evidence.at.file}",
            )


class _NoSubjectError(Exception):
    """What is wrong with a reference, and what would be right."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}; {hint}")
        self.message = message
        self.hint = hint


class _Subjects:
    """What the evidence of a specification can be about: every entry of every module."""

    def __init__(
        self,
        modules: tuple[Module, ...],
        evidence: Mapping[str, Sequence[EvidenceFile]],
        found: Diagnostics,
    ) -> None:
        self._found = found
        self._stated = {
            module: {reference(part.of).name for file in files for part in file.entries}
            for module, files in evidence.items()
        }
        self._home: dict[Entry, Module] = {}
        self._overloads: dict[str, list[Callable]] = {}
        self._others: dict[str, Entry] = {}
        self._misnamed: set[Entry] = set()
        for module in modules:
            for entry in entries_of(module):
                self._home[entry] = module
                if isinstance(entry, Callable):
                    self._overloads.setdefault(entry.name, []).append(entry)
                else:
                    self._others.setdefault(entry.name, entry)

    def subject(self, part: EntryEvidence, module: Module) -> Entry | None:
        """Return the entry of a module that a part of its evidence is about; None for a fault."""
        meant = reference(part.of)
        try:
            entry = meant.of(self._named(meant.name, module)) or self._only(meant.name)
            self._require_home(entry, part.of, module)
        except (NoOverloadError, _NoSubjectError) as error:
            if not self._is_misnamed(meant.name, part, module):
                self._found.add("SPEC028", error.message, part.where("of"), error.hint)
            return None
        return entry

    def _is_misnamed(self, name: str, part: EntryEvidence, module: Module) -> bool:
        """Report the entry that was most probably to be called so, if its name is what is wrong.

        It is one that no evidence is of, and the rest of the specification has the other name.
        """
        if len(name) > LONGEST_NAME:
            return False
        stated = self._stated[module.name]
        free = {one.name: one for one in entries_of(module) if one.name not in stated}
        near = get_close_matches(name, free, n=1)
        if not near or self._words[near[0]] >= self._words[name]:
            return False
        if free[near[0]] in self._misnamed:
            return True  # another file states something of it, too
        self._misnamed.add(free[near[0]])
        at = part.where("of")
        self._found.add(
            "SPEC028",
            f"no evidence is of this '{near[0]}', and '{part.of}' is no entry",
            free[near[0]].where("name"),
            f"write `name: {name}`: that is what {at.file}:{at.line} states something of, and the "
            f"specification says it {self._words[name]} times",
            is_cause=True,
        )
        return True

    @cached_property
    def _words(self) -> Counter[str]:
        """How often each word stands in the files of the specification."""
        lines = (line for file in self._found.sources.values() for line in file)
        return Counter(word for line in lines for word in _WORD.findall(line))

    def _named(self, name: str, module: Module) -> tuple[Entry, ...]:
        """Return what has a name: the one thing that it is, or its overloads."""
        if name in self._others:
            return (self._others[name],)
        if name in self._overloads:
            return tuple(self._overloads[name])
        known = {entry.name: entry for entry in entries_of(module)}
        otherwise = f"it must be an entry of {module.at.file}"
        hint = self._found.did_you_mean(name, known, otherwise)
        for near, entry in known.items():
            if hint == f"did you mean '{near}'?":
                # Which of the two is misspelt is not known here.
                hint += f" If not, that is misspelt: {entry.at.file}:{entry.at.line}"
        raise _NoSubjectError(f"there is no '{name}' to state this of", hint)

    def _only(self, name: str) -> Entry:
        if name in self._others:
            return self._others[name]
        first, *more = self._overloads[name]
        if more:
            message = f"'{name}' has {len(more) + 1} overloads"
            raise _NoSubjectError(message, f"say which, as in {name}/1")
        return first

    def _require_home(self, entry: Entry, written: str, module: Module) -> None:
        home = self._home[entry]
        if home is not module:
            message = f"'{written}' is an entry of '{home.name}', not of '{module.name}'"
            raise _NoSubjectError(message, "state it in the evidence of that module")
