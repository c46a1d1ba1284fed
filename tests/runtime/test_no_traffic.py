"""What sends nothing, by the counters that the system keeps of what is sent."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import nimnet
import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the counters are Linux's")

_TRIES: Final = 500
"""Calls of which one must fall into a moment when nobody else on the machine sends."""

_V4: Final = {("Udp:", "OutDatagrams"), ("Tcp:", "ActiveOpens"), ("Icmp:", "OutMsgs")}
_V6: Final = {"Udp6OutDatagrams", "Icmp6OutMsgs"}


def _sent() -> int:
    """Return how many datagrams, requests to connect and ICMP messages the system has sent."""
    lines = [line.split() for line in Path("/proc/net/snmp").read_text().splitlines()]
    total = 0
    for names, values in zip(lines[::2], lines[1::2], strict=True):
        for name, value in zip(names[1:], values[1:], strict=True):
            total += int(value) if (names[0], name) in _V4 else 0
    path = Path("/proc/net/snmp6")
    pairs = path.read_text().splitlines() if path.exists() else []  # no IPv6, no file
    return total + sum(int(value) for name, value in map(str.split, pairs) if name in _V6)


def _sent_at_least(call: Callable[[], object]) -> int:
    """Return the least that was sent while `call` ran, of many times.

    The counters are those of the whole machine, so that one time may count what others send; but
    no time counts less than the call itself sends.
    """
    least = sys.maxsize
    for _ in range(_TRIES):
        before = _sent()
        call()
        least = min(least, _sent() - before)
        if not least:
            break
    return least


@pytest.mark.parametrize(
    "address", [nimnet.ipv4_loopback(), nimnet.ipv6_loopback()], ids=["IPv4", "IPv6"]
)
def test_asking_for_the_primary_address_sends_nothing(address: nimnet.IpAddress) -> None:
    assert _sent_at_least(lambda: nimnet.get_primary_ip_addr(address)) == 0


@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_a_datagram_would_be_noticed(family: socket.AddressFamily, host: str) -> None:
    with socket.socket(family, socket.SOCK_DGRAM) as bound:
        bound.bind((host, 0))
        at = bound.getsockname()
        assert _sent_at_least(lambda: bound.sendto(b"", at)) >= 1


def test_a_connection_would_be_noticed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        at = listener.getsockname()

        def connect() -> None:
            socket.create_connection(at).close()
            listener.accept()[0].close()

        assert _sent_at_least(connect) >= 1
