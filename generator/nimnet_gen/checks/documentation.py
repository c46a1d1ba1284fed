"""The transcription as a whole, against the facts of the documentation.

Whatever is documented is transcribed, in documented order, and whatever is not is marked: as an
extension, or as what a later version has. How an entry is to look, `transcription` knows. A project
without a file of facts has nothing to be held against.
"""

from __future__ import annotations

from collections.abc import Callable as Function
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Generic, TypeVar

from nimnet_gen.checks.transcription import Transcription, place
from nimnet_gen.model.declaration import Located
from nimnet_gen.model.entries import entries_of
from nimnet_gen.model.facts import (
    DocumentedConst,
    DocumentedRoutine,
    DocumentedType,
    FactsFile,
    checksum,
)
from nimnet_gen.model.surface import Callable, Const, Spec, Type
from nimnet_gen.naming.names import nim_identity
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics

_S = TypeVar("_S", Type, Const, Callable)
_F = TypeVar("_F", DocumentedType, DocumentedConst, DocumentedRoutine)

_MARKS: Final = "an extension (`extension: true`), or of a later version (`since`)"
"""What an entry is that the documentation does not have."""

_TAKEN_BACK: Final = (
    "take the edit back: facts are taken as a whole, with their checksum, and what the "
    "documentation has wrong is an `amend` in the specification"
)


def check_documentation(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
    """Check that the specification has what is documented, as it is documented, and no more."""
    facts = spec.facts
    if facts is None:
        return
    at = facts.where("checksum")
    if facts.checksum != checksum(found.sources[at.file], at.line):
        found.add("SPEC135", "this is not the checksum of these facts", at, _TAKEN_BACK)
        return
    comparing = Transcription(found)
    package = spec.package
    comparing.same("the source", (package, "source"), package.source, facts, facts.source)
    _check_exports(spec, facts, comparing)
    modules = spec.modules
    types = [_documented(module.types) for module in modules]
    consts = [_documented(module.consts) for module in modules]
    procs = [_documented(module.procs) for module in modules]
    for defined, type_ in _matched(types, facts.types, lambda *_: True, found):
        comparing.compare_type(defined, type_)
    for const, constant in _matched(consts, facts.consts, lambda *_: True, found):
        comparing.compare_const(const, constant)
    for entry, routine in _matched(procs, facts.procs, _has_its_parameters, found):
        overloads = symbols.callables[entry.name]
        number = f"/{overloads.index(entry) + 1}" if len(overloads) > 1 else ""
        comparing.compare_callable(f"'{entry.name}{number}'", entry, routine)
    _check_extensions(spec, facts, found)


def _documented(entries: Sequence[_S]) -> list[_S]:
    """Return what stands in the place of the documentation's own entries."""
    return [each for each in entries if each.from_ is None and each.is_documented]


def _check_exports(spec: Spec, facts: FactsFile, comparing: Transcription) -> None:
    """Check the list of what is exported, and how often each name is listed."""
    package = spec.package
    stated = tuple(f"{export.name} x{export.count}" for export in package.exports)
    right = tuple(f"{export.name} x{export.count}" for export in facts.exports)
    comparing.same("the list of exports", (package, "exports"), stated, facts, right)


def _check_extensions(spec: Spec, facts: FactsFile, found: Diagnostics) -> None:
    """Check that no extension has a documented name, as Nim tells names apart."""
    named: dict[str, Located] = {}
    named |= {nim_identity(each.name): each for each in facts.types}
    named |= {nim_identity(each.name): each for each in facts.consts}
    named |= {nim_identity(each.name): each for each in facts.procs}
    for module in spec.modules:
        for entry in entries_of(module):
            taken = named.get(nim_identity(entry.name)) if entry.extension else None
            if taken is not None:
                found.add(
                    "SPEC134",
                    f"the extension '{entry.name}' has the name of what is documented",
                    entry.where("name"),
                    f"see {place(taken)}; give it another name, or leave `extension` out",
                )


def _has_its_parameters(entry: Callable, documented: DocumentedRoutine) -> bool:
    """Tell whether an entry is an overload, by the names of its parameters."""
    stated = [param.name for param in entry.params if param.is_documented]
    return stated == [param.name for param in documented.params]


@dataclass(frozen=True, eq=False)
class _Match(Generic[_S, _F]):
    """An entry, what it transcribes, and the place of that in the documentation's list."""

    entry: _S
    documented: _F
    index: int


def _matched(
    modules: Sequence[Sequence[_S]],
    documented: Sequence[_F],
    alike: Function[[_S, _F], bool],
    found: Diagnostics,
) -> list[tuple[_S, _F]]:
    """Return what is documented of each entry; report what has no other half, and the order.

    Args:
        modules: The entries of each module.
        documented: All that there must be.
        alike: Tells for things of one name whether they belong together.
        found: Gets the faults.
    """
    left = list(enumerate(documented))
    matches: dict[_S, _Match[_S, _F]] = {}
    # Of several overloads, those that are documented as they stand are what they seem to be; of the
    # others the first belongs to the first, so that an edit of one is no fault of another.
    for rule in (alike, lambda *_: True):
        for entry in (entry for entries in modules for entry in entries):
            if entry not in matches:
                for index, fact in left:
                    if fact.name == entry.name and rule(entry, fact):
                        matches[entry] = _Match(entry, fact, index)
                        left.remove((index, fact))
                        break
    for entries in modules:
        _report_undocumented(
            [entry for entry in entries if entry not in matches], documented, found
        )
        _report_order([matches[entry] for entry in entries if entry in matches], found)
    _report_missing(left, {match.index: match.entry for match in matches.values()}, found)
    return [(match.entry, match.documented) for match in matches.values()]


def _report_undocumented(
    entries: Sequence[_S], documented: Sequence[_F], found: Diagnostics
) -> None:
    for entry in entries:
        known = [fact.name for fact in documented]
        if entry.name in known:
            hint = f"all that are documented stand before it: see {_places(entry.name, documented)}"
        elif isinstance(entry, Callable):
            hint = f"it is {_MARKS}, or of another module (`from`)"
        else:
            hint = f"it is of another module of the original (`from`), or {_MARKS}"
        found.add(
            "SPEC130",
            f"no documentation has this '{entry.name}'",
            entry.where("name"),
            hint if entry.name in known else found.did_you_mean(entry.name, known, hint),
        )


def _places(name: str, documented: Sequence[_F]) -> str:
    return ", ".join(place(fact) for fact in documented if fact.name == name)


def _report_order(matches: Sequence[_Match[_S, _F]], found: Diagnostics) -> None:
    """Report the first entry that stands after one which is documented after it."""
    for before, match in pairwise(matches):
        if match.index < before.index:
            found.add(
                "SPEC133",
                f"'{match.entry.name}' stands after '{before.entry.name}', and is documented "
                "before it",
                match.entry.where("name"),
                f"see {place(match.documented)} and {place(before.documented)}",
            )
            return


def _report_missing(
    left: Sequence[tuple[int, _F]], transcribed: dict[int, _S], found: Diagnostics
) -> None:
    for index, fact in left:
        before = [transcribed[other] for other in sorted(transcribed) if other < index]
        after = f" after '{before[-1].name}' in {before[-1].at.file}" if before else ""
        found.add(
            "SPEC131",
            f"'{fact.name}' is documented, and not transcribed",
            fact.where("name"),
            f"add it{after}; what is not to be generated says why under `omit`",
        )
