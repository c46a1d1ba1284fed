"""What a signal handler that raises while a descriptor is made leaves behind: none is open."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import sys
import warnings
from collections.abc import Callable

import pytest
from harness import tlspair
from harness.authority import Authority
from harness.interruption import at_least, interrupted, interrupted_anywhere
from harness.loopback import open_descriptors
from harness.tlspair import PATIENCE
from nimnet_runtime.connecting import get_primary_ip_addr
from nimnet_runtime.dialing import dial
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import TimeoutError
from nimnet_runtime.tls.context import Context

NEVER = sys.maxsize
CARELESS = tlspair.context()
"""Checks nobody."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Context:
    identity = Authority(tmp_path_factory.mktemp("authority")).issue()
    return tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)


MAKERS: dict[str, Callable[[Endpoint], Endpoint | None]] = {
    "new": lambda _: Endpoint.create(socket.AF_INET, socket.SOCK_STREAM, 0, True),
    "new, inherited": lambda _: Endpoint.create(socket.AF_INET, socket.SOCK_STREAM, 0, True, True),
    "primary address": lambda _: look_for_the_primary_address(),
    "dial": lambda listener: dial(*listener.get_local_addr(), 6, True, -1),
    "dial, timeout": lambda listener: dial(*listener.get_local_addr(), 6, True, PATIENCE),
    "dial, UDP": lambda listener: dial(*listener.get_local_addr(), 17, True, PATIENCE),
    "dial, handshake": lambda listener: dial_in_vain(listener),
    "accept": lambda listener: listener.accept(2, -1),
    "accept, timeout": lambda listener: listener.accept(2, PATIENCE),
    "accept, TLS": lambda listener: listener.accept(2, PATIENCE),
}


def dial_in_vain(listener: Endpoint) -> Endpoint:
    """Returns a plain connection after one whose peer had no time to shake hands."""
    with contextlib.suppress(TimeoutError):
        dial(*listener.get_local_addr(), 6, True, 0, CARELESS)
    return dial(*listener.get_local_addr(), 6, True, PATIENCE)


def look_for_the_primary_address() -> None:
    get_primary_ip_addr(bytes([127, 0, 0, 1]))


def drained(listener: Endpoint) -> int:
    """Accepts and closes all who wait; returns how many that were."""
    for count in itertools.count():
        try:
            listener.accept(2, 0).close()
        except TimeoutError:
            return count
    raise AssertionError


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("how", "name"),
    [
        *((interrupted, name) for name in MAKERS),
        *((interrupted_anywhere, name) for name in MAKERS if "TLS" not in name),
    ],
)
def test_no_descriptor_is_left_open(
    server: Context, how: Callable[[Callable[[], object], int], bool], name: str
) -> None:
    """Nor left to the garbage collector, which would warn of it."""
    made: list[Endpoint | None] = []
    # 3.12 and newer prepare functions for the tracer while it runs: the first run is for that.
    for moment in itertools.chain((NEVER,), itertools.count(1)):
        before = open_descriptors()
        end = Endpoint.create(socket.AF_INET, socket.SOCK_STREAM, 0, True)
        with contextlib.closing(end), contextlib.ExitStack() as stack:
            if name == "accept, TLS":
                server.wrap_socket(end)
            end.bind_addr(0, "127.0.0.1")
            end.listen(16)
            stack.callback(end.descriptor.sock.close)  # which may have been left busy
            peer = stack.enter_context(socket.create_connection(end.get_local_addr(), 5))
            if how is interrupted_anywhere:  # between a return and what is done with it
                stack.enter_context(warnings.catch_warnings())
                warnings.simplefilter("ignore", ResourceWarning)
            reached = how(lambda: made.append(MAKERS[name](end)), moment)  # noqa: B023 - called at once
            while made:
                if (endpoint := made.pop()) is not None:
                    endpoint.close()
            if reached and how is interrupted and drained(end) == 0:  # accepted, and then closed
                with contextlib.suppress(ConnectionResetError):
                    assert peer.recv(1) == b""
        assert open_descriptors() == before, f"moment {moment}"
        if not reached and moment != NEVER:
            break
    assert moment > at_least(5)


def test_a_descriptor_that_is_not_adopted_is_still_the_caller_s() -> None:
    made: list[Endpoint] = []
    for moment in itertools.count(1):
        fd = socket.socket().detach()
        if not interrupted(lambda: made.append(Endpoint.adopt(fd, 2, 1, 6, True)), moment):  # noqa: B023 - called at once
            break
        os.close(fd)
    made.pop().close()
    assert moment > at_least(5)
