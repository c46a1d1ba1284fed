"""The caller's memory is his again when a call is over, whatever he keeps of its exception.

A memoryview keeps a bytearray from being resized and a mapping from being closed, and an exception
keeps the frames of the call with all that they hold.
"""

import contextlib
import mmap
import socket
import struct
from collections.abc import Callable, Iterator
from typing import Final, Literal, TypeAlias

import pytest
from harness import tlspair
from harness.authority import Authority
from harness.interruption import InterruptError, at_least, interrupted
from harness.loopback import pair, udp_endpoint
from harness.tlspair import PATIENCE
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SslError
from nimnet_runtime.tls.context import Context

SIZE: Final = 16 << 20
"""More than the system takes of a send to a peer that does not read."""
Way: TypeAlias = Literal["timeout", "reset", "closed"]
Kind: TypeAlias = Literal["tcp", "unix", "unbuffered", "tls"]
KINDS: Final[tuple[Kind, ...]] = ("tcp", "unix", "unbuffered", "tls")

Call: TypeAlias = Callable[[Endpoint, bytearray], object]


def with_view(call: Callable[[Endpoint, memoryview], object]) -> Call:
    """A call with a view of the data, which is the caller's, and which he releases."""

    def with_own(endpoint: Endpoint, data: bytearray) -> None:
        with memoryview(data) as view:
            call(endpoint, view)

    return with_own


def shorts(endpoint: Endpoint, view: memoryview) -> None:
    with view.cast("H") as items:
        endpoint.send(items, 0, 20)


def scattered(endpoint: Endpoint, view: memoryview) -> None:
    with view[::2] as items:
        endpoint.send(items, 0, 20)


SENDING: Final[dict[str, Call]] = {
    "bytearray": lambda endpoint, data: endpoint.send(data, 0, 20),
    "memoryview": with_view(lambda endpoint, view: endpoint.send(view, 0, 20)),
    "shorts": with_view(shorts),
    "scattered": with_view(scattered),
}
READING: Final[dict[str, Call]] = {
    "small": with_view(lambda endpoint, view: endpoint.reader.receive_buffer(view, 10, 20)),
    "large": with_view(lambda endpoint, view: endpoint.reader.receive_buffer(view, SIZE, 20)),
    "bytearray": lambda endpoint, data: endpoint.reader.receive_into(data, SIZE, 20, 0),
    "line": lambda endpoint, data: endpoint.reader.read_line(data, 20, 0, SIZE),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Context:
    identity = Authority(tmp_path_factory.mktemp("authority")).issue()
    return tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)


@contextlib.contextmanager
def failing(kind: Kind, way: Way, server: Context) -> Iterator[Endpoint]:
    """An endpoint on which every call that waits fails in this way."""
    if kind == "tls":
        with tlspair.secured(tlspair.context(), server, family=socket.AF_INET) as (a, b):
            if way == "closed":
                a.close()
            elif way == "reset":
                linger = struct.pack("ii", 1, 0)
                b.descriptor.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                b.descriptor.close()
            yield a
        return
    transport = "unix" if kind == "unix" else "tcp"
    with pair(transport, buffered=kind != "unbuffered") as (endpoint, peer):
        if way == "closed":
            endpoint.close()
        elif way == "reset":
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            endpoint.descriptor.sock.send(b"unread")  # with which Unix sockets reset, too
            peer.close()
        yield endpoint


def assert_free(call: Callable[[bytearray], object]) -> None:
    data = bytearray(SIZE)
    with pytest.raises((OSError, SslError)) as kept:
        call(data)
    data.append(0)  # BufferError: Existing exports of data: object cannot be re-sized
    del kept


@pytest.mark.parametrize("way", ["timeout", "reset", "closed"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", [*SENDING, *(f"into-{name}" for name in READING)])
def test_memory_is_free_after_a_failure(form: str, kind: Kind, way: Way, server: Context) -> None:
    call = READING[form.removeprefix("into-")] if form.startswith("into-") else SENDING[form]
    with failing(kind, way, server) as endpoint:
        assert_free(lambda data: call(endpoint, data))


@pytest.mark.parametrize("form", ["send", "recv"])
def test_memory_is_free_after_a_failure_of_tls(form: str) -> None:
    with tlspair.ends(family=socket.AF_INET) as (a, b):
        b.send(b"This is no record of TLS.")
        with pytest.raises(SslError):
            tlspair.context().wrap_connected_socket(a, tlspair.CLIENT, "localhost", PATIENCE)
        assert_free(lambda data: (SENDING if form == "send" else READING)["bytearray"](a, data))
        if form == "recv":
            assert_free(lambda data: READING["large"](a, data))


@pytest.mark.parametrize("items", ["B", "I"])
def test_memory_is_free_after_arguments_that_were_wrong(items: str) -> None:
    def receive(endpoint: Endpoint, view: memoryview) -> None:
        with view.cast(items) as data:  # type: ignore[call-overload]  # no literal
            endpoint.reader.receive_buffer(data, SIZE + 1, -1)

    def send_to(endpoint: Endpoint, view: memoryview) -> None:
        with view.cast(items) as data:  # type: ignore[call-overload]  # no literal
            assert endpoint.send_or_error(data, SIZE + 1) == -1
            endpoint.send_buffer_to("127.0.0.1", 1, data, SIZE + 1, 2, 0, -1)

    with pair() as (endpoint, _):
        assert_free(lambda data: with_view(receive)(endpoint, data))
        assert_free(lambda data: with_view(send_to)(endpoint, data))


def test_memory_is_free_after_the_forms_that_raise_nothing() -> None:
    with pair() as (endpoint, _):
        endpoint.close()
        data = bytearray(8)
        assert not endpoint.try_send(data)
        with memoryview(data) as view:
            assert endpoint.send_or_error(view, 8) == -1
            assert endpoint.reader.receive_or_error(view, 8) == -1
        data.append(0)


def test_memory_is_free_after_a_message_that_was_not_sent() -> None:
    with contextlib.closing(udp_endpoint()) as endpoint:
        assert_free(lambda data: endpoint.send_to("127.0.0.1", 9, data, -1))  # too long
        send = with_view(lambda end, view: end.send_buffer_to("127.0.0.1", 9, view, SIZE, 2, 0, 20))
        assert_free(lambda data: send(endpoint, data))
        assert_free(lambda data: endpoint.send(data, 0, 20))
        for name in ("small", "bytearray"):
            assert_free(lambda data, name=name: READING[name](endpoint, data))  # type: ignore[misc]  # one of the dictionary's


def test_a_mapping_can_be_closed_after_a_failure() -> None:
    with pair() as (endpoint, _):
        for call in (SENDING["memoryview"], READING["large"]):
            mapping = mmap.mmap(-1, SIZE)
            with pytest.raises(OSError, match="20 ms") as kept, memoryview(mapping) as view:
                call(endpoint, view.obj)  # type: ignore[arg-type]  # a mapping is bytes-like, too
            mapping.close()  # BufferError: cannot close exported pointers exist
            del kept


def test_the_caller_s_own_view_stays_his() -> None:
    with pair() as (endpoint, peer), memoryview(bytearray(SIZE)) as view:
        with pytest.raises(OSError, match="20 ms"):
            endpoint.send(view, 0, 20)
        with pytest.raises(OSError, match="20 ms"):
            endpoint.reader.receive_buffer(view, SIZE, 20)
        peer.sendall(b"x" * 10)
        assert endpoint.reader.receive_buffer(view, 10, PATIENCE) == 10
        assert view[:10] == b"x" * 10


@pytest.mark.timeout(120)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("form", ["send", "small", "large"])
def test_memory_is_free_wherever_a_handler_raises(form: str, tls: bool, server: Context) -> None:
    size = 200_000  # which fits in what the system keeps, and is more than is read at once
    with tlspair.secured(tlspair.context(), server) if tls else tlspair.ends() as (a, b):
        a.descriptor.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * size)
        b.descriptor.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * size)
        for moment in range(1, 1000):
            data = bytearray(size)
            kept: list[BaseException] = []
            if form == "send":
                reached = interrupted(lambda: a.send(data, 0, PATIENCE), moment, kept)  # noqa: B023 - called at once
                taker = b
            else:
                b.send(data)
                timeout = PATIENCE if form == "small" else -1
                count = 10 if form == "small" else size
                read = with_view(
                    lambda end, view: end.reader.receive_buffer(view, count, timeout)  # noqa: B023 - called at once
                )
                reached = interrupted(lambda: read(a, data), moment, kept)  # noqa: B023 - called at once
                taker = a
            data.append(0)
            assert len(kept) == reached
            assert not kept or isinstance(kept[0], InterruptError)
            with contextlib.suppress(OSError):
                while taker.reader.receive(1 << 20, 0, 0):
                    pass
            if not reached:
                break
        assert moment > at_least(10)
