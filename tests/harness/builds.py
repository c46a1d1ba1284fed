"""The two builds of the runtime: pure Python, and compiled by mypyc."""

import pytest
from nimnet_runtime import stream

COMPILED = not stream.__file__.endswith(".py")
"""Whether this is the compiled one."""


def pure_only(reason: str) -> pytest.MarkDecorator:
    """Marks a test that compiled code cannot pass.

    Args:
        reason: Why, and what holds the promise there instead.
    """
    return pytest.mark.skipif(COMPILED, reason=f"of the pure build alone: {reason}")
