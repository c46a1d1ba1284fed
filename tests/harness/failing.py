"""TLS handshakes that fail in many ways, and the means to tell what they leave behind."""

import gc
import os
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nimnet_runtime.tls.bindings import exchanges
from nimnet_runtime.tls.machine import Machine
from nimnet_runtime.tls.stream import TlsStream
from OpenSSL import SSL

from harness import tlspair
from harness.authority import Authority
from harness.tlspair import CLIENT, PATIENCE, PEER, SERVER

Fail = Callable[[], str]

WAYS: Final = (
    "unknown root",
    "wrong host",
    "peer leaves",
    "unknown identity",
    "function raises",
    "garbage for a hello",
    "deadline",
)
"""The keys of what `failures` returns."""


@dataclass(frozen=True)
class Left:
    """What exists in this process.

    Attributes:
        descriptors: Open ones.
        connections: Of ours and of pyOpenSSL, whose objects own those of OpenSSL.
        exchanges: Of pre-shared keys.
        threads: Those that have not ended.
    """

    descriptors: int
    connections: int
    exchanges: int
    threads: int

    @classmethod
    def now(cls) -> "Left":
        for thread in threading.enumerate():
            if thread is not threading.current_thread():
                thread.join(1)  # one that has delivered its result is about to end
        gc.collect()
        kinds = (Machine, TlsStream, SSL.Connection)
        return cls(
            len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - a count, not paths
            sum(isinstance(each, kinds) for each in gc.get_objects()),
            len(exchanges._exchanges),
            threading.active_count(),
        )


def resident() -> int:
    """Returns how many bytes of memory this process has."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def failures(authority: Authority) -> dict[str, tuple[Fail, str]]:
    """Returns handshakes that fail, by how: each with a part of what it must say."""
    mine = authority.issue()
    server = tlspair.context(cert_file=mine.cert_file, key_file=mine.key_file)
    client = tlspair.context(verify=PEER, ca_file=authority.ca_file)
    other_root = Authority(authority.folder, "stranger").ca_file
    stranger = tlspair.context(verify=PEER, ca_file=other_root)
    psk, unknown, raising = (tlspair.context() for _ in range(3))
    psk.client_get_psk_func = lambda _: ("anna", b"k" * 32)
    unknown.server_get_psk_func = lambda _: b""

    def raise_it(_: str) -> bytes:
        raise LookupError("no such key")

    raising.server_get_psk_func = raise_it

    def silence(*, leaves: bool, timeout: int) -> str:
        with tlspair.ends() as (a, b):
            if leaves:
                b.descriptor.sock.shutdown(socket.SHUT_WR)
            return tlspair.outcome(
                lambda: client.wrap_connected_socket(a, CLIENT, "localhost", timeout)
            )

    def garbage_for_a_hello() -> str:
        with tlspair.ends() as (a, b):
            a.send(b"GET / HTTP/1.1\r\n\r\n", 0, PATIENCE)
            return tlspair.outcome(lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE))

    return {
        "unknown root": (lambda: tlspair.attempt(stranger, server)[0], "not trusted"),
        "wrong host": (
            lambda: tlspair.attempt(client, server, hostname="example.com")[0],
            "not valid for 'example.com'",
        ),
        "peer leaves": (
            lambda: silence(leaves=True, timeout=PATIENCE),
            "ended during the TLS handshake",
        ),
        "unknown identity": (
            lambda: tlspair.attempt(psk, unknown, hostname="")[1],
            "no key for the identity 'anna'",
        ),
        "function raises": (
            lambda: tlspair.attempt(psk, raising, hostname="")[1],
            "raised LookupError",
        ),
        "garbage for a hello": (garbage_for_a_hello, "TLS handshake failed"),
        "deadline": (lambda: silence(leaves=False, timeout=1), "timeout of 1 ms"),
    }
