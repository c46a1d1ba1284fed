"""The stage, its peer and the outcome of steps, as generated scenarios use them."""

from __future__ import annotations

import _socket
import errno
import socket as sockets
from collections.abc import Callable
from typing import Literal

import nimnet
import pytest
from harness.actions import (
    Accept,
    Action,
    ByteByByte,
    Close,
    Connect,
    Drop,
    Expect,
    ExpectEnd,
    Garbage,
    HalfClose,
    Reset,
    Secure,
    Send,
    Silent,
    WaitFor,
)
from harness.credentials import Certificate
from harness.resolver import known
from harness.scenario import stage
from nimnet_gen.testing.background import started
from nimnet_gen.testing.demands import ANY, lasting, raising
from nimnet_gen.testing.matrix import Form, scenario

STREAMS = ("tcp", "tcp6", "unix", "tls12", "tls13", "psk12", "psk13")
SECURED = ("tls12", "tls13", "psk12", "psk13")
CERTIFIED = ("tls12", "tls13")

streams = pytest.mark.parametrize("transport", STREAMS)
secured = pytest.mark.parametrize("transport", SECURED)


@streams
def test_a_connection_carries_bytes_both_ways(transport: str) -> None:
    script = [Send(b"01234"), WaitFor("more"), ByteByByte(b"567", every=1), Expect(b"done")]
    with stage("connection", transport, buffered=True, script=script) as (socket, place):
        assert socket.recv(5) == b"01234"
        place.signal("more")
        assert socket.recv(3) == b"567"
        socket.send(b"done")


@streams
@pytest.mark.parametrize("ending", [HalfClose(), Close()])
def test_a_connection_ends_cleanly(transport: str, ending: Action) -> None:
    script = [Send(b"all"), ending]
    with stage("connection", transport, buffered=False, script=script) as (socket, _):
        assert socket.recv(3) == b"all"
        assert socket.recv(1) == b""


@streams
def test_the_other_direction_stays_open_after_half_close(transport: str) -> None:
    script = [HalfClose(), Expect(b"still"), Expect(b" here")]
    with stage("connection", transport, buffered=True, script=script) as (socket, _):
        assert socket.recv(1) == b""
        socket.send(b"still here")


@streams
@pytest.mark.parametrize("given", ["connection", "accepted"])
def test_a_reset_is_one(transport: str, given: Literal["connection", "accepted"]) -> None:
    script = [Expect(b"x"), Reset()]
    with stage(given, transport, buffered=True, script=script) as (socket, _):
        socket.send(b"x")
        with raising(nimnet.SslError if transport in SECURED else OSError):
            while True:  # on a Unix transport there is no RST, and a write is what fails
                socket.recv(1, flags=nimnet.SocketFlag(0))
                socket.send(b"y", flags=nimnet.SocketFlag(0))


@secured
def test_dropping_is_not_ending(transport: str) -> None:
    with stage("connection", transport, buffered=True, script=[Send(b"0"), Drop()]) as (socket, _):
        assert socket.recv(1) == b"0"
        with raising(nimnet.SslError):
            socket.recv(1)


@secured
def test_garbage_goes_beneath(transport: str) -> None:
    script = [Garbage(b"\x00" * 64)]
    with (
        stage("connection", transport, buffered=True, script=script) as (socket, _),
        raising(nimnet.SslError),
    ):
        socket.recv(1)


@streams
def test_the_peer_sees_the_end(transport: str) -> None:
    script = [Expect(b"bye"), ExpectEnd()]
    with stage("connection", transport, buffered=True, script=script) as (socket, _):
        socket.send(b"bye")
        socket.close()
    with stage("connection", transport, buffered=True, script=script) as (socket, _):
        socket.send(b"bye")  # the stage closes it


@streams
@pytest.mark.parametrize("ending", [Silent(), Close(), HalfClose()])
def test_an_accepted_connection(transport: str, ending: Action) -> None:
    script = [Send(b"hello"), ending]
    with stage("accepted", transport, buffered=True, script=script) as (socket, place):
        assert socket.recv(5) == b"hello"
        if not isinstance(ending, Silent):
            assert socket.recv(1) == b""
        if transport == "unix":
            assert (place.host, place.port) == ("", 0)
            assert socket.get_local_addr() == (place.own_host, place.own_port)
        else:
            assert socket.get_peer_addr() == (place.host, place.port)
            assert socket.get_local_addr() == (place.own_host, place.own_port)
        if transport in SECURED:
            wanted = place.psk_identity if transport.startswith("psk") else ""
            assert socket.get_psk_identity() == wanted


@streams
def test_an_accepted_connection_that_is_left_alone(transport: str) -> None:
    with stage("accepted", transport, buffered=True) as (socket, _):
        assert not socket.closed


@streams
def test_a_server_gets_one_client_after_the_other(transport: str) -> None:
    script = [WaitFor("a"), Connect(), Send(b"a"), WaitFor("b"), Connect(), Send(b"b")]
    with stage("server", transport, buffered=True, script=script) as (server, place):
        for name in "ab":
            place.signal(name)
            client, host = server.accept_addr()
            with client:
                assert client.recv(1) == name.encode()
                if transport != "unix":
                    assert (host, client.get_peer_addr()[1]) == (place.host, place.port)


@secured
def test_a_silent_client_then_a_talking_one(transport: str) -> None:
    script = [Connect(plain=True), Connect(), Send(b"hi")]
    with stage("server", transport, buffered=True, script=script) as (server, _):
        with server.accept() as mute, raising(nimnet.TimeoutError, within=(50, 5000)):
            mute.recv(1, timeout=50)
        with server.accept() as talking:
            assert talking.recv(2) == b"hi"


@streams
def test_a_client_connects(transport: str) -> None:
    with stage("client", transport, buffered=True, script=[Accept(), Send(b"hi")]) as (
        socket,
        place,
    ):
        if transport == "unix":
            socket.connect_unix(place.path)
        else:
            socket.connect(place.host, place.port)
        assert socket.recv(2) == b"hi"


@secured
def test_a_peer_without_tls_is_silent_in_the_handshake(transport: str) -> None:
    with (
        stage("client", transport, buffered=True, script=[Accept(plain=True)]) as (socket, place),
        raising(nimnet.TimeoutError, within=(50, 5000)),
    ):
        socket.connect(place.host, place.port, timeout=50)


def secret(transport: str, *, server: bool = False) -> nimnet.SslContext:
    with stage("nothing") as (_, place):
        if transport.startswith("tls"):
            if server:
                return nimnet.new_context(cert_file=place.cert_file, key_file=place.key_file)
            return nimnet.new_context(ca_file=place.ca_file)
        context = nimnet.new_context()
        key, identity = place.psk_key, place.psk_identity
        if server:
            context.server_get_psk_func = {identity: key}.__getitem__
        else:
            context.client_get_psk_func = lambda _hint: (identity, key)
        return context


@secured
def test_an_unwrapped_client(transport: str) -> None:
    with stage("unwrapped", transport, buffered=True, script=[Accept(), Send(b"hi")]) as (
        socket,
        place,
    ):
        secret(transport).wrap_socket(socket)
        socket.connect(place.name, place.port)
        assert socket.recv(2) == b"hi"


@secured
def test_a_connection_is_secured_by_a_server(transport: str) -> None:
    script = [Send(b"hi"), Expect(b"tls"), Secure("server"), Send(b"secret")]
    with stage("unsecured", transport, buffered=True, script=script) as (socket, place):
        assert socket.recv(2) == b"hi"
        socket.send(b"tls")
        secret(transport).wrap_connected_socket(socket, nimnet.HANDSHAKE_AS_CLIENT, place.name)
        assert socket.recv(6) == b"secret"


@secured
def test_a_connection_is_secured_by_a_client(transport: str) -> None:
    script = [Secure("client"), Send(b"secret"), Close()]
    with stage("unsecured", transport, buffered=True, script=script) as (socket, _):
        context = secret(transport, server=True)
        context.wrap_connected_socket(socket, nimnet.HANDSHAKE_AS_SERVER)
        assert socket.recv(6) == b"secret"
        assert socket.recv(1) == b""


@pytest.mark.parametrize("transport", CERTIFIED)
@pytest.mark.parametrize(
    ("certificate", "words"),
    [("other_host", "mismatch"), ("expired", "expired"), ("untrusted", "")],
)
def test_a_bad_certificate(transport: str, certificate: Certificate, words: str) -> None:
    with (
        stage("client", transport, buffered=True, script=[Accept()], certificate=certificate) as (
            socket,
            place,
        ),
        raising(nimnet.SslError, message=words),
    ):
        socket.connect(place.host, place.port)


@pytest.mark.parametrize("transport", CERTIFIED)
def test_a_self_signed_server(transport: str) -> None:
    with stage("unsecured", transport, buffered=True, script=[Secure("client"), Send(b"x")]) as (
        socket,
        place,
    ):
        file = place.self_signed_file
        context = nimnet.new_context(cert_file=file, key_file=file)
        context.wrap_connected_socket(socket, nimnet.HANDSHAKE_AS_SERVER)
        assert socket.recv(1) == b"x"


@pytest.mark.parametrize("transport", ["tcp", "tcp6", "unix"])
def test_a_descriptor(transport: str) -> None:
    family = {"tcp": sockets.AF_INET, "tcp6": sockets.AF_INET6, "unix": sockets.AF_UNIX}[transport]
    with (
        stage("descriptor", transport, script=[Send(b"hi"), Expect(b"ho")]) as (_, place),
        sockets.socket(family, sockets.SOCK_STREAM, fileno=place.descriptor) as owner,
    ):
        assert owner.getblocking()
        assert owner.recv(2) == b"hi"
        owner.sendall(b"ho")


@pytest.mark.parametrize("transport", ["udp", "udp6"])
def test_datagrams(transport: str) -> None:
    script = [Send(b"one"), Send(b""), Expect(b"two"), Expect(b"")]
    with stage("datagrams", transport, buffered=True, script=script) as (socket, place):
        assert socket.recv_from(10) == (b"one", place.host, place.port)
        assert socket.recv_from(10)[0] == b""
        socket.send_to(place.host, place.port, b"two")
        socket.send_to(place.host, place.port, b"")
        assert socket.get_local_addr() == (place.own_host, place.own_port)


@pytest.mark.parametrize("transport", ["tcp", "tcp6"])
def test_places_where_nobody_answers(transport: str) -> None:
    with stage("client", transport, buffered=True) as (socket, place):
        with raising(OSError, errno=errno.ECONNREFUSED):
            socket.connect(place.host, place.closed_port)
        with raising(nimnet.TimeoutError, is_a=[OSError], is_not=[nimnet.SslError]):
            socket.connect(place.host, place.full_port, timeout=50)


def failing(error: Exception, cause: Exception | None = None) -> None:
    raise error from cause


def test_a_message_must_lack_words() -> None:
    with raising(ValueError, message="said", lacks=["the key", "the data"]):
        failing(ValueError("what is said"))
    with (
        pytest.raises(AssertionError, match="'the key' is in 'with the key'"),
        raising(ValueError, lacks=["nothing", "the key"]),
    ):
        failing(ValueError("with the key"))


def test_an_exception_must_have_its_cause() -> None:
    with raising(ValueError, cause=LookupError):
        failing(ValueError(), KeyError("k"))
    with (
        pytest.raises(AssertionError, match=r"KeyError\('k'\) is the cause, no OSError"),
        raising(ValueError, cause=OSError),
    ):
        failing(ValueError(), KeyError("k"))
    with (
        pytest.raises(AssertionError, match="None is the cause"),
        raising(ValueError, cause=Exception),
    ):
        failing(ValueError())


def addresses_of(host: str | bytes, family: int = 0) -> list[object]:
    found = sockets.getaddrinfo(host, 80, family, sockets.SOCK_STREAM)
    return [entry[4][0] for entry in found]


def test_the_resolver_answers_for_some_names_while_the_stage_lasts() -> None:
    system = _socket.getaddrinfo
    names = {"a.example": known("::1", "127.0.0.2"), "no.example": known()}
    with stage("nothing", names=names):
        assert addresses_of("a.example") == addresses_of(b"a.example") == ["::1", "127.0.0.2"]
        assert addresses_of("a.example", sockets.AF_INET) == ["127.0.0.2"]
        assert addresses_of("127.0.0.3") == ["127.0.0.3"]
        with raising(sockets.gaierror):
            addresses_of("no.example")
    assert _socket.getaddrinfo is system
    with stage("nothing", names={"four.example": known("127.0.0.2")}), raising(sockets.gaierror):
        addresses_of("four.example", sockets.AF_INET6)
    assert _socket.getaddrinfo is system


def test_a_slow_resolver_answers_late_and_holds_up_nobody_afterwards() -> None:
    names = {"slow.example": known("127.0.0.1", after=60)}
    with stage("nothing", names=names), lasting((55, 5000)):
        assert addresses_of("slow.example") == ["127.0.0.1"]
    with stage("nothing", names={"slow.example": known("127.0.0.1", after=100_000)}):
        asking = started(lambda: addresses_of("slow.example"))
    with lasting((0, 5000)):
        assert asking.result() == ["127.0.0.1"]


def test_a_queue_is_full_at_another_address_of_the_peer_s_port() -> None:
    names = {"a.example": known("127.0.0.2", full=["127.0.0.2"])}
    with stage("client", "tcp", buffered=True, script=[Accept()], names=names) as (socket, place):
        with raising(nimnet.TimeoutError):
            socket.connect("127.0.0.2", place.port, timeout=50)
        socket.connect(place.host, place.port)


def test_a_started_call_is_waiting_when_another_is_made() -> None:
    with stage("connection", "tcp", buffered=True, script=[WaitFor("go"), Send(b"x")]) as (
        socket,
        place,
    ):
        reader = started(lambda: socket.recv(1))
        place.signal("go")
        assert reader.result() == b"x"
        closed = started(lambda: socket.recv(1))
        socket.close()
        with raising(OSError, message="closed"):
            closed.result()


def read_a(socket: nimnet.Socket, size: int) -> bytes:
    return socket.recv(size)


def read_b(socket: nimnet.Socket, size: int) -> bytes:
    data = bytearray()
    socket.recv(data, size)
    return bytes(data)


READ = (Form("recv/4", read_a), Form("recv/3", read_b, ("tcp", "tls13")))


@scenario("recv.anything", transports=STREAMS, buffered=(True, False), read=READ)
def test_a_form_of_each_call(
    transport: str, buffered: bool, read: Callable[[nimnet.Socket, int], bytes]
) -> None:
    with stage("connection", transport, buffered=buffered, script=[Send(b"x")]) as (socket, _):
        assert read(socket, 1) == ANY == b"x"
