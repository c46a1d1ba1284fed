"""What a report says of a scenario that failed: its place, its sentence, its cell and its step."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from nimnet_gen.testing.cells import cell_of
from nimnet_gen.testing.failing_step import failing_step
from nimnet_gen.testing.sentences import Sentence, sentences

SECTION: Final = "scenario"
"""The title of the section of a report that has it."""


def explained(item: pytest.Item, caught: pytest.ExceptionInfo[BaseException]) -> str:
    """Return what there is to say of the test of a scenario that failed."""
    lines = subject(item.path.parent, cell_of(item) or {})
    callspec = getattr(item, "callspec", None)
    if callspec is not None:
        lines.append(f"cell: {callspec.id}")
    for details in item.config.hook.pytest_scenario_details(item=item):
        lines += details
    if step := failing_step(item.path, item.name.partition("[")[0], caught.tb):
        lines += ["", "the step that failed:", *(f"  {line}" for line in step.splitlines())]
    return "\n".join(lines)


def subject(folder: Path, cell: Mapping[str, object]) -> list[str]:
    """Return the statement and the scenario of a test that is in a folder."""
    statement, scenario = str(cell["statement"]), str(cell["scenario"])
    lines = [_placed(statement, scenario, sentences(folder).get(statement))]
    return [*lines, f"scenario: {scenario}"] if scenario else lines


def _placed(statement: str, scenario: str, sentence: Sentence | None) -> str:
    if sentence is None:
        return f"{statement} (the specification has no such statement)"
    return f"{sentence.place_of(scenario)}: {statement}\n{sentence.says}"
