"""What `conformance.json` holds: the report for machines, and what the page is made of.

The classes are its schema. Within a `version` keys may be added, and none is removed, renamed or
given another meaning. Texts are UTF-8. Everything is in the order of the specification, and equal
results give equal bytes.

    {"version": 2, "package": "lamps", "source": "...", "nim": {...}, "totals": {...},
     "files": ["spec/fittings.yaml", ...],
     "statements": [{"id": ..., "says": ..., "scenarios": [{"cells": [...], "tests": [...],
                                                            "nim": {...}, ...}], ...}, ...]}
"""

from __future__ import annotations

from typing import Final, Literal, TypedDict

VERSION: Final = 2

NO_PEER: Final = "none"
"""The column of scenarios that need no peer, and so run on no transport."""

Outcome = Literal["passed", "failed", "skipped", "not run"]
NimVerdict = Literal["agrees", "departs", "inexpressible", "unexpected", "declared", "not asked"]


class Trial(TypedDict):
    """One test of the matrix.

    Keys:
        label: the test as its id has it: `disk-cached-read/3`; empty for a scenario's only test.
        transport: null where what is given is on none.
        variants: the value of each variant that what is given has: true, false or a word.
        forms: the call of each operation.
        outcome: `not run` where the specification has the test and the run did not.
        duration: seconds; 0 where it did not run.
        text: why it failed or was skipped.
    """

    label: str
    transport: str | None
    variants: dict[str, bool | str]
    forms: list[str]
    outcome: Outcome
    duration: float
    text: str


class Counts(TypedDict):
    """How many tests gave what."""

    planned: int
    passed: int
    failed: int
    skipped: int
    not_run: int


class Cell(Counts):
    """All tests of a scenario on one transport; a transport that it does not apply to has none.

    Keys:
        transport: a transport, or `none` where the scenario needs no peer.
        outcome: the worst of its tests, in the order failed, not run, skipped, passed.
    """

    transport: str
    outcome: Outcome


class Difference(TypedDict):
    """One way in which Nim behaves otherwise.

    Keys:
        observed: the first difference, as the oracle words it; empty where Nim unexpectedly agrees.
        why: why the package departs.
        expected: whether the specification says so.
        cells: the labels of the tests that show it; empty for all, or where Nim was not asked.
    """

    observed: str
    why: str
    expected: bool
    cells: list[str]


class Nim(TypedDict):
    """What the original implementation does in a scenario.

    Keys:
        verdict: `agrees`; `departs` as the specification says; `inexpressible` in Nim;
            `unexpected`, which is other than the specification says; `declared`, where it says
            that Nim departs and Nim was not asked; `not asked`.
        reason: why it cannot be expressed, or was not asked.
    """

    verdict: NimVerdict
    reason: str
    differences: list[Difference]


class Scenario(TypedDict):
    """What a scripted peer does, what each call must give, and what it gave.

    Keys:
        name: empty for a statement's only scenario.
        file, line: where the specification has it.
        given: as in the specification.
        settings: the words that it has chosen in place of the defaults, by the keys of the stage.
        resolver: one line of text for each host name that is answered in place of the system.
        peer, steps: one line of text for each action and step.
        restriction: the transports or variants it is restricted to, in words; empty for none.
        because: why it is restricted.
        forms: in how many forms of its operations it runs; 1 without operations.
        outcome: the worst of its tests.
    """

    name: str
    file: str
    line: int
    given: str
    settings: dict[str, str]
    resolver: list[str]
    peer: list[str]
    steps: list[str]
    restriction: str
    because: str
    forms: int
    outcome: Outcome
    cells: list[Cell]
    tests: list[Trial]
    nim: Nim


class Statement(TypedDict):
    """One normative sentence.

    Keys:
        file, line: where the specification states it.
        module: the spec file's name without its suffix.
        symbol: Nim's name of what it is about; a module's name for the documentation's module text.
        overload: the number among several of the name; 0 for an only one.
        python: the name in Python.
        extension: whether the sentence is the package's own.
        since: the later version of the original since which it holds; empty for one that it
            documents, or that is the package's own.
        later: what later versions of Nim no longer share with it; empty for nothing.
        untested: why no scenario can check it; null where one could.
    """

    id: str
    says: str
    file: str
    line: int
    module: str
    symbol: str
    overload: int
    python: str
    extension: bool
    since: str
    later: str
    untested: str | None
    scenarios: list[Scenario]


class Totals(TypedDict):
    """Everything counted.

    Keys:
        statements: all; of them `own` are the package's own, `since` of later versions, `tested`
            have scenarios and `untested` a reason for having none.
        scenarios: all; `forms` counts each once for every form of its operations.
        tests: all tests; `transports` has them by transport, in order, without empty ones.
        nim: scenarios by verdict, without empty ones.
    """

    statements: int
    own: int
    since: int
    tested: int
    untested: int
    scenarios: int
    forms: int
    tests: Counts
    transports: dict[str, Counts]
    nim: dict[str, int]


class Asked(TypedDict):
    """Whether the original implementation was asked; `reason` says why not."""

    asked: bool
    reason: str


class Document(TypedDict):
    """The whole report; `files` are the specification's, in its order."""

    version: int
    package: str
    source: str
    nim: Asked
    totals: Totals
    files: list[str]
    statements: list[Statement]
