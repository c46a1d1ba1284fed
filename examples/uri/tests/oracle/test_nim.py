"""Nim itself in every scenario: it does what the specification says of it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from nimnet_gen.testing.oracle import Cell, Oracle

HERE: Final = Path(__file__).parent
ORACLE: Final = Oracle(HERE.parents[1], support=HERE)


@pytest.mark.parametrize("cell", ORACLE.cells, ids=str)
def test_nim(cell: Cell, request: pytest.FixtureRequest) -> None:
    ORACLE.judge(cell, request.node)
