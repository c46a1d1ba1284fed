"""What can go wrong."""

import builtins


class LampError(Exception):
    """A lamp does not do what it should."""


class TimeoutError(builtins.TimeoutError):
    """A lamp took too long."""
