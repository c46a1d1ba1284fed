"""How long a test may take: what its mark says, or else the configuration."""

from __future__ import annotations

from typing import Final

import pytest

MARK: Final = "timeout"
SETTING: Final = "watchdog"


def usual_limit(config: pytest.Config) -> float:
    """Return the seconds that a test may take whose mark says nothing."""
    return float(config.getini(SETTING))


def limit_of(item: pytest.Item) -> float:
    """Return the seconds that a test may take, from the setup of its fixtures to their end."""
    marker = item.get_closest_marker(MARK)
    return usual_limit(item.config) if marker is None else float(marker.args[0])
