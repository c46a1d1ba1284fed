"""TLS: what found no room when it was made is sent by later calls, whichever they are."""

import contextlib
import errno
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from pathlib import Path

import pytest
from harness import tlspair
from harness.authority import Authority
from harness.builds import pure_only
from harness.tlspair import CLIENT, PATIENCE, SERVER
from nimnet_runtime import deadline, system
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SAFE_DISCONN, SslError, TimeoutError
from nimnet_runtime.tls import pump
from nimnet_runtime.tls.context import Context
from nimnet_runtime.tls.pump import Pump
from nimnet_runtime.tls.stream import TlsStream

SOON = 5
"""Seconds."""
MUCH = 200_000
"""Bytes that are encrypted at once, and for which there is no room at once."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Context:
    identity = Authority(tmp_path_factory.mktemp("authority")).issue()
    return tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)


@pytest.fixture
def behind(server: Context) -> Iterator[tuple[Endpoint, Endpoint]]:
    """Two ends; the first has sent more than there was room for, and the second read nothing."""
    with tlspair.secured(tlspair.context(), server) as (a, b):
        a.descriptor.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        with pytest.raises(TimeoutError, match=f"after {MUCH} of {MUCH} bytes"):
            a.send(bytes(MUCH), 0, 20)
        assert unsent(a)
        yield a, b


@pytest.mark.timeout(60)
@pytest.mark.parametrize("version", tlspair.VERSIONS, ids=["tls12", "tls13"])
@pytest.mark.parametrize("then", ["handshake", "receive", "send"])
def test_the_last_flight_of_a_handshake(version: int, then: str, tmp_path: Path) -> None:
    """A chain of certificates is longer than the room, and the server reads late."""
    authority = Authority(tmp_path)
    identity = authority.issue()
    chain = tmp_path / "chain.pem"
    chain.write_text(
        Path(identity.cert_file).read_text() + Path(authority.ca_file).read_text() * 40
    )
    server, client = (
        tlspair.context(
            verify=tlspair.PEER,
            ca_file=authority.ca_file,
            cert_file=cert_file,
            key_file=identity.key_file,
            version=version,
        )
        for cert_file in (identity.cert_file, str(chain))
    )
    with tlspair.ends() as (a, b):
        a.descriptor.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2048)
        flights: list[Callable[[], None]] = [
            lambda: client.wrap_connected_socket(a, CLIENT, "localhost", 0),
            lambda: server.wrap_connected_socket(b, SERVER, "", 0),
            lambda: a.handshake(0),
        ]
        for flight in flights:
            with pytest.raises(TimeoutError):
                flight()

        def serve() -> None:
            b.handshake(SOON * 1000)
            b.send(b"s")

        serving = tlspair.in_thread(serve)
        calls: dict[str, Callable[[], object]] = {
            "handshake": lambda: a.handshake(PATIENCE),
            "receive": lambda: a.stream.peek(1, Deadline(SOON * 1000)),
            "send": lambda: a.send(b"c", 0, PATIENCE),
        }
        calls[then]()
        serving.result(SOON * 2)
        assert a.reader.receive(1, PATIENCE, 0) == b"s"


@pytest.mark.timeout(60)
def test_the_rest_of_a_send_goes_out_with_reads(tmp_path: Path) -> None:
    identity = Authority(tmp_path).issue()
    server = tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)
    with tlspair.secured(tlspair.context(), server) as (a, b):
        with pytest.raises(TimeoutError):
            a.send(bytes(1 << 24), 0, 100)
        assert unsent(a)
        while unsent(a):
            with contextlib.suppress(TimeoutError):
                while b.stream.receive(1 << 16, Deadline(0)):
                    pass
            before = unsent(a)
            b.send(b"x")
            assert a.stream.receive(1, Deadline(PATIENCE)) == b"x"
            assert unsent(a) < before


@pytest.mark.timeout(20)
@pytest.mark.parametrize("timeout", [-1, 4000], ids=["unbounded", "bounded"])
@pytest.mark.parametrize("call", ["wrap", "handshake", "send"])
def test_a_handshake_that_cannot_send_says_so(call: str, timeout: int) -> None:
    """The peer reads no more, and sends nothing: what failed is no matter of time."""
    client = tlspair.context()
    with tlspair.ends() as (a, b):
        b.descriptor.sock.shutdown(socket.SHUT_RD)
        if call != "wrap":
            a.secure(client, client.client_stream(a.descriptor, "localhost"))
        calls: dict[str, Callable[[], object]] = {
            "wrap": lambda: client.wrap_connected_socket(a, CLIENT, "localhost", timeout),
            "handshake": lambda: a.handshake(timeout),
            "send": lambda: a.send(b"x", 0, timeout),
        }
        begin = time.monotonic()
        for again in (calls[call], lambda: a.handshake(timeout)):
            with pytest.raises(BrokenPipeError) as caught:
                again()
            assert caught.value.errno == errno.EPIPE
        assert time.monotonic() - begin < 2


@pytest.mark.timeout(20)
def test_a_read_never_takes_a_handshake_that_failed_for_the_end() -> None:
    """SAFE_DISCONN makes an end of a disconnection, but none of what TLS has not confirmed."""
    client = tlspair.context()
    with tlspair.ends() as (a, b):
        b.descriptor.sock.shutdown(socket.SHUT_RD)
        a.secure(client, client.client_stream(a.descriptor, "localhost"))
        for _ in range(2):
            with pytest.raises(SslError, match="nothing can be sent: Broken pipe"):
                a.reader.receive(1, PATIENCE, 2)


@pytest.mark.timeout(20)
def test_what_came_before_a_handshake_could_not_send_is_read() -> None:
    """An alert of the peer's tells more than that it has left."""
    with tlspair.ends() as (a, b):
        b.descriptor.sock.sendall(b"\x15\x03\x03\x00\x02\x02\x28")  # handshake_failure
        b.descriptor.sock.shutdown(socket.SHUT_RD)
        with pytest.raises(SslError, match="handshake failure"):
            tlspair.context().wrap_connected_socket(a, CLIENT, "localhost", PATIENCE)


def unsent(endpoint: Endpoint) -> int:
    """How many bytes of ciphertext OpenSSL has given out, and the system not taken."""
    assert isinstance(endpoint.stream, TlsStream)
    return len(endpoint.stream._pump.piece.rest())


@pytest.mark.timeout(20)
def test_a_wrapped_socket_keeps_the_flags_that_it_was_made_with(tmp_path: Path) -> None:
    identity = Authority(tmp_path).issue()
    server = tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)
    with (
        tlspair.ends() as (a, b),
        contextlib.closing(
            Endpoint.adopt(os.dup(a.fileno()), socket.AF_UNIX, socket.SOCK_STREAM, 0, True, False)
        ) as strict,
    ):
        shaken = tlspair.in_thread(lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE))
        tlspair.context().wrap_connected_socket(strict, CLIENT, "localhost", PATIENCE)
        shaken.result(PATIENCE / 1000)
        b.descriptor.sock.shutdown(socket.SHUT_RD)
        with pytest.raises(BrokenPipeError):
            strict.send(b"x")
        strict.send(b"x", SAFE_DISCONN)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("timeout", [-1, PATIENCE], ids=["unbounded", "bounded"])
def test_a_read_sends_the_rest_while_it_waits(
    behind: tuple[Endpoint, Endpoint], timeout: int
) -> None:
    a, b = behind
    reading = tlspair.in_thread(lambda: a.reader.receive(1, timeout, 0))
    assert b.reader.receive(MUCH, PATIENCE, 0) == bytes(MUCH)
    b.send(b"x")
    assert reading.result(SOON) == b"x"


@pytest.mark.timeout(20)
def test_a_read_sends_what_another_thread_gives_up(
    server: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It begins while that has the turn to write, and so waits for no room."""
    monkeypatch.setattr(pump, "_SECOND_LOOK", 0.01)
    with tlspair.secured(tlspair.context(), server) as (a, b):
        writing = tlspair.in_thread(lambda: a.send(bytes(10 * MUCH), 0, 300))
        while not unsent(a):
            time.sleep(0.001)
        reading = tlspair.in_thread(lambda: a.reader.receive(1, -1, 0))
        with pytest.raises(TimeoutError):
            writing.result(SOON)
        with contextlib.suppress(TimeoutError):
            while True:
                assert b.reader.receive_some(MUCH, 500 if unsent(a) else 50, 0)
        assert not unsent(a)
        b.send(b"x")
        assert reading.result(SOON) == b"x"


@pytest.mark.timeout(20)
def test_a_read_waits_where_nothing_can_be_sent_any_more(
    behind: tuple[Endpoint, Endpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system calls that room: a read must not ask again and again."""
    a, b = behind
    tried: list[int] = []

    def counted(fd: int, seconds: float | None) -> tuple[bool, bool]:
        tried.append(fd)
        return system.readable_or_writable(fd, seconds)

    monkeypatch.setattr(deadline, "readable_or_writable", counted)
    b.descriptor.sock.shutdown(socket.SHUT_RD)
    trickle(b, 0)
    with pytest.raises(TimeoutError):
        a.reader.receive(1, 200, 0)
    assert 0 < len(tried) < 10
    b.send(b"x")
    assert a.reader.receive(1, PATIENCE, 0) == b"x"


@pytest.mark.timeout(20)
def test_a_read_with_a_rest_to_send_is_woken_by_a_close(
    behind: tuple[Endpoint, Endpoint],
) -> None:
    a, _ = behind
    reading = tlspair.in_thread(lambda: a.reader.receive(1, -1, 0))
    while not a.descriptor.reading.busy:
        time.sleep(0.001)
    a.close()
    with pytest.raises(OSError, match="closed while this call was using it"):
        reading.result(SOON)


@pytest.mark.timeout(20)
def test_a_read_sends_the_goodbye_that_send_eof_left(behind: tuple[Endpoint, Endpoint]) -> None:
    a, b = behind
    with pytest.raises(TimeoutError):
        a.stream.send_eof(Deadline(20))
    reading = tlspair.in_thread(lambda: a.reader.receive(1, -1, 0))
    assert b.reader.receive(MUCH, PATIENCE, 0) == bytes(MUCH)
    a.stream.send_eof(Deadline(PATIENCE))
    assert b.reader.receive(1, PATIENCE, 0) == b""
    b.send(b"x")
    assert reading.result(SOON) == b"x"


def trickle(endpoint: Endpoint, pause: float) -> int:
    """Takes ciphertext until it ends, with pauses; returns how much."""
    taken = 0
    while data := endpoint.descriptor.sock.recv(20_000):
        taken += len(data)
        time.sleep(pause)
    return taken


@pytest.mark.timeout(30)
def test_close_goes_on_as_long_as_the_peer_does(
    behind: tuple[Endpoint, Endpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = behind
    monkeypatch.setattr(pump, "_LAST", 1000)
    monkeypatch.setattr(pump, "LONGEST_LAST", 20_000)
    taking = tlspair.in_thread(lambda: trickle(b, 0.15))  # more than a second in all
    a.close(0)
    assert taking.result(20) > MUCH


@pytest.mark.timeout(30)
def test_close_does_not_go_on_for_ever(
    behind: tuple[Endpoint, Endpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = behind
    monkeypatch.setattr(pump, "LONGEST_LAST", 100)
    taking = tlspair.in_thread(lambda: trickle(b, 0.05))
    with pytest.raises(
        OSError, match=r"^\[Errno \d+\] \d+ bytes of ciphertext, .* no room"
    ) as caught:
        a.close(0)
    assert caught.value.errno == errno.ECONNABORTED
    assert a.fileno() == -1
    lost = int(str(caught.value).split()[2])
    assert MUCH - taking.result(20) < lost < MUCH


@pytest.mark.timeout(20)
@pytest.mark.parametrize("flags", [0, SAFE_DISCONN])
def test_close_tells_of_data_that_a_lost_peer_never_got(
    behind: tuple[Endpoint, Endpoint], flags: int
) -> None:
    a, b = behind
    b.descriptor.sock.shutdown(socket.SHUT_RD)
    if flags:
        a.close(flags)
    else:
        with pytest.raises(BrokenPipeError, match="never sent, for the peer is gone"):
            a.close(flags)
    assert a.fileno() == -1


@pytest.mark.timeout(20)
def test_close_tells_nothing_of_a_goodbye_alone(server: Context) -> None:
    """Data fills the room, and all of it was sent."""
    with tlspair.secured(tlspair.context(), server) as (a, b):
        a.descriptor.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        with contextlib.suppress(BlockingIOError):
            while True:
                a.descriptor.sock.send(bytes(100), socket.MSG_DONTWAIT)
        a.close(0)
        assert b.descriptor.sock.recv(1)


@pure_only("it replaces a method; who tells of the rest is tested after this, on both")
@pytest.mark.timeout(30)
def test_close_waits_for_the_turn_of_a_reader_that_sends_the_rest(
    behind: tuple[Endpoint, Endpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the turn to write when the close comes, and leaves the rest to that."""
    a, b = behind
    send_queued, inside, leave = Pump.send_queued, threading.Event(), threading.Event()

    def slow(pump: Pump, deadline: Deadline) -> None:
        if not inside.is_set():
            inside.set()
            assert leave.wait(SOON)
        send_queued(pump, deadline)

    monkeypatch.setattr(Pump, "send_queued", slow)
    reading = tlspair.in_thread(lambda: a.reader.receive(1, -1, 0))
    taken = len(b.descriptor.sock.recv(20_000))  # which is room, and the reader notices
    assert inside.wait(SOON)
    closing = tlspair.in_thread(lambda: a.close(0))
    tried = wait([closing], 0.05)  # not done, but at it
    leave.set()
    assert not tried.done
    assert taken + trickle(b, 0) > MUCH
    closing.result(SOON)
    with pytest.raises(OSError, match="closed"):
        reading.result(SOON)


@pytest.mark.timeout(30)
def test_close_tells_of_data_that_another_call_was_sending(
    behind: tuple[Endpoint, Endpoint],
) -> None:
    """That call is no `send` and tells nothing of the data itself; nobody makes room."""
    a, _ = behind
    ending = tlspair.in_thread(lambda: a.stream.send_eof(Deadline(-1)))
    while not a.descriptor.writing.busy:
        time.sleep(0.001)
    with pytest.raises(OSError, match="never sent, for the peer made no room"):
        a.close(0)
    with pytest.raises(OSError, match="closed while this call was using it"):
        ending.result(SOON)


@pytest.mark.timeout(30)
def test_close_leaves_it_to_a_send_to_tell_of_its_data(behind: tuple[Endpoint, Endpoint]) -> None:
    a, _ = behind
    sending = tlspair.in_thread(lambda: a.send(b"x"))
    while not a.descriptor.writing.busy:
        time.sleep(0.001)
    a.close(0)
    with pytest.raises(OSError, match="after 0 of 1 bytes were accepted"):
        sending.result(SOON)


@pure_only("it replaces a method; that a goodbye alone is not told of is tested on both")
@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "call", [lambda a: a.handshake(PATIENCE), lambda a: a.send(b"x", 0, PATIENCE)]
)
def test_close_tells_nothing_of_a_handshake_that_was_never_sent(
    server: Context, call: Callable[[Endpoint], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No data was accepted, also where a `send` has tried to begin."""
    with tlspair.ends() as (a, b):
        with pytest.raises(TimeoutError):
            tlspair.context().wrap_connected_socket(a, CLIENT, "localhost", 0)
        serving = tlspair.in_thread(lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE))
        flush = Pump.flush

        def too_late(pump: Pump, deadline: Deadline) -> None:
            if isinstance(a.stream, TlsStream) and a.stream._session.established:
                raise TimeoutError(errno.ETIMEDOUT, "no room")
            flush(pump, deadline)

        monkeypatch.setattr(Pump, "flush", too_late)
        monkeypatch.setattr(pump, "_LAST", 20)
        with pytest.raises(TimeoutError):
            call(a)
        a.close(0)
        b.close()
        serving.exception(SOON)
