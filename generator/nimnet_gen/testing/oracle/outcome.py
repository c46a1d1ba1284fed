"""What a test of the oracle found against what the specification says of Nim."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal, TypedDict, cast

import pytest

from nimnet_gen.testing.oracle.cells import Cell, Kind
from nimnet_gen.testing.oracle.conversation import AGREES, THE_PEER_FAILS, Observation
from nimnet_gen.testing.sentences import Sentence

PROPERTY: Final = "oracle"
"""The name under which a test's report has its result."""
_DOCUMENT: Final = "document"


_SLOW: Final = re.compile(r"step [0-9]+ (?:waits|takes longer|raises TimeoutError)")


class Result(TypedDict):
    """A result, as the plugin sums it up.

    In the file, each variant is a key of its own, as in the results of the generated tests.
    """

    statement: str
    scenario: str
    transport: str | None
    variants: Mapping[str, Kind]
    forms: list[str]
    verdict: Literal["agrees", "departs", "inexpressible"]
    observed: str
    why: str
    outcome: Literal["passed", "failed", "skipped"]


def written(result: Result) -> dict[str, object]:
    """Return a result as a file has it."""
    variants = dict(result["variants"])
    return {**{key: value for key, value in result.items() if key != "variants"}, **variants}


@dataclass(frozen=True)
class Outcome:
    """The result of a test, and what is wrong with it.

    Attributes:
        result: For the file.
        complaint: What to do about a result that was not expected; empty where it was.
    """

    result: Result
    complaint: str


def judged(cell: Cell, observation: Observation, sentences: Mapping[str, Sentence]) -> Outcome:
    """Compare what was observed with what the specification says of it.

    Args:
        cell: The scenario, and where it ran.
        observation: What was seen there.
        sentences: Where the specification makes its statements.
    """
    verdicts = cell.verdicts()
    seen = observation.words
    expected = is_expected(cell, seen)
    why = [verdict["why"] for verdict in verdicts if verdict["observed"] == seen]
    result: Result = {
        "statement": cell.run["statement"],
        "scenario": cell.run["scenario"],
        "transport": cell.transport,
        "variants": dict(cell.variants),
        "forms": list(cell.run["forms"]),
        "verdict": "agrees" if seen == AGREES else "departs",
        "observed": seen,
        "why": why[0] if why else "",
        "outcome": "passed" if expected else "failed",
    }
    return Outcome(
        result,
        "" if expected else _complaint(cell, observation, sentences.get(cell.run["statement"])),
    )


def is_expected(cell: Cell, seen: str) -> bool:
    """Tell whether the specification says of Nim what was observed.

    Several verdicts on one test are each true only sometimes, and Nim may agree as well.
    """
    verdicts = cell.verdicts()
    if seen == AGREES:
        return all(verdict.get("sometimes", False) for verdict in verdicts)
    return any(verdict["observed"] == seen for verdict in verdicts)


def may_be_load(seen: str) -> bool:
    """Tell whether a machine under load alone can look like this, so that a second run counts."""
    return seen == THE_PEER_FAILS or bool(_SLOW.fullmatch(seen))


def unasked(cell: Cell) -> Result:
    """Return the result of a scenario that Nim cannot express."""
    return {
        "statement": cell.run["statement"],
        "scenario": cell.run["scenario"],
        "transport": cell.transport,
        "variants": dict(cell.variants),
        "forms": list(cell.run["forms"]),
        "verdict": "inexpressible",
        "observed": "",
        "why": cell.run["inexpressible"],
        "outcome": "skipped",
    }


def noted(node: pytest.Item, outcome: Outcome, document: Path) -> None:
    """Put a result, and which document has the test, into the report of the test."""
    node.user_properties.append((PROPERTY, {**asdict(outcome)["result"], _DOCUMENT: str(document)}))


def noted_in(report: pytest.TestReport) -> tuple[Path, Result] | None:
    """Return what the report of a test has of a result: the document, and the result."""
    noted = dict(report.user_properties).get(PROPERTY)
    if not isinstance(noted, dict):
        return None
    result = {key: value for key, value in noted.items() if key != _DOCUMENT}
    return Path(str(noted[_DOCUMENT])), cast(Result, result)


def _complaint(cell: Cell, observation: Observation, sentence: Sentence | None) -> str:
    """Return what is wrong, and what the specification would have to say."""
    run, seen = cell.run, observation.words
    known = " or ".join(verdict["observed"] for verdict in cell.verdicts())
    where = run["statement"] + f", {run['scenario']}" * bool(run["scenario"])
    if sentence is not None:
        where = f"{sentence.place_of(run['scenario'])}: {where}\n{sentence.says}"
    place = f"on {', '.join(cell.place)}" * bool(cell.place)
    forms = f"in the form {' and '.join(run['forms'])}" * bool(run["forms"])
    found = " ".join(filter(None, ("Nim", place, forms)))
    script = "the peer's script:\n" + textwrap.indent(observation.peer, "  ")
    if seen == AGREES:
        return (
            f"{where}\n{found} agrees, but the specification expects of it: {known}\n"
            "Take the scenario's `nim` away, or limit it to where it is true.\n"
            f"{script}"
        )
    if not known:
        advice = "the scenario expects it to agree"
    else:
        advice = f"the specification expects of it: {known}"
    return (
        f"{where}\n{found} does otherwise: {seen}\nbut {advice}.\n"
        f"If that is how Nim is, the scenario needs\n"
        f"  nim: {{observed: '{seen}', why: ...}}\n"
        f"{script}"
    )
