"""How much there is in a specification."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from nimnet_gen.checks.statements import all_statements
from nimnet_gen.model.declaration import Marked
from nimnet_gen.model.entries import Entry
from nimnet_gen.model.surface import Spec
from nimnet_gen.stage.matrix import Matrix


def counts(spec: Spec) -> Iterator[str]:
    """Yield one line for each kind of thing, with how many there are."""
    types = [entry for module in spec.modules for entry in module.types]
    consts = [entry for module in spec.modules for entry in module.consts]
    procs = [entry for module in spec.modules for entry in module.procs]
    documented = [entry for entry in procs if entry.is_documented]
    own = [entry for entry in procs if entry.extension]
    later = [entry for entry in procs if entry.since is not None]
    templates = sum(entry.kind == "template" for entry in documented)
    yield _line(len(spec.modules), "module")
    yield _line(len(types), "type", _marks(types), _omitted(types))
    yield _line(len(consts), "const", _marks(consts), _omitted(consts))
    yield _line(
        len(documented),
        "documented callable",
        f"{len(documented) - templates} procs, {templates} template{'' if templates == 1 else 's'}",
        _omitted(documented),
    )
    yield _line(len(own), "extension", omitted=_omitted(own))
    if later:
        yield _line(
            len(later),
            "callable of later versions",
            _since(later),
            _omitted(later),
            "callables of later versions",
        )
    amendments = sum(len(entry.amend) for entry in procs)
    amendments += sum(len(const.amend) for const in consts)
    yield _line(amendments, "amendment")
    yield from _evidence(spec)


def _omitted(entries: Iterable[Entry]) -> int:
    return sum(entry.omit is not None for entry in entries)


def _marks(entries: Sequence[Entry]) -> str:
    """Return how many entries the documentation lacks, and why."""
    own = sum(entry.extension for entry in entries)
    later = [entry for entry in entries if entry.since is not None]
    notes = [f"{own} the package's own"] if own else []
    return "; ".join(notes + ([_since(later)] if later else []))


def _since(entries: Iterable[Marked]) -> str:
    """Return how many there are since each version."""
    marks = Counter(entry.mark for entry in entries)
    return ", ".join(f"{count} {mark}" for mark, count in sorted(marks.items()))


def _evidence(spec: Spec) -> Iterator[str]:
    """Yield the lines about what is promised, and what checks it."""
    listed = [statement for statement, _ in all_statements(spec)]
    scenarios = [scenario for statement in listed for scenario in statement.scenarios]
    tested = sum(bool(statement.scenarios) for statement in listed)
    untested = sum(statement.untested is not None for statement in listed)
    own = sum(statement.extension for statement in listed)
    since = sum(statement.since is not None for statement in listed)
    marks = f"{own} the package's own; " + (f"{since} of later versions; " if since else "")
    yield _line(
        len(listed),
        "statement",
        f"{marks}{tested} with scenarios, {untested} untested with a reason",
    )
    matrix = Matrix.of(spec)
    forms = sum(len(operation.forms) for operation in matrix.operations.values())
    yield _line(len(matrix.operations), "operation", f"{forms} forms")
    departures = sum(bool(scenario.nim) for scenario in scenarios)
    yield _line(len(scenarios), "scenario", f"{departures} where Nim behaves otherwise")
    cells = [matrix.cells(scenario) for scenario in scenarios]
    by_form = sum(len({cell.forms for cell in own_cells}) for own_cells in cells)
    yield _line(by_form, "scenario by form", plural="scenarios by form")
    tests = sum(map(len, cells))
    yield _line(tests, "test in the matrix", plural="tests in the matrix")
    later = sum(bool(statement.later) for statement in listed)
    yield _line(later, "note on later versions", plural="notes on later versions")


def _line(count: int, what: str, note: str = "", omitted: int = 0, plural: str = "") -> str:
    notes = [note] if note else []
    if omitted:
        notes.append(f"{omitted} not generated")
    named = what if count == 1 else plural or f"{what}s"
    return f"{count:5} {named}" + (f" ({'; '.join(notes)})" if notes else "")
