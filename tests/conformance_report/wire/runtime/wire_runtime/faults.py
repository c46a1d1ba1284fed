"""What can go wrong."""

from __future__ import annotations

import builtins


class TimeoutError(builtins.TimeoutError):
    """Too late."""
