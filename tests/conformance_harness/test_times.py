"""What scenarios leave to the machine that they run on."""

from __future__ import annotations

from harness.specifications import real_spec
from nimnet_gen.checks.statements import all_statements

_ENOUGH = 3000
"""Milliseconds: more than a busy machine stands still for, between a call and its peer."""


def test_a_call_that_must_succeed_in_time_has_seconds_for_it() -> None:
    """Or 0, where it waits for nothing."""
    hurried = [
        f"{step.at.file}:{step.at.line}"
        for statement, _ in all_statements(real_spec())
        for scenario in statement.scenarios
        for step in scenario.steps
        if isinstance(timeout := step.with_.get("timeout"), int)
        and 0 < timeout < _ENOUGH
        and step.raises is None
        and step.starts is None
    ]
    assert not hurried, f"they have less than {_ENOUGH} ms: {', '.join(hurried)}"
