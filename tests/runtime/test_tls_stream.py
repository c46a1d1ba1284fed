"""TLS streams: deadlines, ends, threads, and the machinery of TLS 1.2 and 1.3 that nobody sees."""

import contextlib
import errno
import hashlib
import os
import random
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, wait
from functools import partial

import pytest
from harness import tlspair
from harness.authority import Authority, Identity
from harness.builds import pure_only
from harness.loopback import (
    Background,
    listening,
    refused_port,
    silent_server,
    until_waiting,
)
from harness.tlspair import CLIENT, PATIENCE, PEER, SERVER
from harness.traffic import exchange
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SslError, TimeoutError
from nimnet_runtime.tls.context import Context
from nimnet_runtime.tls.pump import Pump
from OpenSSL import SSL

BOTH = pytest.mark.parametrize("version", tlspair.VERSIONS)
SAFE = 2


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def identity(authority: Authority) -> Identity:
    return authority.issue()


def contexts(
    authority: Authority, identity: Identity, version: int | None = None
) -> tuple[Context, Context]:
    client = tlspair.context(verify=PEER, ca_file=authority.ca_file, version=version)
    server = tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)
    return client, server


@pytest.fixture(params=tlspair.VERSIONS, ids=["tls12", "tls13"])
def connected(
    request: pytest.FixtureRequest, authority: Authority, identity: Identity
) -> Iterator[tuple[Endpoint, Endpoint]]:
    client, server = contexts(authority, identity, request.param)
    with tlspair.secured(client, server, family=socket.AF_INET) as both:
        yield both


def listener(identity: Identity) -> Endpoint:
    server = tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)
    endpoint = Endpoint.create(socket.AF_INET, socket.SOCK_STREAM, 0, True)
    server.wrap_socket(endpoint)
    endpoint.bind_addr(0, "127.0.0.1")
    endpoint.listen(8)
    return endpoint


def only_records(wire: bytes) -> bool:
    """Whether these bytes are whole records of TLS (RFC 8446 section 5.1) and nothing else."""
    while wire:
        kind, version, size = struct.unpack_from(">BHH", wire)
        if kind not in (20, 21, 22, 23) or version >> 8 != 3 or len(wire) < 5 + size:
            return False
        wire = wire[5 + size :]
    return True


def through_a_tap(server: Endpoint, seen: list[bytearray]) -> tuple[socket.socket, Future[None]]:
    """A listener whose one connection is passed on to `server`; both directions are recorded."""
    tap = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, target: socket.socket, record: bytearray) -> None:
        while piece := source.recv(1 << 16):
            record += piece
            with contextlib.suppress(OSError):  # it has left
                target.sendall(piece)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def run() -> None:
        with tap, socket.create_connection(server.get_local_addr()) as there:
            here, _ = tap.accept()
            with here:
                back = tlspair.in_thread(partial(pump, there, here, seen[1]))
                pump(here, there, seen[0])
                back.result(20)

    return tap, tlspair.in_thread(run)


def test_wrapped_before_connect_and_listen(authority: Authority, identity: Identity) -> None:
    client, _ = contexts(authority, identity)
    seen = [bytearray(), bytearray()]
    with contextlib.closing(listener(identity)) as server:
        tap, passed = through_a_tap(server, seen)

        def serve() -> bytes:
            with contextlib.closing(server.accept(SAFE, PATIENCE)) as accepted:
                assert accepted.is_ssl()
                line = accepted.reader.recv_line(PATIENCE, SAFE, 100)
                accepted.send(line.upper() + b"\r\n")
                return accepted.reader.receive(1, PATIENCE, SAFE)

        served = tlspair.in_thread(serve)
        with contextlib.closing(
            Endpoint.create(socket.AF_INET, socket.SOCK_STREAM, 0, True)
        ) as endpoint:
            client.wrap_socket(endpoint)
            with pytest.raises(OSError, match="connect"):
                endpoint.send(b"never in the clear")
            assert not endpoint.try_send(b"never in the clear")
            endpoint.connect_within("127.0.0.1", tap.getsockname()[1], PATIENCE)
            endpoint.send(b"hello\r\n")
            assert endpoint.reader.recv_line(PATIENCE, SAFE, 100) == b"HELLO"
            with pytest.raises(SslError, match="already"):
                client.wrap_socket(endpoint)
        assert served.result(20) == b""
        passed.result(20)
    for wire in seen:
        assert len(wire) > 100
        assert only_records(bytes(wire))
        assert b"hello" not in bytes(wire).lower()


@pytest.mark.parametrize("side", [CLIENT, SERVER])
def test_a_failed_handshake_lets_nothing_pass_in_the_clear(
    authority: Authority, identity: Identity, side: int
) -> None:
    mine = contexts(authority, identity)[side]
    with tlspair.ends() as (a, b), socket.socket(fileno=socket.dup(b.fileno())) as raw:
        raw.settimeout(PATIENCE / 1000)
        raw.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        with pytest.raises(SslError):
            mine.wrap_connected_socket(a, side, "localhost", PATIENCE)
        with pytest.raises(SslError):
            a.send(b"never in the clear")
        assert not a.try_send(b"never in the clear")
        a.close()
        wire = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := raw.recv(1 << 16):
                wire += piece
        assert only_records(wire)


def test_accept_with_a_destroyed_context_leaks_nothing(identity: Identity) -> None:
    with contextlib.closing(listener(identity)) as server:
        assert isinstance(server.security, Context)
        server.security.destroy()
        with socket.create_connection(server.get_local_addr()) as peer:
            with pytest.raises(SslError, match="destroyed"):
                server.accept(SAFE, PATIENCE)
            assert peer.recv(1) == b""  # the accepted descriptor is closed


def test_wrapping_what_cannot_be(authority: Authority, identity: Identity) -> None:
    client, _ = contexts(authority, identity)
    with (
        contextlib.closing(
            Endpoint.create(socket.AF_INET, socket.SOCK_DGRAM, 0, True)
        ) as datagrams,
        pytest.raises(OSError, match="stream socket"),
    ):
        client.wrap_socket(datagrams)
    with contextlib.closing(
        Endpoint.create(socket.AF_INET, socket.SOCK_STREAM, 0, True)
    ) as endpoint:
        with pytest.raises(OSError, match="connected"):
            client.wrap_connected_socket(endpoint, CLIENT, "localhost", PATIENCE)
        client.wrap_socket(endpoint)
        with pytest.raises(SslError, match="already"):
            client.wrap_socket(endpoint)
    with pytest.raises(OSError, match="closed"):
        client.wrap_socket(endpoint)
    with tlspair.ends() as (a, _), pytest.raises(SslError, match="wrap_connected_socket"):
        client.wrap_socket(a)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("trickle", [False, True])
def test_a_silent_server_cannot_hold_a_handshake(
    authority: Authority, identity: Identity, trickle: bool
) -> None:
    client, server = contexts(authority, identity)
    with tlspair.ends() as (a, b), tlspair.ends() as (c, d):
        stop = threading.Event()

        def drip() -> None:
            # One TLS record of 4000 bytes, a byte every 20 ms.
            for byte in b"\x16\x03\x03\x0f\xa0" + bytes(4000):
                if stop.wait(0.02):
                    break
                b.send(bytes([byte]))

        dripping = tlspair.in_thread(drip) if trickle else None
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            client.wrap_connected_socket(a, CLIENT, "localhost", 300)
        with pytest.raises(TimeoutError):
            server.wrap_connected_socket(c, SERVER, "", 300)
        assert 0.55 < time.monotonic() - began < 5
        stop.set()
        if dripping:
            dripping.result(20)
        assert d.fileno() >= 0


def test_a_handshake_goes_on_after_a_timeout(authority: Authority, identity: Identity) -> None:
    client, server = contexts(authority, identity)
    with tlspair.ends() as (a, b):
        with pytest.raises(TimeoutError):
            client.wrap_connected_socket(a, CLIENT, "localhost", 20)
        served = tlspair.in_thread(lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE))
        a.handshake(PATIENCE)
        served.result(20)
        a.send(b"x")
        assert b.reader.receive(1, PATIENCE, 0) == b"x"


def test_a_reader_and_a_writer_begin_together(authority: Authority, identity: Identity) -> None:
    client, server = contexts(authority, identity)
    for _ in range(20):
        with tlspair.ends() as (a, b):
            with pytest.raises(TimeoutError):
                client.wrap_connected_socket(a, CLIENT, "localhost", 0)
            with pytest.raises(TimeoutError):
                server.wrap_connected_socket(b, SERVER, "", 0)
            readers = [tlspair.in_thread(partial(e.reader.receive, 3, PATIENCE, 0)) for e in (a, b)]
            for end in (a, b):
                end.send(b"abc", 0, PATIENCE)
            assert [reader.result(20) for reader in readers] == [b"abc", b"abc"]


def test_a_clean_end_is_an_end(connected: tuple[Endpoint, Endpoint]) -> None:
    a, b = connected
    b.send(b"last words")
    b.close()
    assert a.reader.receive(10, PATIENCE, 0) == b"last words"
    for _ in range(3):
        assert a.reader.receive(1, PATIENCE, 0) == b""
        assert a.reader.recv_line(PATIENCE, 0, 100) == b""


@pytest.mark.parametrize("reset", [False, True])
def test_truncation_is_an_error_after_the_data(
    connected: tuple[Endpoint, Endpoint], reset: bool
) -> None:
    a, b = connected
    b.send(b"x" * 100_000)
    with socket.socket(fileno=socket.dup(b.fileno())) as raw:
        raw.shutdown(socket.SHUT_WR) if not reset else None
        assert a.reader.receive(100_000, PATIENCE, SAFE) == b"x" * 100_000
        if reset:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            b.descriptor.close()
    for _ in range(3):
        with pytest.raises(SslError, match="without close_notify"):
            a.reader.receive(1, PATIENCE, SAFE)


def test_a_record_that_was_changed(connected: tuple[Endpoint, Endpoint]) -> None:
    a, b = connected
    b.send(b"good")
    b.descriptor.sock.send(b"\x17\x03\x03\x00\x20" + bytes(32))
    assert a.reader.receive(4, PATIENCE, SAFE) == b"good"
    for _ in range(2):
        with pytest.raises(SslError, match="TLS failed"):
            a.reader.receive(1, PATIENCE, SAFE)
    with pytest.raises(SslError, match="TLS failed"):
        a.send(b"x")
    with pytest.raises(SslError, match="alert"):
        b.reader.receive(1, PATIENCE, SAFE)


def test_a_timeout_loses_nothing(connected: tuple[Endpoint, Endpoint]) -> None:
    a, b = connected
    b.send(b"0123456")
    with pytest.raises(TimeoutError):
        a.reader.receive(10, 50, 0)
    b.send(b"789")
    assert a.reader.receive(10, PATIENCE, 0) == b"0123456789"


def test_a_send_that_timed_out_goes_on(connected: tuple[Endpoint, Endpoint]) -> None:
    a, b = connected
    data = random.Random(1).randbytes(32 << 20)
    with pytest.raises(TimeoutError, match="of 33554432 bytes were accepted") as caught:
        a.send(data, 0, 100)
    accepted = int(str(caught.value).rpartition("after ")[2].partition(" ")[0])
    assert 0 < accepted < len(data)
    received = tlspair.in_thread(lambda: b.reader.receive(len(data), PATIENCE, 0))
    a.send(data[accepted:], 0, PATIENCE)
    assert hashlib.sha256(received.result(30)).digest() == hashlib.sha256(data).digest()


def test_pending_counts_what_is_decrypted(authority: Authority, identity: Identity) -> None:
    client, server = contexts(authority, identity)
    with tlspair.secured(client, server, buffered=False) as (a, b):
        assert not a.reader.has_data_buffered()
        b.send(b"ab")
        b.send(b"cd")
        assert a.reader.receive(1, PATIENCE, 0) == b"a"
        assert a.reader.has_data_buffered()
        assert a.reader.receive(1, 0, 0) == b"b"
        assert a.stream.peek(10, Deadline(PATIENCE)) == b"cd"
        assert a.reader.receive(2, 0, 0) == b"cd"
        assert not a.reader.has_data_buffered()


def test_what_was_read_ahead_belongs_to_the_handshake(
    authority: Authority, identity: Identity
) -> None:
    client, server = contexts(authority, identity)
    with tlspair.ends() as (a, b):
        a.send(b"STARTTLS\r\n")
        with pytest.raises(TimeoutError):
            client.wrap_connected_socket(a, CLIENT, "localhost", 0)  # its hello follows at once
        assert b.reader.recv_line(PATIENCE, 0, 100) == b"STARTTLS"
        assert b.reader.has_data_buffered()
        served = tlspair.in_thread(lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE))
        a.handshake(PATIENCE)
        served.result(20)
        b.send(b"x")
        assert a.reader.receive(1, PATIENCE, 0) == b"x"


@pytest.mark.parametrize("side", [CLIENT, SERVER])
def test_what_is_injected_before_the_handshake_is_never_read(
    authority: Authority, identity: Identity, side: int
) -> None:
    # CVE-2011-0411: a man in the middle adds plain text behind the last line in the clear.
    mine = contexts(authority, identity)[side]
    with tlspair.ends() as (a, b):
        b.send(b"STARTTLS\r\nEVIL\r\n")
        assert a.reader.recv_line(PATIENCE, 0, 100) == b"STARTTLS"
        assert a.reader.has_data_buffered()
        with pytest.raises(SslError, match="TLS handshake failed"):
            mine.wrap_connected_socket(a, side, "localhost", PATIENCE)
        assert not a.reader.has_data_buffered()
        for _ in range(2):
            with pytest.raises(SslError):
                a.reader.receive(4, PATIENCE, SAFE)
            with pytest.raises(SslError):
                a.reader.recv_line(PATIENCE, SAFE, 100)


@pytest.mark.parametrize("buffered", [True, False])
@pytest.mark.parametrize("late", ["before", "after", "never"])
@pytest.mark.parametrize("side", [CLIENT, SERVER])
def test_the_line_feed_of_the_last_line_in_the_clear(
    authority: Authority, identity: Identity, buffered: bool, late: str, side: int
) -> None:
    both = contexts(authority, identity)
    with tlspair.ends(buffered=buffered) as (a, b):
        b.send(b"STARTTLS\r")
        assert a.reader.recv_line(PATIENCE, 0, 100) == b"STARTTLS"
        if late == "before":
            b.send(b"\n")
        if late == "after":
            with pytest.raises(TimeoutError):
                both[side].wrap_connected_socket(a, side, "localhost", 0)
            b.send(b"\n")
        shaken = tlspair.in_thread(
            partial(both[not side].wrap_connected_socket, b, not side, "localhost", PATIENCE)
        )
        if late == "after":
            a.handshake(PATIENCE)
        else:
            both[side].wrap_connected_socket(a, side, "localhost", PATIENCE)
        shaken.result(20)
        b.send(b"\nabc")  # the first that is protected; no part of the line in the clear
        assert a.reader.receive(4, PATIENCE, SAFE) == b"\nabc"


@pytest.mark.parametrize("direction", ["reading", "writing"])
def test_close_wakes_calls_in_other_threads(
    connected: tuple[Endpoint, Endpoint], direction: str
) -> None:
    a, _ = connected

    def wait() -> None:
        if direction == "reading":
            a.reader.receive(1, -1, SAFE)
        else:
            a.send(bytes(64 << 20), SAFE)

    waiting = tlspair.in_thread(wait)
    while not getattr(a.descriptor, direction).busy:
        time.sleep(0.001)
    a.close()
    with pytest.raises(OSError, match="closed"):
        waiting.result(20)


@pytest.mark.timeout(60)
def test_full_duplex(connected: tuple[Endpoint, Endpoint]) -> None:
    # Two threads on each side, random sizes, every byte checked; `make soak` does it for a minute.
    assert all(way.count >= 16 << 20 for way in exchange(connected, 0, 16 << 20))


@pytest.mark.parametrize("server", [False, True])
@BOTH
def test_against_python(
    authority: Authority, identity: Identity, server: bool, version: int
) -> None:
    if server:
        theirs = ssl.create_default_context(cafile=authority.ca_file)
    else:
        theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        theirs.load_cert_chain(identity.cert_file, identity.key_file)
    theirs.minimum_version = theirs.maximum_version = ssl.TLSVersion(version)
    mine = contexts(authority, identity)[server]
    data = random.Random(3).randbytes(3 << 20)
    with tlspair.python_peer(theirs, server=not server) as (endpoint, other):
        mine.wrap_connected_socket(
            endpoint, SERVER if server else CLIENT, "" if server else "localhost", PATIENCE
        )
        peer = other.result(20)
        sent = tlspair.in_thread(lambda: peer.sendall(data))
        assert endpoint.reader.receive(len(data), PATIENCE, 0) == data
        sent.result(20)
        sent = tlspair.in_thread(lambda: endpoint.send(data, 0, PATIENCE))
        received = b""
        while len(received) < len(data):
            received += peer.recv(1 << 16)
        assert received == data
        sent.result(20)
        endpoint.close()
        assert peer.recv(1) == b""  # close_notify: anything else raises here


def test_renegotiation_is_refused_unnoticed(authority: Authority, identity: Identity) -> None:
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_max_proto_version(tlspair.TLS_1_2)
    context.use_certificate_chain_file(identity.cert_file)
    context.use_privatekey_file(identity.key_file)
    client, _ = contexts(authority, identity)
    with tlspair.ends() as (a, b), socket.socket(fileno=socket.dup(b.fileno())) as raw:
        theirs = SSL.Connection(context, raw)
        theirs.set_accept_state()
        served = tlspair.in_thread(theirs.do_handshake)
        client.wrap_connected_socket(a, CLIENT, "localhost", PATIENCE)
        served.result(20)
        assert theirs.renegotiate()
        theirs.do_handshake()  # sends the request, and waits for nothing
        theirs.send(b"goes on")
        assert a.reader.receive(7, PATIENCE, 0) == b"goes on"


def test_a_peer_that_only_writes_and_leaves(authority: Authority, identity: Identity) -> None:
    # Session tickets that arrive at its closed socket would reset what the server has not read.
    client, server = contexts(authority, identity)

    def serve(end: Endpoint) -> tuple[int, bytes]:
        server.wrap_connected_socket(end, SERVER, "", PATIENCE)
        data = end.reader.receive(1 << 22, PATIENCE, SAFE)
        return len(data), end.reader.receive(1, PATIENCE, SAFE)

    for size in (10, 300_000, 3_000_000) * 4:
        with tlspair.ends(family=socket.AF_INET) as (a, b):
            served = tlspair.in_thread(partial(serve, b))
            client.wrap_connected_socket(a, CLIENT, "localhost", PATIENCE)
            a.send(b"y" * size)
            a.close()
            assert served.result(20) == (size, b"")


@pytest.mark.parametrize("unread", [100_000, 600_000])
def test_closing_with_much_unread_loses_nothing_sent(
    authority: Authority, identity: Identity, unread: int
) -> None:
    # Input that is still there when the descriptor closes would reset the connection, and the
    # system would throw away what the peer has not taken yet.
    client, server = contexts(authority, identity)
    with tlspair.ends(family=socket.AF_INET) as (a, b):
        sock = a.descriptor.sock
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2 * unread)
        if sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) < 2 * unread:
            pytest.skip("the system allows no receive buffer of this size (net.core.rmem_max)")
        shaken = tlspair.in_thread(lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE))
        client.wrap_connected_socket(a, CLIENT, "localhost", PATIENCE)
        shaken.result(20)
        b.send(bytes(unread), 0, PATIENCE)
        everything = sock.recv(unread, socket.MSG_PEEK | socket.MSG_WAITALL)
        assert len(everything) == unread
        a.send(b"y" * 600_000, 0, PATIENCE)
        a.close()
        assert len(b.reader.receive(600_000, PATIENCE, 0)) == 600_000
        assert b.reader.receive(1, PATIENCE, 0) == b""


@pure_only("it replaces a method; threads that close at once are tested in test_closing")
def test_two_threads_close_at_once(
    connected: tuple[Endpoint, Endpoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = connected
    others: list[Future[None]] = []
    flush_last = Pump.flush_last

    def after_another_close(pump: Pump) -> None:
        others.append(tlspair.in_thread(a.close))
        wait(others, timeout=0.05)  # it would end, and the descriptor with it
        flush_last(pump)

    monkeypatch.setattr(Pump, "flush_last", after_another_close)
    a.close()
    assert b.reader.receive(1, PATIENCE, 0) == b""  # and no SslError for a missing close_notify
    others[0].result(20)
    assert len(others) == 1
    assert a.fileno() == -1


def test_a_server_that_closes_at_once(authority: Authority, identity: Identity) -> None:
    client, server = contexts(authority, identity)
    with tlspair.ends(family=socket.AF_INET) as (a, b):

        def serve() -> None:
            server.wrap_connected_socket(b, SERVER, "", PATIENCE)
            b.close()

        served = tlspair.in_thread(serve)
        client.wrap_connected_socket(a, CLIENT, "localhost", PATIENCE)
        served.result(20)
        assert a.reader.receive(1, PATIENCE, 0) == b""


@pytest.mark.parametrize(
    ("received", "said"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak TLS"),
        (b"", "ended during the TLS handshake"),
        (b"\x15\x03\x03\x00\x02\x02\x28", "alert 'handshake failure'"),
    ],
)
def test_peers_that_do_not_shake_hands(
    authority: Authority, identity: Identity, received: bytes, said: str
) -> None:
    client, _ = contexts(authority, identity)
    with tlspair.ends() as (a, b):
        if received:
            b.send(received)
        b.descriptor.sock.shutdown(socket.SHUT_WR)
        with pytest.raises(SslError, match=said):
            client.wrap_connected_socket(a, CLIENT, "localhost", PATIENCE)
        with pytest.raises(SslError, match=said):
            a.reader.receive(1, PATIENCE, SAFE)
        with pytest.raises(SslError, match=said):
            a.send(b"x")
        assert a.reader.receive_or_error(memoryview(bytearray(1)), 1) == -1
        assert a.try_send(b"x") is False


def refuses_traffic(endpoint: Endpoint, number: int) -> None:
    """Checks that every way to move bytes fails with this number."""
    uses = (
        lambda: endpoint.stream.receive(1, Deadline(PATIENCE)),
        lambda: endpoint.stream.receive_into(memoryview(bytearray(1)), [], Deadline(PATIENCE)),
        lambda: endpoint.stream.peek(1, Deadline(PATIENCE)),
        lambda: endpoint.send(b"x", 0, PATIENCE),
        lambda: endpoint.handshake(PATIENCE),
    )
    for use in uses:
        with pytest.raises(OSError) as caught:  # noqa: PT011 - its number tells
            use()
        assert caught.value.errno == number


def greet_one(server: Endpoint) -> None:
    with contextlib.closing(server.accept(SAFE, PATIENCE)) as accepted:
        accepted.send(b"x", 0, PATIENCE)


def test_after_a_connect_that_failed(authority: Authority, identity: Identity) -> None:
    """There is no session, and the next connect has its own: with the name that it is given."""
    client, _ = contexts(authority, identity)
    with (
        contextlib.closing(listener(authority.issue(addresses=()))) as server,
        contextlib.closing(Endpoint.create(socket.AF_INET, socket.SOCK_STREAM, 0, True)) as a,
        contextlib.closing(Endpoint.create(socket.AF_INET, socket.SOCK_STREAM, 0, True)) as b,
    ):
        for endpoint in (a, b):
            client.wrap_socket(endpoint)
            refuses_traffic(endpoint, errno.ENOTCONN)
            with pytest.raises(ConnectionRefusedError):
                endpoint.connect_within("127.0.0.1", refused_port(), PATIENCE)
            refuses_traffic(endpoint, errno.ENOTCONN)
        b.close()
        with pytest.raises(OSError, match="the socket is closed"):
            b.handshake(PATIENCE)
        served = tlspair.in_thread(lambda: greet_one(server))
        a.connect_within("localhost", server.get_local_addr()[1], PATIENCE)
        assert a.stream.receive(1, Deadline(PATIENCE)) == b"x"
        served.result(PATIENCE / 1000)


def test_while_another_thread_connects(authority: Authority, identity: Identity) -> None:
    client, _ = contexts(authority, identity)
    with (
        silent_server() as (host, port),
        contextlib.closing(Endpoint.create(socket.AF_INET, socket.SOCK_STREAM, 0, True)) as a,
    ):
        client.wrap_socket(a)
        connecting = Background(lambda: a.connect_within(host, port, PATIENCE))
        until_waiting(connecting)
        with pytest.raises(OSError, match="has not begun") as caught:
            a.stream.receive(1, Deadline(PATIENCE))
        assert caught.value.errno == errno.ENOTCONN
        a.close()
        with pytest.raises(OSError, match="closed"):
            connecting.join()


# Into the caller's memory

LONG = bytes(range(256)) * 800


def test_what_a_read_into_memory_had_got_in_time(connected: tuple[Endpoint, Endpoint]) -> None:
    a, b = connected
    data = memoryview(bytearray(len(LONG)))
    for _ in range(2):
        b.send(LONG[:77_777], 0, PATIENCE)
        with pytest.raises(TimeoutError, match=f"77777 of {len(LONG)} bytes had come"):
            a.reader.receive_buffer(data, len(LONG), 100)
        b.send(LONG[77_777:], 0, PATIENCE)
        assert a.reader.receive_buffer(data, len(LONG), PATIENCE) == len(LONG)
        assert data == LONG


def test_two_threads_read_into_memory(connected: tuple[Endpoint, Endpoint]) -> None:
    """The second takes what the first has got, and the first goes on behind that."""
    a, b = connected
    data, other = memoryview(bytearray(len(LONG))), memoryview(bytearray(70_000))
    first = Background(lambda: a.reader.receive_buffer(data, len(LONG), PATIENCE))
    b.send(LONG[:77_777], 0, PATIENCE)
    while not a.reader.came(0).startswith("77777 bytes"):
        assert not first.ended()
        os.sched_yield()
    until_waiting(first)
    assert a.reader.receive_buffer(other, 70_000, 0) == 70_000
    assert other == LONG[:70_000]
    b.send(LONG[77_777:] + LONG[:70_000], 0, PATIENCE)
    assert first.join() == len(LONG)
    assert data == LONG[70_000:] + LONG[:70_000]


@pytest.mark.parametrize("cut", [False, True])
def test_what_came_before_the_end_is_in_memory(
    connected: tuple[Endpoint, Endpoint], cut: bool
) -> None:
    a, b = connected
    data = memoryview(bytearray(len(LONG)))
    b.send(LONG[:77_777], 0, PATIENCE)
    if cut:
        b.descriptor.sock.shutdown(socket.SHUT_WR)
    else:
        b.send_eof(PATIENCE)
    assert a.reader.receive_buffer(data, len(LONG), PATIENCE) == 77_777
    assert data[:77_777] == LONG[:77_777]
    if cut:
        with pytest.raises(SslError, match="without close_notify"):
            a.reader.receive_buffer(data, len(LONG), PATIENCE)
    else:
        assert a.reader.receive_buffer(data, len(LONG), PATIENCE) == 0


def test_a_context_that_was_destroyed_asks_nobody(authority: Authority, identity: Identity) -> None:
    client, _ = contexts(authority, identity)
    with (
        listening() as nobody,
        contextlib.closing(Endpoint.create(socket.AF_INET, socket.SOCK_STREAM, 0, True)) as a,
    ):
        client.wrap_socket(a)
        client.destroy()
        with pytest.raises(SslError, match="destroyed"):
            a.connect_within("127.0.0.1", nobody.getsockname()[1], PATIENCE)
        nobody.setblocking(False)
        with pytest.raises(BlockingIOError):
            nobody.accept()


def test_datagram_calls_are_refused(connected: tuple[Endpoint, Endpoint]) -> None:
    a, _ = connected
    with pytest.raises(OSError, match="TLS socket"):
        a.recv_from(10, 0, PATIENCE)
    with pytest.raises(OSError, match="TLS socket"):
        a.send_to("127.0.0.1", 1, b"x", PATIENCE)


def test_openssl_is_imported_when_tls_is_first_used() -> None:
    code = (
        "import sys, nimnet_runtime.endpoint as e; x = e.Endpoint.create(2, 1, 0, True); x.close();"
        "assert 'OpenSSL' not in sys.modules and 'cryptography' not in sys.modules;"
        "import nimnet_runtime.tls.context; assert 'OpenSSL' in sys.modules"
    )
    subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path)}, check=True, timeout=60
    )
