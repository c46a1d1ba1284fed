"""A peer that never stops sending does not hold a call beyond its deadline, nor lose it a byte."""

import contextlib
import mmap
import socket
import threading
import time
from collections.abc import Iterator
from typing import Final

import pytest
from harness import tlspair
from harness.authority import Authority
from harness.reading_forms import FORMS, RAW, SOME, Taken
from harness.scripted_stream import ScriptedStream
from harness.tlspair import PATIENCE
from nimnet_runtime import platform
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SslError, TimeoutError
from nimnet_runtime.readahead import ReadAhead
from nimnet_runtime.scopes import Scope
from nimnet_runtime.tls.context import Context

BLOCK: Final = bytes(range(32, 256)) * 1024
HUGE: Final = 1 << 40
PLACE: Final = 1 << 28
"""The size of the memory for the form that reads into it."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Context:
    identity = Authority(tmp_path_factory.mktemp("authority")).issue()
    return tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)


@contextlib.contextmanager
def block(milliseconds: int) -> Iterator[None]:
    """As the generated class: a `with` statement has the scope alone."""
    entered = Scope(milliseconds)
    try:
        entered.__enter__()
        yield
    finally:
        entered.leave()


@contextlib.contextmanager
def flooded(server: Context, *, tls: bool, buffered: bool) -> Iterator[Endpoint]:
    """An endpoint to which its peer sends blocks without end."""
    if tls:
        ends = tlspair.secured(tlspair.context(), server, buffered=buffered, family=socket.AF_INET)
    else:
        ends = tlspair.ends(buffered=buffered, family=socket.AF_INET)
    with ends as (a, b):

        def flood() -> None:
            with contextlib.suppress(OSError):
                while True:
                    b.send(BLOCK)

        thread = threading.Thread(target=flood)
        thread.start()
        try:
            assert a.reader.receive(len(BLOCK), PATIENCE, 0) == BLOCK
            yield a
        finally:
            a.close()
            b.close()
            thread.join()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("buffered", [True, False], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("timeout", [0, 1, 50])
@pytest.mark.parametrize("name", [name for name in FORMS if name not in SOME])
def test_a_call_ends_in_time(
    name: str, timeout: int, buffered: bool, tls: bool, server: Context
) -> None:
    with flooded(server, tls=tls, buffered=buffered) as endpoint:
        size = PLACE if name == "receive_buffer" else HUGE
        began = time.thread_time()  # it never waits, and other programs are not its matter
        with pytest.raises(TimeoutError):
            FORMS[name](endpoint.reader, size, timeout, Taken())
        assert time.thread_time() - began < 1
        held = endpoint.reader._buffer.size()  # type: ignore[attr-defined]  # of a ReadAhead
        if timeout == 0:
            assert held < 64 << 20
        for _ in range(3):
            assert endpoint.reader.receive(len(BLOCK), PATIENCE, 0) == BLOCK


@pytest.mark.timeout(30)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("buffered", [True, False], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("timeout", [-1, 0])
@pytest.mark.parametrize("name", [name for name in FORMS if name != "expect"])
def test_calls_none_of_which_waits_end_with_their_block(
    name: str, timeout: int, buffered: bool, tls: bool, server: Context
) -> None:
    """As a loop that downloads makes them; what they have not taken stays."""
    with flooded(server, tls=tls, buffered=buffered) as endpoint:
        count = 0

        def download() -> None:
            nonlocal count
            while True:
                taken = Taken()
                try:
                    FORMS[name](endpoint.reader, 4096, timeout, taken)
                except TimeoutError as error:
                    if "the timeout of 0 ms" not in str(error):
                        raise
                result = taken.result()
                count += result if isinstance(result, int) else len(result or b"")

        with block(20), pytest.raises(TimeoutError, match="the 20 ms of fail_after have passed"):
            download()
        begun = count % len(BLOCK)
        rest = endpoint.reader.receive(len(BLOCK), PATIENCE, 0)
        assert rest == BLOCK[begun:] + BLOCK[:begun]


@pytest.mark.timeout(30)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("whose", ["block", "calls", "call"])
def test_a_peer_that_takes_everything_holds_no_send(whose: str, tls: bool, server: Context) -> None:
    """Nor several in a block, nor one that is too large for its own timeout."""
    if tls:
        ends = tlspair.secured(tlspair.context(), server, family=socket.AF_INET)
    else:
        ends = tlspair.ends(family=socket.AF_INET)
    with ends as (a, b), mmap.mmap(-1, 1 << 34) as memory, memoryview(memory) as view:

        def send_on(sender: Endpoint, data: memoryview | bytes) -> None:
            while True:
                sender.send(data)

        def drain() -> None:
            waste = bytearray(1 << 20)
            with contextlib.suppress(OSError, SslError):
                while b.reader.receive_some_into(memoryview(waste), -1, 0):
                    pass

        thread = threading.Thread(target=drain)
        thread.start()
        try:
            if whose == "call":
                with pytest.raises(TimeoutError, match="the timeout of 20 ms has passed") as late:
                    a.send(view, timeout=20)
            else:
                data = view if whose == "block" else b"data"
                with block(20), pytest.raises(TimeoutError, match="20 ms of fail_after") as late:
                    send_on(a, data)
            assert late.value.characters_written < len(view)
        finally:
            a.close()
            b.close()
            thread.join()


@pytest.mark.parametrize("name", RAW)
@pytest.mark.parametrize("buffered", [True, False], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_all_that_is_there_when_a_call_begins_is_delivered(
    name: str, buffered: bool, tls: bool, server: Context
) -> None:
    if tls:
        ends = tlspair.secured(tlspair.context(), server, buffered=buffered)
    else:
        ends = tlspair.ends(buffered=buffered)
    with ends as (a, b):
        b.descriptor.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8 << 20)
        size = 0
        with contextlib.suppress(TimeoutError):
            while size < 4 << 20:
                b.send(BLOCK, timeout=0)
                size += len(BLOCK)
        assert size > len(BLOCK)
        taken = Taken()
        FORMS[name](a.reader, size, 0, taken)
        assert taken.result() == (size if name == "skip" else BLOCK * (size // len(BLOCK)))


def test_an_end_that_is_there_is_found_by_a_timeout_of_0() -> None:
    with tlspair.ends() as (a, b):
        b.send(b"x" * 100_000)
        b.close()
        assert len(a.reader.receive(1 << 20, 0, 0)) == 100_000
        assert a.reader.receive(1 << 20, 0, 0) == b""


@pytest.mark.parametrize("place", [True, False], ids=["in-place", "returned"])
def test_nothing_large_is_copied_after_the_deadline(place: bool) -> None:
    """A stream that costs nothing: what takes time is what is done with its bytes."""

    class Endless(ScriptedStream):
        def receive_to(self, arrived: list[bytes], size: int, deadline: Deadline) -> None:
            assert deadline.bounded
            arrived.append(chunk if size >= len(chunk) else chunk[:size])

    chunk = bytes(1 << 20)
    fastest = 9.9
    for _ in range(5):
        reader = ReadAhead(Endless([]), buffered=True)
        with mmap.mmap(-1, 1 << 30) as memory, memoryview(memory) as view:
            began = time.monotonic()
            with contextlib.suppress(TimeoutError):
                if place:
                    reader.receive_buffer(view, len(view), 60)
                else:
                    reader.receive(HUGE, 60, 0)
            fastest = min(fastest, time.monotonic() - began)
    assert fastest < 0.09


@pytest.mark.timeout(60)
@pytest.mark.parametrize("size", [90_000, 98_305, 100_000, 113_000])
def test_a_line_that_is_there_is_delivered_at_once(size: int, server: Context) -> None:
    """On TLS as well, where a part of a record may be inside OpenSSL and counted nowhere."""
    line = b"q" * (size - 1) + b"\n"
    with tlspair.secured(tlspair.context(), server, family=socket.AF_INET) as (a, b):
        b.descriptor.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        a.descriptor.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        b.send(line)
        while platform.unread(a.descriptor.sock.fileno()) <= size:  # all of it, with the records
            time.sleep(0.0005)
        assert a.reader.recv_line(0, 0, 1 << 20) == line[:-1]
