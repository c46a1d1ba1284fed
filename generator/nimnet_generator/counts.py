"""How much there is in a specification."""

from __future__ import annotations

from collections.abc import Iterator

from nimnet_generator.model import Spec, Statement
from nimnet_generator.plan.entries import entries_of


def counts(spec: Spec) -> Iterator[str]:
    """Yield one line for each kind of thing, with how many there are."""
    types = [entry for module in spec.modules for entry in module.types]
    consts = [entry for module in spec.modules for entry in module.consts]
    procs = [entry for module in spec.modules for entry in module.procs]
    listed = list(statements(spec))
    scenarios = [scenario for statement in listed for scenario in statement.scenarios]
    documented = [entry for entry in procs if not entry.extension]
    templates = sum(entry.kind == "template" for entry in documented)
    yield _line(len(spec.modules), "module")
    yield _line(len(types), "type", omitted=sum(entry.omit is not None for entry in types))
    yield _line(len(consts), "const", omitted=sum(entry.omit is not None for entry in consts))
    yield _line(
        len(documented),
        "documented callable",
        f"{len(documented) - templates} procs, {templates} template{'' if templates == 1 else 's'}",
        omitted=sum(entry.omit is not None for entry in documented),
    )
    yield _line(
        len(procs) - len(documented),
        "extension",
        omitted=sum(entry.omit is not None for entry in procs if entry.extension),
    )
    amendments = sum(len(entry.amend) for entry in procs)
    amendments += sum(len(const.amend) for const in consts)
    yield _line(amendments, "amendment")
    tested = sum(bool(statement.scenarios) for statement in listed)
    untested = sum(statement.untested is not None for statement in listed)
    own = sum(statement.extension for statement in listed)
    yield _line(
        len(listed),
        "statement",
        f"{own} the package's own; {tested} with scenarios, {untested} untested with a reason",
    )
    departures = sum(bool(scenario.nim) for scenario in scenarios)
    yield _line(len(scenarios), "scenario", f"{departures} where Nim behaves otherwise")


def statements(spec: Spec) -> Iterator[Statement]:
    """Yield every statement, in order of the files."""
    for module in spec.modules:
        yield from module.statements
        for entry in entries_of(module):
            yield from entry.statements


def _line(count: int, what: str, note: str = "", omitted: int = 0) -> str:
    notes = [note] if note else []
    if omitted:
        notes.append(f"{omitted} not generated")
    plural = what if count == 1 else f"{what}s"
    return f"{count:5} {plural}" + (f" ({'; '.join(notes)})" if notes else "")
