"""The totals of a report at the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nimnet_gen.report.document import Counts, Document
from nimnet_gen.report.page import facts
from nimnet_gen.report.success import is_unasked

_FEW: Final = 20
"""How many failures are named one by one."""

_HEADINGS: Final = ("passed", "failed", "skipped", "not run")


def summary(document: Document) -> Iterator[str]:
    """Yield the lines: totals, a table by transport, and where it failed."""
    yield from facts(document)
    if document["nim"]["reason"]:
        yield document["nim"]["reason"]
    yield ""
    yield f"{'':9}" + "".join(f"{heading:>9}" for heading in _HEADINGS)
    totals = document["totals"]
    for name, counts in totals["transports"].items():
        yield _row("no peer" if name == "none" else name, counts)
    yield _row("all", totals["tests"])
    if not totals["tests"]["passed"]:
        yield ""
        yield "no test passed"
    wrong = list(_wrong(document))
    if wrong:
        yield ""
    yield from wrong[:_FEW]
    if len(wrong) > _FEW:
        yield f"... and {len(wrong) - _FEW} more: the report has them all"


def _row(name: str, counts: Counts) -> str:
    numbers = (counts["passed"], counts["failed"], counts["skipped"], counts["not_run"])
    return f"{name:9}" + "".join(f"{number:>9}" for number in numbers)


def _wrong(document: Document) -> Iterator[str]:
    """Yield a line for each scenario that failed, was not run, or that Nim surprised in.

    And one for each that Nim was not asked about.
    """
    for statement in document["statements"]:
        for scenario in statement["scenarios"]:
            name = f"{statement['id']} {scenario['name']}".strip()
            place = f"({scenario['file']}:{scenario['line']})"
            for outcome in ("failed", "not run"):
                labels = [t["label"] for t in scenario["tests"] if t["outcome"] == outcome]
                if labels:
                    more = f" and {len(labels) - 1} more" if len(labels) > 1 else ""
                    first = f" [{labels[0]}]" if labels[0] else ""
                    yield f"{outcome}: {name}{first}{more} {place}"
            if is_unasked(document, scenario):
                yield f"not asked of Nim: {name} {place}"
            for difference in scenario["nim"]["differences"]:
                if not difference["expected"]:
                    observed = difference["observed"] or "no difference"
                    yield f"unexpected of Nim: {name}: {observed} {place}"
