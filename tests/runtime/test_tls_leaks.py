"""Handshakes that fail leave nothing behind: no descriptor, no object, no memory."""

import gc
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import tlspair
from harness.authority import Authority
from harness.tlspair import PEER
from nimnet_runtime.tls import bindings
from nimnet_runtime.tls.stream import TlsStream

_ROUNDS = 60

if not Path("/proc/self/fd").exists():
    pytest.skip("needs /proc/self", allow_module_level=True)


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count, not paths


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _machines() -> int:
    gc.collect()
    return sum(isinstance(each, bindings.Machine | TlsStream) for each in gc.get_objects())


def _failures(authority: Authority, folder: Path) -> dict[str, Callable[[], object]]:
    mine = authority.issue()
    server = tlspair.context(cert_file=mine.cert_file, key_file=mine.key_file)
    client = tlspair.context(verify=PEER, ca_file=authority.ca_file)
    stranger = tlspair.context(verify=PEER, ca_file=Authority(folder, "stranger").ca_file)
    psk = tlspair.context()
    psk.client_get_psk_func = lambda _: ("anna", b"k" * 32)
    unknown = tlspair.context()
    unknown.server_get_psk_func = lambda _: b""

    def broken(_: str) -> bytes:
        raise LookupError

    raising = tlspair.context()
    raising.server_get_psk_func = broken

    def truncated() -> str:
        with tlspair.ends() as (a, b):
            b.descriptor.sock.shutdown(socket.SHUT_WR)
            return tlspair.outcome(lambda: client.wrap_connected_socket(a, 0, "localhost", 5000))

    return {
        "wrong host": lambda: tlspair.attempt(client, server, hostname="example.com")[0],
        "unknown root": lambda: tlspair.attempt(stranger, server)[0],
        "unknown identity": lambda: tlspair.attempt(psk, unknown, hostname="")[0],
        "function raises": lambda: tlspair.attempt(psk, raising, hostname="")[0],
        "peer leaves": truncated,
    }


@pytest.mark.parametrize(
    "way", ["wrong host", "unknown root", "unknown identity", "function raises", "peer leaves"]
)
def test_failed_handshakes_leave_nothing(way: str, tmp_path: Path) -> None:
    fail = _failures(Authority(tmp_path), tmp_path)[way]
    for _ in range(10):
        assert fail()
    machines, descriptors, exchanges = _machines(), _descriptors(), len(bindings._exchanges)
    resident = _resident()
    for _ in range(_ROUNDS):
        assert fail()
    assert _machines() == machines
    assert _descriptors() == descriptors
    assert len(bindings._exchanges) == exchanges
    assert _resident() - resident < 4 << 20
