"""The system's constants: those that Python knows, and a number for each that it does not."""

from __future__ import annotations

import socket

import pytest
from nimnet_runtime import platform

NAMES = sorted(
    name for name in vars(platform) if name.startswith(("AF_", "SOCK_", "IPPROTO_", "SO", "MSG_"))
)


@pytest.mark.parametrize("name", NAMES)
def test_a_constant_is_the_system_s(name: str) -> None:
    number = getattr(platform, name)
    if name != "SO_NOSIGPIPE" or number is not None:
        assert isinstance(number, int)
        assert number == getattr(socket, name, number)


def test_there_are_all_that_are_public() -> None:
    assert {"AF_UNIX", "SOCK_RAW", "IPPROTO_ICMP", "SOMAXCONN", "SO_REUSEPORT"} <= set(NAMES)
