"""Nim itself in every scenario that it can express: it does what the specification says of it."""

from __future__ import annotations

import errno
import socket
import ssl
from pathlib import Path
from typing import Final

import pytest
from harness.programs import unavailable
from nimnet_gen.testing.oracle import Cell, Oracle
from oracle.peers import ScriptedPeer

pytestmark = pytest.mark.timeout(60)

_BASIC: Final = ("tcp", "udp")


def is_basic(cell: Cell) -> bool:
    """Tell whether every run asks: where there is no peer, and on buffered TCP and UDP sockets."""
    buffered = cell.variants.get("buffered") is True
    return cell.transport is None or (cell.transport in _BASIC and buffered)


ORACLE: Final = Oracle(
    Path(__file__).parents[2],
    support=Path(__file__).parent,
    flags=("--define:ssl",),
    peer=ScriptedPeer,
    numbers=(socket, errno, ssl),
    is_basic=is_basic,
    missing=unavailable,
)


@pytest.mark.parametrize("cell", ORACLE.cells, ids=str)
def test_nim(cell: Cell, request: pytest.FixtureRequest) -> None:
    ORACLE.judge(cell, request.node)
