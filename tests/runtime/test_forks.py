"""Forks while other threads are inside calls: their calls are the parent's, not the child's."""

import errno
import os
import signal
import socket
from collections.abc import Callable

import pytest
from harness import tlspair
from harness.authority import Authority
from harness.loopback import Background, listening, open_descriptors, pair, until_waiting
from harness.tlspair import PATIENCE
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.tls.context import Context

pytestmark = [
    pytest.mark.timeout(60),
    pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning"),
]


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Context:
    identity = Authority(tmp_path_factory.mktemp("authority")).issue()
    return tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)


def in_child(call: Callable[[], object]) -> int:
    """Runs `call` in a child process; returns 0 unless it fails or does not end."""
    child = os.fork()
    if not child:
        status = 1
        try:
            signal.alarm(20)
            call()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def reading(endpoint: Endpoint) -> Background:
    thread = Background(lambda: endpoint.stream.receive(1, Deadline(-1)))
    until_waiting(thread)
    return thread


def close_and_use(endpoint: Endpoint) -> None:
    before = open_descriptors()
    endpoint.close()
    assert endpoint.closed
    assert open_descriptors() == before - 1
    uses: list[Callable[[], object]] = [
        lambda: endpoint.stream.receive(1, Deadline(-1)),
        lambda: endpoint.send(b"x", 0, -1),
    ]
    for use in uses:
        with pytest.raises(OSError, match="the socket is closed") as caught:
            use()
        assert caught.value.errno == errno.EBADF


@pytest.mark.parametrize("guarded", [False, True], ids=["", "while-closing"])
def test_a_copy_is_closed_and_the_connection_stays(guarded: bool) -> None:
    with pair() as (endpoint, peer):
        reader = reading(endpoint)
        writer = Background(lambda: endpoint.send(bytes(64 << 20), 0, -1))
        until_waiting(writer)
        if guarded:  # as if another thread were about to close it
            Background(endpoint.descriptor._guard.acquire).join()
        assert in_child(lambda: close_and_use(endpoint)) == 0
        peer.sendall(b"x")
        assert reader.join() == b"x"
        received = 0
        while received < 64 << 20:
            received += len(peer.recv(1 << 20))
        writer.join()
        if guarded:
            endpoint.descriptor.forget_other_threads()  # nobody gives it back


def test_a_copy_of_a_tls_connection(server: Context) -> None:
    with tlspair.secured(tlspair.context(), server) as (a, b):
        reader = reading(a)
        assert in_child(a.close) == 0
        b.send(b"x", 0, PATIENCE)
        assert reader.join() == b"x"


def test_a_listener() -> None:
    with listening() as listener:
        endpoint = Endpoint.adopt(
            listener.dup().detach(), socket.AF_INET, socket.SOCK_STREAM, 6, True
        )
        accepting = Background(lambda: endpoint.accept(0, -1))
        until_waiting(accepting)
        assert in_child(endpoint.close) == 0
        with socket.create_connection(listener.getsockname()):
            accepted = accepting.join()
        assert isinstance(accepted, Endpoint)
        accepted.close()
        endpoint.close()


def test_the_child_may_go_on_with_it() -> None:
    """A server that forks for each connection; closing it there wakes calls as anywhere."""

    def serve() -> None:
        endpoint.send(b"from the child", 0, -1)
        reader = reading(endpoint)
        number = endpoint.fileno()
        endpoint.close()
        with pytest.raises(OSError, match="closed by another thread"):
            reader.join()
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(number)

    with pair() as (endpoint, peer):
        reader = reading(endpoint)
        assert in_child(serve) == 0
        assert peer.recv(100) == b"from the child"
        assert reader.join() == b""  # the connection has ended, for the parent as well
