"""The hook by which a project's own stage explains a scenario that failed."""

from __future__ import annotations

from collections.abc import Sequence

import pytest


@pytest.hookspec
def pytest_scenario_details(item: pytest.Item) -> Sequence[str]:  # type: ignore[empty-body]  # it only specifies
    """Return lines about what a scenario met that failed, for the report of its test.

    Every plugin that has some is asked; none of it is shown for a test that passed.
    """
