"""Full-duplex traffic on every transport, for a while."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from harness import tlspair
from harness.authority import Authority
from harness.tlspair import PEER, TLS_1_2, TLS_1_3
from harness.traffic import Pair, exchange

LEAST: Final = 16 << 20
"""Bytes each way, however short the time."""


@contextmanager
def _over_tls(authority: Authority, version: int, buffered: bool) -> Iterator[Pair]:
    mine = authority.issue()
    client = tlspair.context(verify=PEER, ca_file=authority.ca_file, version=version)
    server = tlspair.context(cert_file=mine.cert_file, key_file=mine.key_file)
    with tlspair.secured(client, server, buffered=buffered, family=socket.AF_INET) as pair:
        yield pair


def transports(authority: Authority) -> dict[str, Callable[[], AbstractContextManager[Pair]]]:
    """Returns what makes a connected pair, by the name of the transport."""
    return {
        "TCP": lambda: tlspair.ends(family=socket.AF_INET),
        "TLS 1.2": lambda: _over_tls(authority, TLS_1_2, buffered=True),
        "TLS 1.3": lambda: _over_tls(authority, TLS_1_3, buffered=True),
        "TLS 1.3, unbuffered": lambda: _over_tls(authority, TLS_1_3, buffered=False),
    }


def soak(authority: Authority, seconds: float) -> list[str]:
    """Runs the traffic on every transport; returns what went wrong, in words."""
    faults = []
    for name, connect in transports(authority).items():
        started = time.monotonic()
        try:
            with connect() as pair:
                carried = exchange(pair, seconds, LEAST)
        except Exception as error:
            faults.append(f"{name}: {type(error).__name__}: {error}")
            continue
        took = time.monotonic() - started
        amounts = " and ".join(f"{way.count / 2**20:,.0f} MiB" for way in carried)
        calls = sum(way.calls for way in carried)
        print(f"{name}: {amounts} each way in {took:.0f} s, {calls:,} reads, every byte right")
    return faults
