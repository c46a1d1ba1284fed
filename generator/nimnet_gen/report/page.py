"""The views of the report for people: the document, in the words and the order of the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nimnet_gen.report.document import (
    NO_PEER,
    Counts,
    Difference,
    Document,
    Nim,
    NimVerdict,
    Outcome,
    Scenario,
    Statement,
)
from nimnet_gen.report.listing import listing_path

SIGNS: Final[dict[Outcome, str]] = {
    "passed": "✓",
    "failed": "✗",
    "skipped": "↷",
    "not run": "?",
}
VERDICTS: Final[dict[NimVerdict, str]] = {
    "agrees": "agrees",
    "departs": "departs",
    "inexpressible": "cannot be expressed",
    "unexpected": "unexpected",
    "declared": "departs (not asked)",
    "not asked": "not asked",
}
_RESULTS: Final = ("passed", "failed", "skipped", "not run", "untested", "no scenario")


@dataclass(frozen=True)
class Choice:
    """One value of a filter."""

    value: str
    title: str


@dataclass(frozen=True)
class TotalsRow:
    """How the tests of one place went."""

    title: str
    counts: Counts


@dataclass(frozen=True)
class Mark:
    """A scenario on one transport; `kind` is its class, for style and filters."""

    kind: str
    text: str
    title: str


@dataclass(frozen=True)
class Message:
    """Tests that said the same: their labels, and the text."""

    labels: str
    text: str


@dataclass(frozen=True)
class Departure:
    """One way in which Nim behaves otherwise."""

    statement: str
    anchor: str
    scenario: str
    where: str
    observed: str
    why: str
    expected: bool


@dataclass(frozen=True)
class ScenarioRow:
    """A scenario's row and what is below it."""

    anchor: str
    name: str
    link: str
    place: str
    kind: str
    cells: str
    marks: tuple[Mark, ...]
    nim: NimVerdict
    verdict: str
    given: str
    settings: tuple[str, ...]
    restriction: str
    because: str
    resolver: tuple[str, ...]
    peer: tuple[str, ...]
    steps: tuple[str, ...]
    failures: tuple[Message, ...]
    skips: tuple[Message, ...]
    departures: tuple[Departure, ...]
    reason: str


@dataclass(frozen=True)
class StatementRows:
    """A statement and its scenarios; `kind` says why there are none."""

    id: str
    says: str
    symbol: str
    title: str
    link: str
    place: str
    mark: str
    later: str
    untested: str | None
    kind: str
    scenarios: tuple[ScenarioRow, ...]


@dataclass(frozen=True)
class Group:
    """The statements of one file of the specification."""

    file: str
    link: str
    statements: tuple[StatementRows, ...]


@dataclass(frozen=True)
class PageView:
    """The page."""

    package: str
    source: str
    facts: tuple[str, ...]
    nim: str
    totals: tuple[TotalsRow, ...]
    columns: tuple[Choice, ...]
    symbols: tuple[Choice, ...]
    results: tuple[Choice, ...]
    verdicts: tuple[Choice, ...]
    failing: tuple[Choice, ...]
    departures: tuple[Departure, ...]
    later: tuple[StatementRows, ...]
    groups: tuple[Group, ...]
    scenarios: int
    statements: int


def page_view(document: Document) -> PageView:
    """Return the view of a report."""
    totals = document["totals"]
    columns = tuple(Choice(name, _column_title(name)) for name in totals["transports"])
    groups = tuple(_groups(document, columns))
    statements = [statement for group in groups for statement in group.statements]
    rows = [row for statement in statements for row in statement.scenarios]
    present = {row.kind for row in rows} | {statement.kind for statement in statements}
    return PageView(
        package=document["package"],
        source=document["source"],
        facts=tuple(facts(document)),
        nim=document["nim"]["reason"],
        totals=(
            *(TotalsRow(_column_title(n), counts) for n, counts in totals["transports"].items()),
            TotalsRow("all", totals["tests"]),
        ),
        columns=columns,
        symbols=_symbols(document["statements"]),
        results=tuple(Choice(_class(name), name) for name in _RESULTS if _class(name) in present),
        verdicts=tuple(
            Choice(_class(name), title) for name, title in VERDICTS.items() if name in totals["nim"]
        ),
        failing=tuple(
            Choice(row.anchor, f"{statement.id} {row.name}".strip())
            for statement in statements
            for row in statement.scenarios
            if row.kind in ("failed", "not-run") or row.nim == "unexpected"
        ),
        departures=tuple(departure for row in rows for departure in row.departures),
        later=tuple(statement for statement in statements if statement.later),
        groups=groups,
        scenarios=len(rows),
        statements=len(statements),
    )


def facts(document: Document) -> Iterator[str]:
    """Yield the totals as sentences' parts, for the page and the terminal alike."""
    totals = document["totals"]
    later = f", {totals['since']} of later versions" if totals["since"] else ""
    yield (
        f"{totals['statements']} statements, {totals['own']} of them {document['package']}'s own"
        f"{later}: "
        f"{totals['tested']} with scenarios, {totals['untested']} untested with a reason"
    )
    yield f"{totals['scenarios']} scenarios, {totals['forms']} by form of call"
    tests = totals["tests"]
    yield (
        f"{tests['planned']} tests: {tests['passed']} passed, {tests['failed']} failed, "
        f"{tests['skipped']} skipped, {tests['not_run']} not run"
    )
    verdicts = (
        f"{VERDICTS[name]} {totals['nim'][name]}" for name in VERDICTS if name in totals["nim"]
    )
    yield f"Nim, by scenario: {', '.join(verdicts) or 'nothing to ask'}"


def _groups(document: Document, columns: Sequence[Choice]) -> Iterator[Group]:
    for file in document["files"]:
        those = [statement for statement in document["statements"] if statement["file"] == file]
        if those:
            yield Group(
                file,
                _link(file, 1),
                tuple(_statement(one, columns, document["package"]) for one in those),
            )


def _mark(statement: Statement, package: str) -> str:
    """Return who says a sentence that the documentation does not have, or an empty text."""
    if statement["since"]:
        return f"since {statement['since']}"
    return f"{package}\N{RIGHT SINGLE QUOTATION MARK}s own" if statement["extension"] else ""


def _statement(statement: Statement, columns: Sequence[Choice], package: str) -> StatementRows:
    overload = f"/{statement['overload']}" if statement["overload"] else ""
    kind = "" if statement["scenarios"] else "no-scenario"
    return StatementRows(
        id=statement["id"],
        says=statement["says"],
        symbol=statement["symbol"],
        title=f"{statement['symbol']}{overload}",
        link=_link(statement["file"], statement["line"]),
        place=_place(statement["file"], statement["line"]),
        mark=_mark(statement, package),
        later=statement["later"],
        untested=statement["untested"],
        kind="untested" if statement["untested"] is not None else kind,
        scenarios=tuple(
            _scenario(statement, scenario, number, columns)
            for number, scenario in enumerate(statement["scenarios"], start=1)
        ),
    )


def _scenario(
    statement: Statement, scenario: Scenario, number: int, columns: Sequence[Choice]
) -> ScenarioRow:
    anchor = f"{statement['id']}.{number}"
    marks = {
        cell["transport"]: Mark(
            _class(cell["outcome"]),
            f"{SIGNS[cell['outcome']]} {cell['passed']}/{cell['planned']}",
            ", ".join(_parts(cell)),
        )
        for cell in scenario["cells"]
    }
    nim = scenario["nim"]
    return ScenarioRow(
        anchor=anchor,
        name=scenario["name"],
        link=_link(scenario["file"], scenario["line"]),
        place=_place(scenario["file"], scenario["line"]),
        kind=_class(scenario["outcome"]),
        cells=" ".join(f"{name}:{mark.kind}" for name, mark in marks.items()),
        marks=tuple(
            marks.get(column.value, Mark("none", "·", "does not apply")) for column in columns
        ),
        nim=nim["verdict"],
        verdict=VERDICTS[nim["verdict"]],
        given=scenario["given"],
        settings=tuple(f"{name}: {word}" for name, word in scenario["settings"].items()),
        restriction=scenario["restriction"],
        because=scenario["because"],
        resolver=tuple(scenario["resolver"]),
        peer=tuple(scenario["peer"]),
        steps=tuple(scenario["steps"]),
        failures=_messages(scenario, "failed"),
        skips=_messages(scenario, "skipped"),
        departures=tuple(_departures(statement, scenario, anchor, nim)),
        reason=nim["reason"],
    )


def _departures(
    statement: Statement, scenario: Scenario, anchor: str, nim: Nim
) -> Iterator[Departure]:
    for difference in nim["differences"]:
        yield Departure(
            statement=statement["id"],
            anchor=anchor,
            scenario=scenario["name"],
            where=", ".join(_where(scenario, difference)),
            observed=difference["observed"] or "no difference",
            why=difference["why"],
            expected=difference["expected"],
        )


def _where(scenario: Scenario, difference: Difference) -> Iterator[str]:
    """Yield where Nim differs: a transport alone where all its tests show it, else each test."""
    shown = set(difference["cells"])
    for cell in scenario["cells"]:
        labels = [
            trial["label"]
            for trial in scenario["tests"]
            if (trial["transport"] or NO_PEER) == cell["transport"]
        ]
        if shown.issuperset(labels):
            yield cell["transport"]
        else:
            yield from (label for label in labels if label in shown)


def _messages(scenario: Scenario, outcome: Outcome) -> tuple[Message, ...]:
    """Return what the tests with this outcome said, each text once."""
    labels: dict[str, list[str]] = {}
    for trial in scenario["tests"]:
        if trial["outcome"] == outcome:
            labels.setdefault(trial["text"], []).append(trial["label"] or "the only test")
    return tuple(Message(", ".join(those), text) for text, those in labels.items())


def _parts(counts: Counts) -> Iterator[str]:
    yield f"passed {counts['passed']} of {counts['planned']}"
    for number, word in (
        (counts["failed"], "failed"),
        (counts["skipped"], "skipped"),
        (counts["not_run"], "not run"),
    ):
        if number:
            yield f"{number} {word}"


def _symbols(statements: Iterable[Statement]) -> tuple[Choice, ...]:
    """Return the symbols to filter by: Nim's names, with Python's where that is another."""
    python: dict[str, dict[str, None]] = {}
    for statement in statements:
        python.setdefault(statement["symbol"], {})[statement["python"]] = None
    return tuple(
        Choice(name, " · ".join(dict.fromkeys((name, *python[name]))))
        for name in sorted(python, key=lambda name: (name.lower(), name))
    )


def _column_title(name: str) -> str:
    return "no peer" if name == NO_PEER else name


def _class(words: str) -> str:
    """Return words as a class of the page's elements."""
    return words.replace(" ", "-")


def _place(file: str, line: int) -> str:
    return f"{file}:{line}"


def _link(file: str, line: int) -> str:
    """Return the address of a line of the specification, as the page refers to it."""
    return f"{listing_path(file)}#L{line}"
